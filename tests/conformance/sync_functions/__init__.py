"""The functions for plain sync Python: those of `async_functions` without await."""
