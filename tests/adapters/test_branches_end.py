"""Batches that end early or badly, and results too large to be recorded whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.batch_completion import BatchStatus, Completion, CompletionReason
from perdure.batch_result import BatchResult
from perdure.errors import ConcurrencyError, OperationError


def double(number: int) -> int:
    return number * 2


async def raises(ctx: Context) -> object:
    raise LookupError("nothing here")


async def fails_first(ctx: Context) -> object:
    async def waits(ctx: Context) -> object:
        await ctx.wait(60, name="long")
        return "waited"

    batch = await ctx.parallel(raises, waits)
    with pytest.raises(OperationError, match="nothing here"):
        batch.throw_if_error()
    return [batch.completion_reason, [each.status for each in batch.all]]


async def one_is_enough(ctx: Context) -> object:
    async def waits(ctx: Context) -> object:
        await ctx.wait(60, name="long")
        return "waited"

    async def quick(ctx: Context) -> object:
        return await ctx.step(double, 2)

    batch = await ctx.parallel(waits, quick, completion=Completion(min_successful=1))
    return [batch.completion_reason, [each.status for each in batch.all]]


@pytest.mark.parametrize(
    ("body", "reason", "statuses"),
    [
        (
            fails_first,
            CompletionReason.FAILURE_TOLERANCE_EXCEEDED,
            {BatchStatus.FAILED, BatchStatus.STARTED},
        ),
        (
            one_is_enough,
            CompletionReason.MIN_SUCCESSFUL_REACHED,
            {BatchStatus.STARTED, BatchStatus.SUCCEEDED},
        ),
    ],
)
def test_a_batch_that_is_complete_waits_for_nobody(
    world: World,
    make_handler: MakeHandler,
    body: Callable[[Context], Awaitable[object]],
    reason: CompletionReason,
    statuses: set[BatchStatus],
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await body(ctx)

    done = world.run(make_handler(program))
    assert done.statuses == ["SUCCEEDED"]
    assert done.result[0] == reason
    assert set(done.result[1]) <= statuses


def test_a_branch_that_uses_the_outer_context_is_told_off(
    world: World, make_handler: MakeHandler
) -> None:
    raised: list[BaseException] = []

    async def program(event: Any, outer: Context) -> object:
        async def wrong(ctx: Context) -> object:
            try:
                return await outer.step(double, 1)
            except ConcurrencyError as error:
                raised.append(error)
                raise

        return (await outer.parallel(wrong, wrong)).results

    done = world.run(make_handler(program))
    assert raised
    assert done.status == "FAILED"
    assert done.shown["Error"]["ErrorType"] == "perdure.errors.ConcurrencyError"
    # Nothing was recorded in the wrong place.
    assert {op.type for op in world.operations()} == {"CONTEXT"}


def test_a_large_result_is_made_again_from_its_branches(
    world: World, make_handler: MakeHandler
) -> None:
    calls: list[int] = []

    def large(index: int) -> str:
        calls.append(index)
        return str(index) * 100_000

    async def one(ctx: Context, item: int, index: int) -> str:
        return await ctx.step(large, item, name="large")

    def shape(batch: BatchResult[str]) -> object:
        return [(text[0], len(text)) for text in batch.results]

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.map([1, 2, 3, 4], one)
        before = shape(batch)
        await ctx.wait(5)
        return [before, shape(batch)]

    done = world.run(make_handler(program))
    assert done.statuses == ["PENDING", "SUCCEEDED"]
    expected = [[str(index), 100_000] for index in (1, 2, 3, 4)]
    assert done.result == [expected, expected]
    assert sorted(calls) == [1, 2, 3, 4]
    [context] = [op for op in world.operations() if op.sub_type == "Map"]
    assert context.context_details is not None
    assert context.context_details.replay_children
    assert len(context.context_details.result or "") < 1000


def test_a_large_child_result_is_made_again(world: World, make_handler: MakeHandler) -> None:
    async def inner(ctx: Context) -> str:
        return "x" * (300_000 + await ctx.step(double, 1))

    def summary(text: str) -> str:
        return f"{len(text)} x"

    async def program(event: Any, ctx: Context) -> object:
        text = await ctx.run_in_child_context(inner, summary=summary)
        await ctx.wait(5)
        return len(text)

    done = world.run(make_handler(program))
    assert done.statuses == ["PENDING", "SUCCEEDED"]
    assert done.result == 300_002
