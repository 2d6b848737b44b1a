"""with_retry, endings, and now, random and uuid, on the three runtimes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.errors import ChildContextError
from perdure.retries import NO_RETRY, fixed


def test_a_body_is_tried_again_as_a_whole(world: World, make_handler: MakeHandler) -> None:
    attempts: list[str] = []

    def flaky(text: str) -> str:
        attempts.append(text)
        if len(attempts) < 2:
            raise ConnectionError("busy")
        return text

    async def body(ctx: Context, text: str) -> str:
        return await ctx.step(flaky, text, name="try", retry=NO_RETRY)

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.with_retry(body, "hello", name="order", retry=fixed(7))

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == "hello"
    assert world.recorded() == [
        "CONTEXT order SUCCEEDED",
        "STEP try FAILED",
        "WAIT order-backoff-1 SUCCEEDED",
        "STEP try SUCCEEDED",
    ]
    assert world.actions() == [
        *("CONTEXT START", "STEP START", "STEP FAIL", "WAIT START"),
        *("STEP START", "STEP SUCCEED", "CONTEXT SUCCEED"),
    ]


def test_when_all_attempts_failed_the_last_error_counts(
    world: World, make_handler: MakeHandler
) -> None:
    async def body(ctx: Context) -> str:
        raise LookupError("not there")

    async def program(event: Any, ctx: Context) -> object:
        try:
            return await ctx.with_retry(body)
        except ChildContextError as error:
            return [error.error_type, error.message]

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "PENDING", "SUCCEEDED"]
    assert run.result == ["LookupError", "not there"]
    waits = [each for each in world.recorded() if each.startswith("WAIT")]
    assert waits == ["WAIT None SUCCEEDED"] * 2


def test_values_that_no_replay_could_make_again(world: World, make_handler: MakeHandler) -> None:
    seen: list[tuple[object, ...]] = []

    async def program(event: Any, ctx: Context) -> object:
        now, chance, unique = await ctx.now(), await ctx.random(), await ctx.uuid()
        seen.append((now, chance, unique))
        await ctx.wait(5)
        return [now.utcoffset() is not None, 0 <= chance < 1, unique.version]

    run = world.run(make_handler(program))
    assert run.result == [True, True, 4]
    assert len(seen) == 2
    assert seen[0] == seen[1]
    names = ["STEP now SUCCEEDED", "STEP random SUCCEEDED", "STEP uuid SUCCEEDED"]
    assert world.recorded()[:3] == names


class Order(BaseModel):
    number: int
    lines: list[str]


def make_order(number: int) -> Order:
    return Order(number=number, lines=["tea"])


def test_a_model_comes_back_as_a_model(world: World, make_handler: MakeHandler) -> None:
    seen: list[object] = []

    async def program(event: Any, ctx: Context) -> object:
        seen.append(await ctx.step(make_order, 7, name="order"))
        await ctx.wait(5)
        return "done"

    assert world.run(make_handler(program)).result == "done"
    assert seen == [make_order(7)] * 2
    details = world.operations()[0].step_details
    assert details is not None
    assert details.result == '{"number":7,"lines":["tea"]}'


@pytest.mark.parametrize("fails", [False, True])
def test_endings_run_once_at_the_true_end(
    world: World, make_handler: MakeHandler, fails: bool
) -> None:
    done: list[str] = []

    async def program(event: Any, ctx: Context) -> object:
        ctx.at_end(done.append, "close", name="close")
        ctx.on_failure(done.append, "refund", name="refund")
        await ctx.wait(60)
        assert done == []
        if fails:
            raise ValueError("no stock")
        return "sold"

    run = world.run(make_handler(program))
    assert done == (["refund", "close"] if fails else ["close"])
    assert run.statuses == ["PENDING", "FAILED" if fails else "SUCCEEDED"]


def test_an_ending_is_tried_again(world: World, make_handler: MakeHandler) -> None:
    attempts: list[int] = []

    def refund() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("busy")

    async def program(event: Any, ctx: Context) -> object:
        ctx.on_failure(refund, name="refund", retry=fixed(5))
        raise ValueError("no stock")

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "FAILED"]
    assert len(attempts) == 2
    assert run.shown["Error"]["ErrorMessage"] == "no stock"
