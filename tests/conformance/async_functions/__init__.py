"""The functions for asyncio and trio; `runtime` says which of the two."""
