"""The ``perdure`` command. It imports next to nothing before a subcommand runs."""

from __future__ import annotations

import sys
from typing import NoReturn

try:
    import click
except ImportError:
    sys.exit("perdure: the command line is an extra: pip install 'perdure[local]'")

FAILED_EXIT = 1
USAGE_EXIT = 2
INTERRUPTED_EXIT = 130


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Run AWS Lambda durable functions on this machine."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@click.argument("target", metavar="FILE[:NAME]")
@click.option("--input", "input_", default="{}", metavar="JSON", help="JSON, @FILE or @-.")
@click.option(
    "--runtime",
    type=click.Choice(["asyncio", "trio", "sync"]),
    help="Which handler of the file to run; asyncio if it has several.",
)
@click.option("--skip-time", is_flag=True, help="Jump over waits and retry delays.")
@click.option("--history", metavar="PATH", help="Write the history to this file, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def run(
    target: str,
    input_: str,
    runtime: str | None,
    skip_time: bool,
    history: str | None,
    as_json: bool,
) -> int:
    """Run a durable function to its end, against a service inside this process.

    Prints its result as JSON. Exits with 0, or with 1 if it failed.
    """
    from .run import RunRequest, run_to_end

    return run_to_end(RunRequest(target, input_, runtime, skip_time, history, as_json))


def main() -> NoReturn:
    """The entry point: runs the command line and exits, with one line for what it refuses."""
    from .leaving import leave
    from .refused import Refused

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
    except SystemExit:
        # click's answer to a reader of our output that has gone.
        leave(FAILED_EXIT)
    leave(status or 0)


def _complain(message: str) -> None:
    from .printable import printable

    click.echo(f"perdure: {printable(message)}", err=True)
