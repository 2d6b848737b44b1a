"""A service client of the user's own: what it raises and returns reaches everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
import trio

import perdure_asyncio
import perdure_sync
import perdure_trio
from adapters.updates import start
from adapters.world import World
from perdure.errors import DurableError
from perdure.models.checkpoint import (
    CheckpointRequest,
    CheckpointResponse,
    StatePage,
    StateRequest,
)


def broken(request: CheckpointRequest) -> CheckpointResponse:
    raise ZeroDivisionError("oops")


def nonsense(request: CheckpointRequest) -> CheckpointResponse:
    return cast("CheckpointResponse", None)


def well_behaved(request: CheckpointRequest) -> CheckpointResponse:
    return CheckpointResponse(StatePage(), f"{request.checkpoint_token}A")


Checkpoint = Callable[[CheckpointRequest], CheckpointResponse]


class SyncClient:
    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        return self._checkpoint(request)

    def get_operations(self, request: StateRequest) -> StatePage:
        raise AssertionError("nothing is missing")


class AsyncClient:
    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        return self._checkpoint(request)

    async def get_operations(self, request: StateRequest) -> StatePage:
        raise AssertionError("nothing is missing")


def on_asyncio(event: dict[str, Any], checkpoint: Checkpoint) -> None:
    async def main() -> None:
        client = AsyncClient(checkpoint)
        async with perdure_asyncio.open_execution(event, client=client) as execution:
            async with asyncio.timeout(5):
                await execution.checkpoint_sync(start("a"))

    asyncio.run(main())


def on_trio(event: dict[str, Any], checkpoint: Checkpoint) -> None:
    async def main() -> None:
        client = AsyncClient(checkpoint)
        async with perdure_trio.open_execution(event, client=client) as execution:
            with trio.fail_after(5):
                await execution.checkpoint_sync(start("a"))

    trio.run(main)


def on_sync(event: dict[str, Any], checkpoint: Checkpoint) -> None:
    client = SyncClient(checkpoint)
    with perdure_sync.open_execution(event, client=client) as execution:
        execution.checkpoint_sync(start("a"))


@pytest.mark.parametrize("run", [on_asyncio, on_trio, on_sync])
def test_a_client_of_ones_own(
    world: World, run: Callable[[dict[str, Any], Checkpoint], None]
) -> None:
    run(world.event(), well_behaved)


@pytest.mark.parametrize("run", [on_asyncio, on_trio, on_sync])
@pytest.mark.parametrize(
    ("checkpoint", "message"), [(broken, "ZeroDivisionError"), (nonsense, "NoneType")]
)
def test_a_client_that_breaks_leaves_nobody_waiting(
    world: World,
    run: Callable[[dict[str, Any], Checkpoint], None],
    checkpoint: Checkpoint,
    message: str,
) -> None:
    with pytest.raises(DurableError, match=message):
        run(world.event(), checkpoint)
