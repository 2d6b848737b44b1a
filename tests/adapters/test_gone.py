"""What an invocation knew is gone with it at once, and is no work for the garbage collector.

Lambda keeps the process: what lies about until a collection comes counts in its memory.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Generator
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context, Program
from adapters.world import World, lambda_context
from perdure.errors import OperationError
from perdure.retries import NO_RETRY
from perdure.state import ExecutionState
from perdure.waits import poll_until


@pytest.fixture
def no_collector() -> Generator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def steps(event: Any, ctx: Context) -> object:
    return await ctx.step(int, 1) + await ctx.step(int, 2)


async def waits(event: Any, ctx: Context) -> object:
    await ctx.wait(60)
    return 1


async def fails(event: Any, ctx: Context) -> object:
    return await ctx.step(int, "x")


async def branches(event: Any, ctx: Context) -> object:
    async def one(inner: Context, item: int, index: int) -> int:
        return await inner.step(int, item)

    return sum((await ctx.map(range(30), one)).results)


async def waiting_branches(event: Any, ctx: Context) -> object:
    async def one(inner: Context, item: int, index: int) -> None:
        await inner.wait(60)

    await ctx.map(range(30), one)
    return 1


async def failing_branches(event: Any, ctx: Context) -> object:
    async def one(inner: Context, item: int, index: int) -> int:
        raise ValueError(item)

    return len((await ctx.map(range(30), one)).failed)


async def children(event: Any, ctx: Context) -> object:
    async def inner(child: Context) -> int:
        child.logger.info("hello")
        return await child.step(int, 3)

    return await ctx.run_in_child_context(inner)


async def failing_child(event: Any, ctx: Context) -> object:
    async def inner(child: Context) -> int:
        raise ValueError("no")

    return await ctx.run_in_child_context(inner)


async def caught(event: Any, ctx: Context) -> object:
    async def inner(child: Context) -> int:
        raise ValueError("no")

    try:
        await ctx.run_in_child_context(inner)
    except OperationError:
        await ctx.step(int, 1)
    return 1


async def caught_step(event: Any, ctx: Context) -> object:
    try:
        await ctx.step(int, "x", retry=NO_RETRY)
    except OperationError:
        await ctx.step(int, 1)
    return 1


async def condition(event: Any, ctx: Context) -> object:
    def more(number: int) -> int:
        return number + 1

    return await ctx.wait_for_condition(more, 0, poll_until(lambda number: number > 1))


PROGRAMS = [
    *(steps, waits, fails, children, failing_child, caught, caught_step, condition),
    *(branches, waiting_branches, failing_branches),
]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_nothing_of_an_invocation_is_left(
    world: World, make_handler: MakeHandler, program: Program
) -> None:
    known: list[weakref.ref[ExecutionState]] = []

    async def remembered(event: Any, ctx: Context) -> object:
        known.append(weakref.ref(ctx.state))
        return await program(event, ctx)

    handler = make_handler(remembered)
    handler(world.event(), lambda_context(30))
    assert [each() for each in known] == [None]
