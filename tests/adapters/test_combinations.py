"""Gather, all_settled, race and any on the three runtimes: the same outcome on every run."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import perdure_sync
from adapters.conftest import ASYNC, MakeHandler
from adapters.later import later
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World
from perdure.errors import BatchError, StepError, ValidationError
from perdure.retries import NO_RETRY

Combine = Callable[[Context], Awaitable[object]]


def step(ctx: Context, value: object, **options: Any) -> Any:
    return later(ctx, "step", lambda: value, name=f"step {value}", **options)


def failing(ctx: Context, message: str) -> Any:
    def refuse() -> None:
        raise ValueError(message)

    return later(ctx, "step", refuse, name=f"failing {message}", retry=NO_RETRY)


def wait(ctx: Context, seconds: int) -> Any:
    return later(ctx, "wait", seconds, name=f"wait {seconds}")


def hour(ctx: Context) -> Any:
    return wait(ctx, 3600)


async def in_child(ctx: Context, text: str) -> str:
    first = await ctx.step(str.upper, text)
    await ctx.wait(2)
    return await ctx.step(str.lower, first) + first


# What a program does, what comes of it, and how often it is suspended, with a wait at its end.
PROGRAMS: list[tuple[str, Combine, object, int]] = [
    ("gather", lambda ctx: ctx.gather(step(ctx, 1), step(ctx, "b")), [1, "b"], 1),
    ("gather of none", lambda ctx: ctx.gather(), [], 1),
    (
        "gather suspends when none can move",
        lambda ctx: ctx.gather(hour(ctx), step(ctx, 1)),
        [None, 1],
        2,
    ),
    (
        "gather of contexts",
        lambda ctx: ctx.gather(
            later(ctx, "run_in_child_context", in_child, "a"),
            later(ctx, "run_in_child_context", in_child, "b"),
        ),
        ["aA", "bB"],
        2,
    ),
    (
        "gather fails with the first failure",
        lambda ctx: ctx.gather(hour(ctx), failing(ctx, "no")),
        "StepError: no",
        1,
    ),
    ("race", lambda ctx: ctx.race(hour(ctx), step(ctx, 2)), 2, 1),
    (
        "race of a failure",
        lambda ctx: ctx.race(failing(ctx, "no"), hour(ctx)),
        "StepError: no",
        1,
    ),
    ("any", lambda ctx: ctx.any(failing(ctx, "no"), step(ctx, 2)), 2, 1),
    (
        "any of failures",
        lambda ctx: ctx.any(failing(ctx, "no"), failing(ctx, "never")),
        "BatchError: none of 2 operations succeeded: no; never",
        1,
    ),
    (
        "one combination in another",
        lambda ctx: ctx.gather(
            later(ctx, "race", hour(ctx), step(ctx, 1)), later(ctx, "any", step(ctx, 2))
        ),
        [1, 2],
        1,
    ),
]


@pytest.mark.parametrize(
    ("combine", "outcome", "suspensions"),
    [case[1:] for case in PROGRAMS],
    ids=[case[0] for case in PROGRAMS],
)
def test_a_combination(
    world: World,
    make_handler: MakeHandler,
    combine: Combine,
    outcome: object,
    suspensions: int,
) -> None:
    seen: list[object] = []

    async def program(event: Any, ctx: Context) -> object:
        came_to: object
        try:
            came_to = await combine(ctx)
        except (StepError, BatchError) as error:
            came_to = f"{type(error).__name__}: {error}"
        seen.append(came_to)
        await ctx.wait(60, name="afterwards")
        return came_to

    run = world.run(make_handler(program))
    assert run.result == outcome
    # One more run, from the record: nothing of it may differ.
    assert seen == [seen[0]] * len(seen)
    assert len(seen) >= 2
    assert run.statuses == ["PENDING"] * suspensions + ["SUCCEEDED"]


def test_what_became_of_all(world: World, make_handler: MakeHandler) -> None:
    async def program(event: Any, ctx: Context) -> object:
        settled = await ctx.all_settled(step(ctx, 1), failing(ctx, "no"), wait(ctx, 2))
        return [[item.index, item.status, item.result] for item in settled.all] + [
            error.error_message for error in settled.errors
        ]

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == [[0, "SUCCEEDED", 1], [1, "FAILED", None], [2, "SUCCEEDED", None], "no"]


def test_a_loser_that_ends_later_changes_nothing(world: World, make_handler: MakeHandler) -> None:
    seen: list[object] = []

    async def program(event: Any, ctx: Context) -> object:
        seen.append(await ctx.race(wait(ctx, 5), step(ctx, "first"), name="which"))
        await ctx.wait(60)
        return seen[-1]

    run = world.run(make_handler(program))
    assert run.result == "first"
    assert set(seen) == {"first"}
    assert "CONTEXT which SUCCEEDED" in world.recorded()
    # The wait that lost is over by now, and was before the last run began.
    assert "WAIT wait 5 SUCCEEDED" in world.recorded()


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_the_body_of_a_loser_is_cancelled(
    world: World, make_handler: MakeHandler, runtime: Runtime
) -> None:
    left: list[str] = []

    async def slow() -> None:
        try:
            await runtime.sleep(3600)
        finally:
            left.append("cancelled")

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.race(later(ctx, "step", slow), step(ctx, "first"))

    assert world.run(make_handler(program)).result == "first"
    assert left == ["cancelled"]


def test_threads_cannot_be_cancelled_so_a_loser_runs_to_its_end(world: World) -> None:
    decided = threading.Event()
    left: list[str] = []

    def slow() -> None:
        assert decided.wait(10)
        left.append("ended")

    def fast() -> str:
        return "first"

    @perdure_sync.durable_execution
    def racing(event: Any, ctx: perdure_sync.DurableContext) -> object:
        won = ctx.any(ctx.defer(ctx.step, slow), ctx.defer(ctx.step, fast))
        decided.set()
        return won

    try:
        assert world.run(racing).result == "first"
        assert left == ["ended"]
    finally:
        racing.close()


def test_operations_take_their_places_when_they_are_called(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        first, second = step(ctx, 1), step(ctx, 2)
        return list(await ctx.gather(second, first, name="both"))

    assert world.run(make_handler(program)).result == [2, 1]
    assert sorted(world.recorded()) == [
        "CONTEXT both SUCCEEDED",
        "STEP step 1 SUCCEEDED",
        "STEP step 2 SUCCEEDED",
    ]


def test_what_cannot_be_combined(world: World, make_handler: MakeHandler) -> None:
    async def inner(ctx: Context, foreign: Any) -> str:
        with pytest.raises(ValidationError, match="on the context"):
            ctx.gather(foreign)
        return "refused"

    async def program(event: Any, ctx: Context) -> object:
        with pytest.raises(ValidationError, match="at least one operation"):
            ctx.race()
        with pytest.raises(ValidationError, match="at least one operation"):
            ctx.any()
        operation = step(ctx, 1)
        with pytest.raises(ValidationError, match="once"):
            ctx.gather(operation, operation)
        with pytest.raises(ValidationError):
            ctx.gather(1)
        refused = await ctx.run_in_child_context(inner, operation)
        return [refused, *(await ctx.gather(operation))]

    assert world.run(make_handler(program)).result == ["refused", 1]


def test_only_operations_of_the_context_are_deferred(world: World) -> None:
    @perdure_sync.durable_execution
    def function(event: Any, ctx: perdure_sync.DurableContext) -> object:
        with pytest.raises(ValidationError, match="of the context itself"):
            ctx.defer(len, "four")
        with pytest.raises(ValidationError, match="no durable operation"):
            ctx.defer(ctx.is_replaying)
        return ctx.gather(ctx.defer(ctx.step, len, "four"), ctx.defer(ctx.now))[0]

    try:
        assert world.run(function).result == 4
    finally:
        function.close()
