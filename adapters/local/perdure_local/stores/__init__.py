"""Where executions are kept over the end of the process: an SQLite file."""
