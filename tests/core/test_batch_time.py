"""Branches in time: waits in process, slots, suspension, and what completion cuts short."""

from __future__ import annotations

from typing import Any

import pytest

from core.flowing import Flowing, TinyContext
from core.test_batches import PLUS, ZERO, batch, branch, one_step
from core.transcript import FIRST, NOW, wait
from perdure.batch_completion import FIRST_SUCCESSFUL, Completion, CompletionDecision
from perdure.errors import BatchError
from perdure.ids import operation_id
from perdure.models.operation import ErrorObject


def test_a_wait_in_a_branch_ends_in_process_while_another_branch_runs() -> None:
    """The cheat sheet: parallel{wait 2 s, step 5 s} is one invocation."""
    flowing = Flowing()

    async def slow() -> str:
        await flowing.loop.sleep(5)
        return "slow"

    async def first(ctx: TinyContext) -> str:
        await ctx.wait(2, name="w")
        return await ctx.step(lambda: "after", name="s'")

    async def second(ctx: TinyContext) -> str:
        return await ctx.step(slow, name="s")

    async def program(ctx: TinyContext) -> list[str]:
        return (await ctx.parallel(first, second, name="p")).results

    flowing.run(program)
    b0, b1, _ = PLUS
    assert list(zip(flowing.times, flowing.actions, strict=True)) == [
        (0, ["p START", f"{b0} START", "w START", f"{b1} START", "s START"]),
        (2, []),
        (2, ["s' START", "s' SUCCEED"]),
        (2, [f"{b0} SUCCEED"]),
        (5, ["s SUCCEED"]),
        (5, [f"{b1} SUCCEED", "p SUCCEED"]),
    ]
    assert flowing.result == ["after", "slow"]


def test_a_service_that_is_late_is_asked_again_and_not_for_the_whole_time() -> None:
    flowing = Flowing(lag=0.4)

    async def first(ctx: TinyContext) -> None:
        await ctx.wait(2)

    async def second(ctx: TinyContext) -> None:
        await flowing.loop.sleep(5)

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(first, second)

    flowing.run(program)
    asked = zip(flowing.times, flowing.updates, strict=True)
    assert [time for time, sent in asked if not sent] == [2, 2.25, 2.5]


async def waits_beside_work(flowing: Flowing, ctx: TinyContext) -> None:
    """Nineteen branches wait 2 s, and one works for 5."""

    async def item(ctx: TinyContext, item: int, index: int) -> None:
        if index:
            await ctx.wait(2)
        else:
            await flowing.loop.sleep(5)

    await ctx.map(range(20), item)


def test_waits_that_fall_due_together_are_asked_for_once() -> None:
    flowing = Flowing()
    flowing.run(lambda ctx: waits_beside_work(flowing, ctx))
    assert flowing.actions.count([]) == 1


def test_waits_that_fall_due_at_nearly_the_same_time_do_not_each_ask() -> None:
    """Each had a time of its own, microseconds from the next, and its own empty checkpoint."""
    found = [batch("STARTED", "Map")]
    for index in range(20):
        owner = operation_id(index, FIRST)
        pause = wait("STARTED", operation_id(1, owner), NOW + 2 + index * 1e-6)
        found += [branch(index, "STARTED", "MapIteration"), {**pause, "ParentId": owner}]
    flowing = Flowing(
        [each for each in found if each["Id"] != operation_id(1, ZERO)], latency=0.005
    )
    flowing.run(lambda ctx: waits_beside_work(flowing, ctx))
    # The one of the first, and one that tells of all that fell due while it was out.
    assert flowing.actions.count([]) <= 2
    assert flowing.flat.count("map-item-19 SUCCEED") == 1


def test_branches_that_all_wait_end_the_invocation() -> None:
    async def body(ctx: TinyContext) -> int:
        await ctx.step(lambda: 1)
        await ctx.wait(1)
        return 1

    async def program(ctx: TinyContext) -> list[int]:
        return (await ctx.parallel(body, body, name="p")).results

    flowing = Flowing().run(program)
    assert (flowing.output.status, flowing.now) == ("PENDING", 0)
    flowing = flowing.again(program)
    assert flowing.flat == [f"{PLUS[0]} SUCCEED", f"{PLUS[1]} SUCCEED", "p SUCCEED"]


