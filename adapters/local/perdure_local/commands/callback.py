"""``perdure callback``: answer for the outside world."""

from __future__ import annotations

import json

import click

from .connection import Connection, connected
from .offers import callback_ids


@click.group(invoke_without_command=True)
@click.pass_context
def callback(context: click.Context) -> None:
    """Answer a callback, or keep it alive. Its id is in what `perdure show` prints."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@callback.command()
@click.argument("callback_id", metavar="ID", shell_complete=callback_ids)
@click.option("--result", metavar="JSON", help="JSON, @FILE or @-; none if it is not given.")
@click.option("--text", help="Instead: a text, sent as it is.")
@connected
def succeed(connection: Connection, callback_id: str, result: str | None, text: str | None) -> int:
    """Complete a callback with a result.

    A function that gave the callback no serdes gets just what was sent: of --result
    '"yes"' the quotes too.
    """
    from ..terminal.input_json import read_input

    if result is not None and text is not None:
        raise click.UsageError("--result and --text exclude each other")
    if result is not None:
        text = read_input(result, "--result")
    return _send(connection, callback_id, "succeed", (text or "").encode())


@callback.command()
@click.argument("callback_id", metavar="ID", shell_complete=callback_ids)
@click.option("--error-type")
@click.option("--error-message")
@click.option("--error-data")
@connected
def fail(
    connection: Connection,
    callback_id: str,
    error_type: str | None,
    error_message: str | None,
    error_data: str | None,
) -> int:
    """Fail a callback with an error."""
    members = {
        "ErrorType": error_type,
        "ErrorMessage": error_message,
        "ErrorData": error_data,
    }
    error = {name: value for name, value in members.items() if value is not None}
    return _send(connection, callback_id, "fail", json.dumps(error).encode())


@callback.command()
@click.argument("callback_id", metavar="ID", shell_complete=callback_ids)
@connected
def heartbeat(connection: Connection, callback_id: str) -> int:
    """Say that somebody still works on it."""
    return _send(connection, callback_id, "heartbeat", b"")


def _send(connection: Connection, callback_id: str, action: str, body: bytes) -> int:
    connection.client().callback(callback_id, action, body)
    click.echo("{}" if connection.as_json else f"{action}: done")
    return 0
