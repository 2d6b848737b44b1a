"""What may happen to an operation, one file for each type."""
