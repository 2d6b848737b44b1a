"""From a handler of any runtime to one invocation of it on virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..functions.lambda_context import LambdaContext
from .failure import MisuseError
from .flight import Flight


def carry_out(
    handler: object, event: Mapping[str, Any], context: LambdaContext, *, flight: Flight
) -> dict[str, Any]:
    """Carry out one invocation in the calling thread, which has the turn.

    Raises:
        MisuseError: the handler is of no runtime that is known here.
    """
    del context  # the flight has it
    match getattr(handler, "runtime", None):
        case "asyncio":
            from perdure_asyncio.handler import AsyncioHandler

            from . import asyncio_time

            if isinstance(handler, AsyncioHandler):
                return asyncio_time.invoke(handler, event, flight)
        case "trio":
            from perdure_trio.handler import TrioHandler

            from . import trio_time

            if isinstance(handler, TrioHandler):
                return trio_time.invoke(handler, event, flight)
        case "sync":
            from perdure_sync.handler import SyncHandler

            from . import sync_time

            if isinstance(handler, SyncHandler):
                return sync_time.invoke(handler, event, flight)
        case _:
            pass
    raise MisuseError(f"{handler!r} is no durable function of asyncio, trio or sync")
