"""The invocation suspends, whatever the function does with the signal that unwinds it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.runtime_asyncio import Asyncio
from adapters.runtime_trio import Trio
from adapters.runtimes import Runtime
from adapters.world import World


def nothing() -> None:
    pass


async def swallow_everything(ctx: Context) -> object:
    try:
        await ctx.wait(60, name="pause")
    except BaseException:
        return "swallowed"
    return "waited"


async def swallow_for_ever(ctx: Context) -> object:
    refused = 0
    for _ in range(3):
        try:
            await ctx.wait(60, name="pause")
        except BaseException:
            refused += 1
    return "waited" if refused == 0 else refused


async def raise_instead(ctx: Context) -> object:
    try:
        await ctx.wait(60, name="pause")
    except BaseException:
        raise ValueError("cannot wait") from None
    return "waited"


async def return_in_finally(ctx: Context) -> object:
    done = False
    try:
        await ctx.wait(60, name="pause")
        done = True
    finally:
        return "waited" if done else "cut off"  # noqa: B012  # what users do, too


async def durable_call_in_finally(ctx: Context) -> object:
    try:
        await ctx.wait(60, name="pause")
    finally:
        # While suspending this raises: it must take no place in the history.
        await ctx.step(nothing, name="cleanup")
    return "waited"


@pytest.mark.parametrize(
    "body",
    [swallow_everything, raise_instead, return_in_finally, durable_call_in_finally],
)
def test_what_the_function_does_with_the_signal_changes_nothing(
    world: World, make_handler: MakeHandler, body: Callable[[Context], Awaitable[object]]
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await body(ctx)

    run = world.run(make_handler(program))
    assert run.outputs[0] == {"Status": "PENDING"}
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == "waited"
    assert world.recorded()[0] == "WAIT pause SUCCEEDED"


def test_every_further_durable_call_is_refused(world: World, make_handler: MakeHandler) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await swallow_for_ever(ctx)

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "PENDING", "PENDING", "SUCCEEDED"]
    assert world.recorded() == ["WAIT pause SUCCEEDED"] * 3
    # One wait in each invocation: the later ones took no place and sent nothing.
    assert [request.actions for request in world.requests] == [["WAIT START"]] * 3


def test_finally_runs_at_each_suspension(world: World, make_handler: MakeHandler) -> None:
    cleaned: list[str] = []

    async def program(event: Any, ctx: Context) -> object:
        try:
            await ctx.wait(60)
        finally:
            cleaned.append("finally")
        return "waited"

    assert world.run(make_handler(program)).statuses == ["PENDING", "SUCCEEDED"]
    assert cleaned == ["finally", "finally"]


def test_a_suspending_invocation_takes_all_that_is_queued_along(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        await ctx.step(nothing, name="before")
        await ctx.wait(60, name="pause")
        return None

    world.run(make_handler(program))
    assert world.recorded() == ["STEP before SUCCEEDED", "WAIT pause SUCCEEDED"]


# -- groups of tasks in the user's code: their wrapping must not hide the signal -------------


async def in_task_group(ctx: Context, beside: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_as_coroutine(beside))
        await ctx.wait(60, name="pause")


async def in_nursery(ctx: Context, beside: Callable[[], Awaitable[object]]) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(beside)
        await ctx.wait(60, name="pause")


async def _as_coroutine(beside: Callable[[], Awaitable[object]]) -> None:
    await beside()


GROUPS = [
    pytest.param(Asyncio(), in_task_group, asyncio.sleep, id="asyncio"),
    pytest.param(Trio(), in_nursery, trio.sleep, id="trio"),
]
Group = Callable[[Context, Callable[[], Awaitable[object]]], Awaitable[None]]


@pytest.mark.parametrize(("runtime", "group", "sleep"), GROUPS)
def test_suspension_within_a_group_of_tasks(
    world: World,
    make_handler: MakeHandler,
    runtime: Runtime,
    group: Group,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    cancelled: list[str] = []

    async def beside() -> None:
        try:
            await sleep(0 if cancelled else 30)
        except BaseException:
            cancelled.append("beside")
            raise

    async def program(event: Any, ctx: Context) -> object:
        await group(ctx, beside)
        return "waited"

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == "waited"
    assert cancelled == ["beside"]


@pytest.mark.parametrize(("runtime", "group", "sleep"), GROUPS)
def test_an_error_beside_the_suspension_does_not_undo_it(
    world: World,
    make_handler: MakeHandler,
    runtime: Runtime,
    group: Group,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    runs: list[int] = []

    async def beside() -> None:
        runs.append(1)
        if len(runs) > 1:
            return
        try:
            await sleep(30)
        except BaseException:
            raise ValueError("raised while being cancelled") from None

    async def program(event: Any, ctx: Context) -> object:
        await group(ctx, beside)
        return "waited"

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]


@pytest.mark.parametrize(("runtime", "group", "sleep"), GROUPS)
def test_an_error_in_a_group_without_suspension_fails_the_execution(
    world: World,
    make_handler: MakeHandler,
    runtime: Runtime,
    group: Group,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    async def beside() -> None:
        raise ValueError("first")

    async def program(event: Any, ctx: Context) -> object:
        await ctx.step(nothing)
        if isinstance(runtime, Asyncio):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_as_coroutine(beside))
        else:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(beside)
        return "fine"

    [output] = world.run(make_handler(program)).outputs
    assert isinstance(output, dict)
    assert output["Status"] == "FAILED"
    assert output["Error"]["ErrorType"] == "ExceptionGroup"
