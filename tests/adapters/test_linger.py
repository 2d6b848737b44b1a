"""Updates that nobody waits for leave soon, whatever the function is busy with."""

from __future__ import annotations

import time
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.updates import start
from adapters.world import World
from perdure.batching import Batcher


def quick() -> int:
    return 1


def delay(world: World, began: float, name: str) -> float:
    """Seconds from a moment until the START of a step was received."""
    [request] = [
        request
        for request in world.requests
        if any((u["Name"], u["Action"]) == (name, "START") for u in request.updates)
    ]
    return request.at - began


def test_start_leaves_while_a_long_body_runs(
    world: World, make_handler: MakeHandler, runtime: Runtime
) -> None:
    began = 0.0

    async def long() -> str:
        nonlocal began
        began = time.monotonic()
        await runtime.sleep(0.4)
        return "done"

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(runtime.body(long), name="long")

    assert world.run(make_handler(program)).result == "done"
    assert [request.actions for request in world.requests] == [["STEP START"], ["STEP SUCCEED"]]
    assert 0.08 < delay(world, began, "long") < 0.25


def test_the_linger_begins_with_the_update_not_with_an_earlier_one(
    world: World, runtime: Runtime
) -> None:
    began = 0.0

    async def long() -> None:
        nonlocal began
        began = time.monotonic()
        await runtime.sleep(0.4)

    async def program(event: Any, ctx: Context) -> object:
        for number in range(3):
            await ctx.step(quick, name=f"quick{number}")
        await ctx.step(runtime.body(long), name="long")
        return None

    settings = world.loopback.settings()
    world.run(runtime.entry_point(program, settings, batcher=Batcher(linger=0.2)))
    assert len(world.requests) == 5
    assert 0.18 < delay(world, began, "long") < 0.3


def test_what_is_queued_without_waiting_leaves_by_itself(world: World, runtime: Runtime) -> None:
    async def main() -> float:
        async with runtime.open(world.event(), world.loopback.settings()) as session:
            began = time.monotonic()
            for name in ("a", "b", "c"):
                await session.checkpoint_async(start(name))
            await runtime.sleep(0.3)
            assert [request.actions for request in world.requests] == [["STEP START"] * 3]
            return delay(world, began, "a")

    assert 0.08 < runtime.run(main) < 0.25


@pytest.mark.parametrize("linger", [10.0])
def test_leaving_does_not_wait_for_the_linger(
    world: World, runtime: Runtime, linger: float
) -> None:
    began = time.monotonic()

    async def main() -> None:
        async with runtime.open(
            world.event(), world.loopback.settings(), batcher=Batcher(linger=linger)
        ) as session:
            await session.checkpoint_async(start("a"))

    runtime.run(main)
    assert time.monotonic() - began < 5
    assert world.recorded() == ["STEP a STARTED"]
