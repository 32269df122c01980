"""The daemon that matches jobs to GPU nodes and closes the hours."""
