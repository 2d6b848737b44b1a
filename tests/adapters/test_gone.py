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
from adapters.later import later
from adapters.programs import Context, Program
from adapters.world import World, lambda_context
from perdure.batch_completion import BatchProgress, Completion, CompletionDecision
from perdure.errors import OperationError
from perdure.plugins import InvocationStartInfo, Plugin, PluginFactory
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


async def race(event: Any, ctx: Context) -> object:
    return await ctx.race(later(ctx, "wait", 60), later(ctx, "step", int))


async def none_succeeds(event: Any, ctx: Context) -> object:
    try:
        return await ctx.any(*(later(ctx, "step", int, "x", retry=NO_RETRY) for _ in range(3)))
    except OperationError:
        return await ctx.step(int)


async def one_fails(event: Any, ctx: Context) -> object:
    try:
        bad = later(ctx, "step", int, "x", retry=NO_RETRY)
        return await ctx.gather(later(ctx, "wait", 60), bad)
    except OperationError:
        return await ctx.step(int)


async def first_of_many(event: Any, ctx: Context) -> object:
    async def one(inner: Context, item: int, index: int) -> int:
        if index != 7:
            await inner.wait(60)
        return index

    return (await ctx.map(range(30), one, completion=Completion(min_successful=1))).results


async def broken_rule(event: Any, ctx: Context) -> object:
    async def one(inner: Context, item: int, index: int) -> int:
        return await inner.step(int)

    def rule(progress: BatchProgress) -> CompletionDecision:
        if progress.success_count:
            raise ValueError("no rule")
        return CompletionDecision.CONTINUE

    return (await ctx.map(range(30), one, completion=Completion(should_complete=rule))).results


PROGRAMS = [
    *(steps, waits, fails, children, failing_child, caught, caught_step, condition),
    *(branches, waiting_branches, failing_branches, first_of_many, broken_rule),
    *(race, none_succeeds, one_fails),
]


class Plugins:
    """A factory of plugins that do nothing."""

    def create_plugin(self, info: InvocationStartInfo) -> Plugin:
        return Plugin()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("plugins", [[], [Plugins()]], ids=["", "plugins"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_nothing_of_an_invocation_is_left(
    world: World, make_handler: MakeHandler, program: Program, plugins: list[PluginFactory]
) -> None:
    known: list[weakref.ref[ExecutionState]] = []

    async def remembered(event: Any, ctx: Context) -> object:
        known.append(weakref.ref(ctx.state))
        return await program(event, ctx)

    handler = make_handler(remembered, plugins=plugins)
    handler(world.event(), lambda_context(30))
    assert [each() for each in known] == [None]
