"""The functions that the service invokes: of a file here, or behind an endpoint."""
