"""The load generator of load.py: one process, one event loop, as cheap as Python allows."""