def test_a_parked_branch_keeps_its_slot() -> None:
    async def body(ctx: TinyContext) -> int:
        await ctx.wait(1, name="w")
        return 1

    async def program(ctx: TinyContext) -> list[int]:
        return (await ctx.parallel(body, body, name="p", max_concurrency=1)).results

    flowing = Flowing().run(program)
    assert flowing.flat == ["p START", f"{PLUS[0]} START", "w START"]
    flowing = flowing.again(program)
    assert flowing.flat == [f"{PLUS[0]} SUCCEED", f"{PLUS[1]} START", "w START"]


def test_what_arrives_with_the_last_answer_is_not_slept_through() -> None:
    """The last flow stops while its result travels; the answer brings what the other awaits."""
    flowing = Flowing(latency=3)

    async def first(ctx: TinyContext) -> None:
        await ctx.wait(2, name="w")

    async def program(ctx: TinyContext) -> str:
        await ctx.parallel(first, one_step, name="p")
        return "through"

    flowing.run(program)
    assert flowing.output.status == "SUCCEEDED"


def test_stragglers_are_cancelled_once_the_batch_is_complete() -> None:
    flowing = Flowing()
    cut: list[str] = []

    async def straggler(ctx: TinyContext) -> str:
        try:
            await flowing.loop.sleep(3)
        finally:
            cut.append("short")
        return "late"

    async def program(ctx: TinyContext) -> object:
        result = await ctx.parallel(straggler, one_step, name="p", completion=FIRST_SUCCESSFUL)
        return [result.completion_reason, [item.status for item in result.all]]

    flowing.run(program)
    assert flowing.result == ["MIN_SUCCESSFUL_REACHED", ["STARTED", "SUCCEEDED"]]
    assert (cut, flowing.now) == (["short"], 0)
    assert flowing.again(program).result == flowing.result


def test_the_branches_of_a_branch_go_with_it() -> None:
    flowing = Flowing()

    async def forever(ctx: TinyContext) -> None:
        await flowing.loop.sleep(1000)

    async def inner(ctx: TinyContext) -> None:
        await ctx.parallel(*[forever] * 4, name="inner", max_concurrency=2)

    async def quick(ctx: TinyContext) -> None:
        await flowing.loop.sleep(1)

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(inner, quick, name="p", completion=FIRST_SUCCESSFUL)
        await ctx.wait(60, name="w")

    flowing.run(program)
    assert (flowing.output.status, flowing.now) == ("PENDING", 1)
    assert [each for each in flowing.flat if each == f"{PLUS[2]} START"] == []


def test_nested_batches_suspend_together() -> None:
    async def leaf(ctx: TinyContext) -> str:
        await ctx.wait(1)
        return "leaf"

    async def inner(ctx: TinyContext) -> list[str]:
        return (await ctx.parallel(leaf, leaf, name="inner")).results

    async def program(ctx: TinyContext) -> object:
        return (await ctx.parallel(inner, inner, name="p")).results

    flowing = Flowing().run(program)
    assert flowing.output.status == "PENDING"
    assert flowing.again(program).result == [["leaf", "leaf"], ["leaf", "leaf"]]


def test_a_custom_rule_that_fails_the_batch() -> None:
    def rule(progress: object) -> CompletionDecision:
        return CompletionDecision.FAIL

    async def program(ctx: TinyContext) -> None:
        completion = Completion(should_complete=rule)
        (await ctx.parallel(one_step, completion=completion)).throw_if_error()

    flowing = Flowing().run(program)
    assert flowing.output.error is not None
    assert flowing.output.error.error_type == BatchError.WIRE_TYPE
    assert flowing.actions == [["CONTEXT START", "CONTEXT SUCCEED"]]


@pytest.mark.parametrize("after", [0, 1])
def test_a_custom_rule_that_raises_ends_the_batch_and_its_branches(after: int) -> None:
    flowing = Flowing()

    def rule(progress: Any) -> CompletionDecision:
        if progress.completed_count < after:
            return CompletionDecision.CONTINUE
        raise KeyError("rule")

    async def straggler(ctx: TinyContext) -> None:
        await flowing.loop.sleep(3)

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(one_step, straggler, completion=Completion(should_complete=rule))

    flowing.run(program)
    assert flowing.output.error == ErrorObject("'rule'", "KeyError")
    assert flowing.now == 0
