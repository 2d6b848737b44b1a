"""``perdure start``, ``list``, ``show``, ``history`` and ``stop``: executions of a service."""

from __future__ import annotations

import itertools
import json
import time

import click

from .connection import Connection, connected
from .offers import arns, functions, running_arns

_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "PAUSING", "PAUSED")


@click.command()
@click.argument("function", shell_complete=functions)
@click.option("--input", "input_", default="{}", metavar="JSON", help="JSON, @FILE or @-.")
@click.option("--name", help="Of the execution. The same name and input join it.")
@connected
def start(connection: Connection, function: str, input_: str, name: str | None) -> int:
    """Start an execution of FUNCTION and print its ARN."""
    from ..terminal.input_json import read_input

    arn = connection.client().start(function, read_input(input_), name)
    click.echo(_json({"DurableExecutionArn": arn}) if connection.as_json else arn)
    return 0


@click.command("list")
@click.argument("function", required=False, shell_complete=functions)
@click.option("--status", "statuses", type=click.Choice(_STATUSES), multiple=True)
@click.option("--oldest", is_flag=True, help="The oldest first, instead of the newest.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@connected
def list_(
    connection: Connection,
    function: str | None,
    statuses: tuple[str, ...],
    oldest: bool,
    limit: int,
) -> int:
    """List executions, the newest first: those of FUNCTION, or of one function after another."""
    from ..terminal.tables import list_lines

    client = connection.client()
    query: dict[str, str | list[str]] = {"MaxItems": str(min(limit, 1000))}
    if statuses:
        query["Statuses"] = list(statuses)
    if oldest:
        query["ReverseOrder"] = "true"
    names = [function] if function is not None else client.functions()
    every = (item for name in names for item in client.executions(name, query))
    found = itertools.islice(every, limit)
    if connection.as_json:
        click.echo(_json(list(found)))
    else:
        for line in list_lines(found):
            click.echo(line)
    return 0


@click.command()
@click.argument("arn", shell_complete=arns)
@connected
def show(connection: Connection, arn: str) -> int:
    """Show an execution and the tree of its operations."""
    from ..terminal.operation_tree import operation_tree
    from ..terminal.tables import execution_lines, tree_lines

    client = connection.client()
    found = client.execution(arn)
    tree = operation_tree(client.history(arn))
    if connection.as_json:
        click.echo(_json({**found, "Operations": [node.to_json() for node in tree]}))
        return 0
    # What is open in an execution that has ended came no further than that.
    now = found.get("EndTimestamp") or time.time()
    for line in (*execution_lines(found, now), *tree_lines(tree, now)):
        click.echo(line)
    return 0


@click.command()
@click.argument("arn", shell_complete=arns)
@connected
def history(connection: Connection, arn: str) -> int:
    """Print the events of an execution; with --json as they are on the wire."""
    from ..terminal.tables import history_lines

    events = connection.client().history(arn)
    if connection.as_json:
        click.echo(_json(events))
        return 0
    for line in history_lines(events):
        click.echo(line)
    return 0


@click.command()
@click.argument("arn", shell_complete=running_arns)
@click.option("--error-type", help="Of the error that the execution ends with.")
@click.option("--error-message", help="Likewise.")
@connected
def stop(
    connection: Connection, arn: str, error_type: str | None, error_message: str | None
) -> int:
    """Stop an execution. One that has ended stays as it is."""
    from ..terminal.tables import moment

    members = {"ErrorType": error_type, "ErrorMessage": error_message}
    error = {name: value for name, value in members.items() if value is not None}
    answer = connection.client().stop(arn, error)
    said = f"ended at {moment(answer['StopTimestamp'])}"
    click.echo(_json(answer) if connection.as_json else said)
    return 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
