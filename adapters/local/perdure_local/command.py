"""The ``perdure`` command. It imports next to nothing before a subcommand runs."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

try:
    import click
except ImportError:
    sys.exit("perdure: the command line is an extra: pip install 'perdure[local]'")

from .commands.callback import callback
from .commands.completion import completion
from .commands.dev import dev
from .commands.executions import history, list_, show, start, stop
from .commands.replay import replay
from .commands.run import run

FAILED_EXIT = 1
USAGE_EXIT = 2
INTERRUPTED_EXIT = 130
COMPLETE_VARIABLE = "_PERDURE_COMPLETE"


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="perdure", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Run AWS Lambda durable functions on this machine."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (run, dev, start, list_, show, history, stop, callback, replay, completion):
    cli.add_command(command)


def main() -> NoReturn:
    """The entry point: runs the command line and exits, with one line for what it refuses."""
    from .terminal.leaving import leave
    from .terminal.refused import Refused

    if COMPLETE_VARIABLE in os.environ:
        from .commands.shell_completion import install

        install()
    try:
        status = cli.main(prog_name="perdure", standalone_mode=False)
    except click.ClickException as error:
        _complain(error.format_message())
        leave(error.exit_code)
    except Refused as refused:
        _complain(str(refused))
        leave(USAGE_EXIT)
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        leave(INTERRUPTED_EXIT)
    except SystemExit as ended:
        # click's answer to a shell that asks for completions, and to a reader of our output
        # that has gone.
        leave(ended.code if isinstance(ended.code, int) else FAILED_EXIT)
    leave(status or 0)


def _complain(message: str) -> None:
    from .terminal.printable import printable

    click.echo(f"perdure: {printable(message)}", err=True)
