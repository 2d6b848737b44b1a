"""One durable function per conformance requirement, on every runtime."""
