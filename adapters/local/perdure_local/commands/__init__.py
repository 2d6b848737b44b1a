"""The subcommands of ``perdure``: their options, one file for a command or a family."""
