"""The whole network on one machine: `iog demo` and `make demo`."""
