"""What the command line reads and writes: progress, tables, trees, refusals."""
