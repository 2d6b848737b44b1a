"""Every operation on the three runtimes: the same results, and the same records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.conftest import RUNTIMES, MakeHandler
from adapters.programs import Context
from adapters.world import Run, World
from perdure.batch_completion import (
    ALL_COMPLETED,
)
from perdure.context import Branch
from perdure.errors import (
    CallbackError,
    ChildContextError,
    InvokeError,
    WaitForConditionError,
)
from perdure.models.operation import ErrorObject
from perdure.operations.batch import Nesting
from perdure.waits import poll_until

Body = Callable[[Context], Awaitable[object]]


def double(number: int) -> int:
    return number * 2


def refuse() -> None:
    raise ValueError("no")


async def double_item(ctx: Context, item: int, index: int) -> int:
    return await ctx.step(double, item, name="double")


async def with_pause(ctx: Context, item: int, index: int) -> int:
    doubled = await ctx.step(double, item, name="double")
    await ctx.wait(index + 1, name="pause")
    return await ctx.step(double, doubled, name="again")


async def raises(ctx: Context) -> object:
    raise LookupError("nothing here")


# -- programs ---------------------------------------------------------------------------------


async def maps(ctx: Context) -> object:
    return (await ctx.map([1, 2, 3], double_item, name="all")).results


async def maps_with_pauses(ctx: Context) -> object:
    return (await ctx.map([1, 2, 3], with_pause, name="all")).results


async def maps_few_at_a_time(ctx: Context) -> object:
    batch = await ctx.map([1, 2, 3, 4], with_pause, name="all", max_concurrency=2)
    return batch.results


async def maps_flat(ctx: Context) -> object:
    batch = await ctx.map([1, 2, 3], with_pause, name="all", nesting=Nesting.FLAT)
    return batch.results


async def maps_within_maps(ctx: Context) -> object:
    async def row(ctx: Context, item: int, index: int) -> object:
        return (await ctx.map([item, item + 1], with_pause)).results

    return (await ctx.map([10, 20], row, name="rows")).results


async def branches(ctx: Context) -> object:
    async def steps(ctx: Context) -> object:
        return [await ctx.step(double, 1), await ctx.step(double, 2)]

    async def waits(ctx: Context) -> object:
        await ctx.wait(5, name="five")
        return "waited"

    return (await ctx.parallel(Branch(steps, "steps"), waits)).results


async def tolerates(ctx: Context) -> object:
    async def fine(ctx: Context) -> object:
        return await ctx.step(double, 1)

    batch = await ctx.parallel(fine, raises, fine, completion=ALL_COMPLETED)
    [failed] = batch.failed
    assert failed.error is not None
    return [each.status for each in batch.all], failed.error.error_message


async def children(ctx: Context) -> object:
    async def inner(ctx: Context, number: int) -> object:
        await ctx.wait(3, name="in it")
        return await ctx.step(double, number)

    async def outer(ctx: Context) -> object:
        return await ctx.run_in_child_context(inner, 4, name="inner", virtual=True)

    return [
        await ctx.run_in_child_context(inner, 1, name="one"),
        await ctx.run_in_child_context(outer, name="two"),
    ]


async def child_raises(ctx: Context) -> object:
    try:
        await ctx.run_in_child_context(raises, name="bad")
    except ChildContextError as error:
        await ctx.wait(1)
        return [error.error_type, str(error)]
    return None


async def conditions(ctx: Context) -> object:
    ready = poll_until(lambda state: state >= 4, initial_delay=2)
    return await ctx.wait_for_condition(double, 1, ready, name="ready")


async def conditions_fail(ctx: Context) -> object:
    def check(state: int) -> int:
        raise ValueError("no")

    try:
        await ctx.wait_for_condition(check, 1, poll_until(bool), name="ready")
    except WaitForConditionError as error:
        return str(error)
    return None


async def invokes(ctx: Context) -> object:
    found = [await ctx.invoke("stamp", {"a": 1}, name="stamped")]
    try:
        await ctx.invoke("broken", name="bad")
    except InvokeError as error:
        found.append(str(error))
    return found


async def invokes_in_branches(ctx: Context) -> object:
    async def one(ctx: Context, item: int, index: int) -> object:
        return await ctx.invoke("stamp", item)

    return (await ctx.map([1, 2, 3], one)).results


PROGRAMS: list[tuple[Body, Any, list[str]]] = [
    (maps, [2, 4, 6], ["SUCCEEDED"]),
    (maps_with_pauses, [4, 8, 12], ["PENDING", "PENDING", "PENDING", "SUCCEEDED"]),
    (maps_few_at_a_time, [4, 8, 12, 16], ["PENDING"] * 4 + ["SUCCEEDED"]),
    (maps_flat, [4, 8, 12], ["PENDING", "PENDING", "PENDING", "SUCCEEDED"]),
    (maps_within_maps, [[40, 44], [80, 84]], ["PENDING", "PENDING", "SUCCEEDED"]),
    (branches, [[2, 4], "waited"], ["PENDING", "SUCCEEDED"]),
    (tolerates, [["SUCCEEDED", "FAILED", "SUCCEEDED"], "nothing here"], ["SUCCEEDED"]),
    (children, [2, 8], ["PENDING", "PENDING", "SUCCEEDED"]),
    (child_raises, ["LookupError", "nothing here"], ["PENDING", "SUCCEEDED"]),
    (conditions, 4, ["PENDING", "SUCCEEDED"]),
    (conditions_fail, "no", ["SUCCEEDED"]),
    (invokes, [{"stamped": {"a": 1}}, "out of mugs"], ["PENDING", "PENDING", "SUCCEEDED"]),
    (invokes_in_branches, [{"stamped": i} for i in (1, 2, 3)], ["PENDING", "SUCCEEDED"]),
]


def stamp(event: Any) -> object:
    return {"stamped": event}


def broken(event: Any) -> object:
    raise LookupError("out of mugs")


def run(world: World, make_handler: MakeHandler, body: Body) -> Run:
    async def program(event: Any, ctx: Context) -> object:
        return await body(ctx)

    world.plain_function("stamp", stamp)
    world.plain_function("broken", broken)
    return world.run(make_handler(program))


@pytest.mark.parametrize(
    ("body", "result", "statuses"), PROGRAMS, ids=[each[0].__name__ for each in PROGRAMS]
)
def test_results(
    world: World, make_handler: MakeHandler, body: Body, result: Any, statuses: list[str]
) -> None:
    done = run(world, make_handler, body)
    assert done.status == "SUCCEEDED", done
    assert done.result == result
    assert done.statuses == statuses


def records(world: World) -> list[tuple[object, ...]]:
    """What is recorded, without times; in an order that concurrency does not change."""
    found = [
        (
            op.id,
            op.type,
            op.sub_type,
            op.name,
            op.parent_id,
            op.status,
            op.context_details,
            op.step_details and (op.step_details.attempt, op.step_details.result),
            op.chained_invoke_details,
        )
        for op in world.operations()
    ]
    return sorted(found, key=lambda each: str(each[0]))


@pytest.mark.parametrize("body", [each[0] for each in PROGRAMS])
def test_three_runtimes_record_the_same(world: World, body: Body) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await body(ctx)

    world.plain_function("stamp", stamp)
    world.plain_function("broken", broken)
    seen: list[object] = []
    for runtime in RUNTIMES.values():
        handler = runtime.handler(program)
        statuses = world.run(handler).statuses
        runtime.close(handler)
        seen.append((statuses, records(world)))
    assert seen[0] == seen[1] == seen[2]


# -- callbacks --------------------------------------------------------------------------------


async def asks(ctx: Context, told: list[str]) -> object:
    callback = await ctx.create_callback(name="approval", timeout=60)
    told.append(callback.id)
    return await callback.result()


async def asks_by_submitter(ctx: Context, told: list[str]) -> object:
    return await ctx.wait_for_callback(told.append, name="approval", timeout=60)


ASKING = [asks, asks_by_submitter]


@pytest.mark.parametrize("body", ASKING)
@pytest.mark.parametrize("answer", ["yes", "no", "silence"])
def test_callbacks(
    world: World,
    make_handler: MakeHandler,
    body: Callable[[Context, list[str]], Awaitable[object]],
    answer: str,
) -> None:
    told: list[str] = []

    async def program(event: Any, ctx: Context) -> object:
        try:
            return await body(ctx, told)
        except CallbackError as error:
            return [type(error).__name__, str(error)]

    handler = make_handler(program)

    def answering(event: dict[str, Any], context: Any) -> dict[str, Any]:
        output = handler(event, context)
        if output["Status"] == "PENDING" and answer == "yes":
            world.answer_callback("fine")
        if output["Status"] == "PENDING" and answer == "no":
            world.answer_callback(error=ErrorObject("not today", "Denied"))
        return output

    done = world.run(answering)
    assert done.statuses == ["PENDING", "SUCCEEDED"]
    expected: dict[str, Any] = {
        "yes": "fine",
        "no": ["CallbackExternalError", "not today"],
        "silence": ["CallbackTimeoutError", "Callback timed out"],
    }
    assert done.result == expected[answer]
    # The submitter is never run again; the id is given again on every replay.
    assert len(set(told)) == 1
    assert len(told) == (2 if body is asks else 1)
