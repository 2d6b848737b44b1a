"""``perdure replay``: recorded histories against the code of today."""

from __future__ import annotations

import click


@click.command()
@click.argument(
    "histories",
    metavar="HISTORY...",
    nargs=-1,
    required=True,
    type=click.Path(),
)
@click.argument("target", metavar="FILE[:NAME]", type=click.Path())
@click.option(
    "--runtime",
    type=click.Choice(["asyncio", "trio", "sync"]),
    help="Which handler of the file to replay; asyncio if it has several.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def replay(histories: tuple[str, ...], target: str, runtime: str | None, as_json: bool) -> int:
    """Replay recorded histories against the code of FILE, and say where it diverges.

    A HISTORY is a JSON file: what `perdure history ARN --json` or `aws lambda
    get-durable-execution-history` printed; or a folder of such files; `-` is standard
    input. No step runs and nothing is sent: what is recorded returns, and where a history
    ends the function stops.

    Exits with 0 if all agree, 1 if one diverges, 2 if one cannot be read.
    """
    from ..replaying.replay import ReplayRequest, replay_all

    return replay_all(ReplayRequest(histories, target, runtime, as_json))
