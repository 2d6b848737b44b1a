"""The flow that has a map is cancelled: its branches end with it, and no other one begins."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import trio

from adapters.conftest import ASYNC, MakeHandler
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.test_branches_cancelled import timed_out
from adapters.world import World, lambda_context


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_branch_that_swallows_it_is_followed_by_none(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """It ends well all the same, and its slot is free: the next one would run for nobody."""
    begun: list[int] = []

    async def stubborn() -> str:
        try:
            await runtime.sleep(30)
        except (asyncio.CancelledError, trio.Cancelled):
            return "cancelled"
        return "slept"

    async def branch(ctx: Context, item: int, index: int) -> object:
        begun.append(index)
        return await ctx.step(stubborn)

    async def program(event: Any, ctx: Context) -> object:
        async def job() -> object:
            return await ctx.map([1, 2, 3], branch, max_concurrency=1)

        return await timed_out(runtime, 0.1, job)

    output = make_handler(program)(world.event(), lambda_context(60))
    assert (output["Status"], output["Result"]) == ("SUCCEEDED", "true")
    assert begun == [0]


@pytest.mark.parametrize("runtime", ["asyncio"], indirect=True)
def test_cancelled_once_more_it_still_waits_for_its_branches(
    world: World, make_handler: MakeHandler
) -> None:
    """A branch that cleans up would else outlive the map, and write beside what follows."""
    order: list[str] = []

    async def cleans_up() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.1)
            order.append("branch")

    async def branch(ctx: Context, item: int, index: int) -> object:
        return await ctx.step(cleans_up)

    async def program(event: Any, ctx: Context) -> object:
        owner = asyncio.current_task()
        assert owner is not None
        loop = asyncio.get_running_loop()
        for delay in (0.02, 0.05, 0.07):
            loop.call_later(delay, owner.cancel)
        try:
            await ctx.map([1], branch)
        except asyncio.CancelledError:
            order.append("owner")
        while owner.cancelling():
            owner.uncancel()
        return order

    output = make_handler(program)(world.event(), lambda_context(60))
    assert (output["Status"], order) == ("SUCCEEDED", ["branch", "owner"])
