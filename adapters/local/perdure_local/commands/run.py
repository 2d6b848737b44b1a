"""``perdure run``: one execution, here and now."""

from __future__ import annotations

import click


@click.command()
@click.argument("target", metavar="FILE[:NAME]", type=click.Path())
@click.option("--input", "input_", default="{}", metavar="JSON", help="JSON, @FILE or @-.")
@click.option(
    "--runtime",
    type=click.Choice(["asyncio", "trio", "sync"]),
    help="Which handler of the file to run; asyncio if it has several.",
)
@click.option("--skip-time", is_flag=True, help="Jump over waits and retry delays.")
@click.option(
    "--history", metavar="PATH", type=click.Path(), help="Write the history to this file, as JSON."
)
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
    from ..run import RunRequest, run_to_end

    return run_to_end(RunRequest(target, input_, runtime, skip_time, history, as_json))
