"""What a shell is offered for an argument: names and ids that the running service knows.

A shell waits for it, so it looks at few executions, and offers nothing if nobody answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from ..client import LocalClient

_MOST: Final = 100
_MOST_LOOKED_INTO: Final = 20

Offer = Callable[[click.Context, click.Parameter, str], list[str]]


def _of_service(find: Callable[[LocalClient], Iterable[str]]) -> Offer:
    def offer(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        from ..terminal.refused import Refused
        from .connection import DEFAULT_PORT, Connection

        endpoint = context.params.get("endpoint") or f"http://127.0.0.1:{DEFAULT_PORT}"
        connection = Connection(endpoint, context.params.get("token"), as_json=False)
        try:
            found = [each for each in find(connection.client()) if each.startswith(typed)]
        except (Refused, KeyError, TypeError):
            return []
        return found

    return offer


def _functions(client: LocalClient) -> Iterator[str]:
    return itertools.islice(client.functions(), _MOST)


def _arns(client: LocalClient, status: str | None = None, most: int = _MOST) -> Iterator[str]:
    query: dict[str, str | list[str]] = {"MaxItems": str(most)}
    if status is not None:
        query["Statuses"] = [status]
    every = (item for name in client.functions() for item in client.executions(name, query))
    return (item["DurableExecutionArn"] for item in itertools.islice(every, most))


def _callback_ids(client: LocalClient) -> Iterator[str]:
    from ..terminal.operation_tree import Node, operation_tree

    def of(nodes: Iterable[Node]) -> Iterator[str]:
        for node in nodes:
            if node.callback_id is not None and node.ended is None:
                yield node.callback_id
            yield from of(node.children)

    for arn in _arns(client, "RUNNING", _MOST_LOOKED_INTO):
        yield from of(operation_tree(client.history(arn)))


functions: Final = _of_service(_functions)
"""The names of its durable functions."""

arns: Final = _of_service(_arns)
"""The ARNs of its newest executions."""

running_arns: Final = _of_service(lambda client: _arns(client, "RUNNING"))
"""Likewise, of those that run."""

callback_ids: Final = _of_service(_callback_ids)
"""The ids of open callbacks."""
