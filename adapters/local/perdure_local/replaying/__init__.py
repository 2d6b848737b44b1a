"""``perdure replay``: recorded histories through the code of today, and the report."""
