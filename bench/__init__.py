"""Measurements: `make bench`, or one of them by name: `python -m bench startup`."""
