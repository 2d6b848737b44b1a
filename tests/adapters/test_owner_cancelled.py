"""The flow that has a map is cancelled, or suspends: its branches end with it, none begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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


async def hour(ctx: Context, item: int, index: int) -> None:
    await ctx.step(int)
    await ctx.wait(3600)


@pytest.mark.parametrize("seconds", [0, 0.003, 0.01])
@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_branches_that_were_cancelled_before_they_ran_hold_nothing_up(
    world: World, runtime: Runtime, make_handler: MakeHandler, seconds: float
) -> None:
    """Time is over while a large map begins. Afterwards the invocation can suspend."""

    async def program(event: Any, ctx: Context) -> object:
        async def job() -> object:
            return await ctx.map(range(1000), hour)

        over = await timed_out(runtime, seconds, job)
        await ctx.wait(60)
        return over

    output = make_handler(program)(world.event(), lambda_context(60))
    assert output == {"Status": "PENDING"}


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_large_map_that_loses_a_race_while_it_begins_holds_nothing_up(
    world: World, make_handler: MakeHandler
) -> None:
    async def large(ctx: Context) -> object:
        return await ctx.map(range(1000), hour)

    async def program(event: Any, ctx: Context) -> object:
        first = await ctx.race(ctx.run_in_child_context(large), ctx.step(str, "quick"))
        await ctx.wait(60)
        return first

    done = world.run(make_handler(program))
    assert (done.statuses, done.result) == (["PENDING", "SUCCEEDED"], "quick")


async def waits_in_a_task_group(ctx: Context, item: int, index: int) -> object:
    async with asyncio.TaskGroup():
        await ctx.wait(60)
    return item


async def waits_in_a_nursery(ctx: Context, item: int, index: int) -> object:
    async with trio.open_nursery():
        await ctx.wait(60)
    return item


@pytest.mark.parametrize(
    ("runtime", "branch"),
    [("asyncio", waits_in_a_task_group), ("trio", waits_in_a_nursery)],
    indirect=["runtime"],
)
def test_a_branch_may_suspend_in_a_group_of_tasks(
    world: World,
    make_handler: MakeHandler,
    branch: Callable[[Context, int, int], Awaitable[object]],
) -> None:
    """The signal comes out of it in a group, which is no fault of the branch's."""

    async def program(event: Any, ctx: Context) -> object:
        return sum((await ctx.map([1, 2, 3], branch)).results)

    done = world.run(make_handler(program))
    assert (done.statuses, done.result) == (["PENDING", "SUCCEEDED"], 6)


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
