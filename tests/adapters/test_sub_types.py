"""A subtype of one's own: shown in the history, compared on replay, checked before it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.errors import ValidationError


def one() -> int:
    return 1


async def child(ctx: Context) -> int:
    return 1


def test_the_history_shows_what_kind_of_operation_it_is(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        await ctx.step(one, sub_type="Bank-Call")
        await ctx.run_in_child_context(child, sub_type="Bank_Day")
        await ctx.create_callback(sub_type="Human")
        await ctx.wait(1)
        return "same"

    assert world.run(make_handler(program)).result == "same"
    kinds = [(str(op.type), op.sub_type) for op in world.operations()]
    assert kinds == [
        ("STEP", "Bank-Call"),
        ("CONTEXT", "Bank_Day"),
        ("CALLBACK", "Human"),
        ("WAIT", "Wait"),
    ]


def test_a_wait_for_a_callback_keeps_the_kinds_of_what_is_inside(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await ctx.wait_for_callback(print, timeout=60, sub_type="Approval")

    assert world.run(make_handler(program)).status == "FAILED"
    kinds = [op.sub_type for op in world.operations()]
    assert kinds == ["Approval", "Callback", "Step"]


def test_another_kind_on_replay_is_another_operation(
    world: World, make_handler: MakeHandler
) -> None:
    runs: list[int] = []

    async def program(event: Any, ctx: Context) -> object:
        runs.append(1)
        await ctx.step(one, sub_type="Old" if len(runs) == 1 else "New")
        await ctx.wait(1)
        return None

    run = world.run(make_handler(program))
    assert run.status == "FAILED"
    message = run.shown["Error"]["ErrorMessage"]
    assert "Old" in message
    assert "New" in message


async def a_step(ctx: Context, kind: Any) -> object:
    return await ctx.step(one, sub_type=kind)


async def a_child(ctx: Context, kind: Any) -> object:
    return await ctx.run_in_child_context(child, sub_type=kind)


async def a_callback(ctx: Context, kind: Any) -> object:
    return await ctx.create_callback(sub_type=kind)


async def a_wait_for_a_callback(ctx: Context, kind: Any) -> object:
    return await ctx.wait_for_callback(print, sub_type=kind)


@pytest.mark.parametrize("kind", ["two words", "x" * 33, "über", 5])
@pytest.mark.parametrize("operation", [a_step, a_child, a_callback, a_wait_for_a_callback])
def test_what_the_service_would_refuse_takes_no_place(
    world: World,
    make_handler: MakeHandler,
    operation: Callable[[Context, Any], Awaitable[object]],
    kind: object,
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        with pytest.raises(ValidationError, match="a subtype is 1 to 32 of"):
            await operation(ctx, kind)
        return await ctx.step(one)

    assert world.run(make_handler(program)).result == 1
    assert world.recorded() == ["STEP None SUCCEEDED"]
