"""A serdes that cannot reach its storage now: the invocation ends, and Lambda repeats it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.errors import RetryableSerDesError
from perdure.serdes import JSON, SerDes, Value
from perdure.waits import poll_until


class Unreachable:
    """JSON, but for the first call of one of its methods."""

    def __init__(self, failing: str) -> None:
        self._failing = failing

    def encode(self, value: Value) -> str:
        self._once("encode")
        return JSON.encode(value)

    def decode(self, text: str) -> Value:
        self._once("decode")
        return JSON.decode(text)

    def _once(self, method: str) -> None:
        if method == self._failing:
            self._failing = ""
            raise RetryableSerDesError("the storage is away")


async def in_a_step(ctx: Context, serdes: SerDes) -> object:
    return await ctx.step(lambda: 5, serdes=serdes)


async def in_a_child(ctx: Context, serdes: SerDes) -> object:
    async def child(ctx: Context) -> object:
        return await ctx.step(lambda: 5)

    return await ctx.run_in_child_context(child, serdes=serdes)


async def inside_a_child(ctx: Context, serdes: SerDes) -> object:
    async def child(ctx: Context) -> object:
        return await ctx.step(lambda: 5, serdes=serdes)

    return await ctx.run_in_child_context(child)


async def in_a_branch(ctx: Context, serdes: SerDes) -> object:
    async def one(ctx: Context, item: int, index: int) -> object:
        return await ctx.step(lambda: item, serdes=serdes)

    return (await ctx.map([5], one)).results[0]


def one_more(state: int) -> int:
    return state + 1


async def in_a_condition(ctx: Context, serdes: SerDes) -> object:
    met = poll_until(lambda state: state == 5)
    return await ctx.wait_for_condition(one_more, 4, met, serdes=serdes)


@pytest.mark.parametrize("failing", ["encode", "decode"])
@pytest.mark.parametrize(
    "operation", [in_a_step, in_a_child, inside_a_child, in_a_branch, in_a_condition]
)
def test_nothing_is_recorded_and_the_invocation_is_repeated(
    world: World,
    make_handler: MakeHandler,
    operation: Callable[[Context, SerDes], Awaitable[object]],
    failing: str,
) -> None:
    serdes = Unreachable(failing)

    async def program(event: Any, ctx: Context) -> object:
        try:
            return await operation(ctx, serdes)
        except Exception as error:
            # What swallows it goes on for nothing.
            return f"swallowed {type(error).__name__}"

    run = world.run(make_handler(program))
    assert run.statuses == ["RetryableSerDesError", "SUCCEEDED"]
    assert run.result == 5
    assert not [each for each in world.recorded() if each.endswith("FAILED")]


def test_a_record_that_cannot_be_read_now(world: World, make_handler: MakeHandler) -> None:
    serdes = Unreachable("")

    async def program(event: Any, ctx: Context) -> object:
        value = await ctx.step(lambda: 5, serdes=serdes)
        if not ctx.is_replaying():
            serdes._failing = "decode"  # pyright: ignore[reportPrivateUsage]  # the storage goes
        await ctx.wait(60)
        return value

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "RetryableSerDesError", "SUCCEEDED"]
    assert run.result == 5
