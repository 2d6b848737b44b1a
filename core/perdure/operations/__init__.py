"""The durable operations, one file each, written once for every runtime."""
