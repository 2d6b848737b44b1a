"""Gather, race and any: what they record, and what a replay makes of that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.flowing import Flowing, TinyContext
from core.transcript import ARN, FIRST, SECOND, Wire, execution, step
from perdure.errors import BatchError, OperationError, RemoteProtocolError
from perdure.ids import operation_id
from perdure.models.decode import decode_page
from perdure.models.enums import OperationType
from perdure.operations.call import OperationCall
from perdure.operations.combination import SUB_TYPE, Combination, run_combination
from perdure.retries import NO_RETRY
from perdure.state import ExecutionState

THIRD = operation_id(3)


def refuse() -> None:
    raise ValueError("no")


def combined(status: str, id: str = THIRD, **details: object) -> Wire:
    """A recorded combination."""
    return {
        "Id": id,
        "Type": "CONTEXT",
        "SubType": SUB_TYPE,
        "Status": status,
        "StartTimestamp": 1,
        "ContextDetails": details,
    }


def test_it_records_the_index_of_the_one_that_decided() -> None:
    async def program(ctx: TinyContext) -> object:
        return await ctx.race(ctx.wait(60), ctx.step(lambda: "quick"), name="which")

    play = Flowing().run(program)
    assert play.result == "quick"
    assert play.sent("which", "SUCCEED")["Payload"] == "1"
    actions = play.flat
    assert actions.index("STEP SUCCEED") < actions.index("which SUCCEED")


def test_null_says_that_all_had_to_end() -> None:
    async def program(ctx: TinyContext) -> object:
        return await ctx.gather(ctx.step(lambda: 1), ctx.step(lambda: 2), name="both")

    play = Flowing().run(program)
    assert play.result == [1, 2]
    assert play.sent("both", "SUCCEED")["Payload"] == "null"


def both_ended(text: str | None) -> list[Wire]:
    """Both steps succeeded, and a combination of them did."""
    details = {} if text is None else {"Result": text}
    return [
        step("SUCCEEDED", FIRST, Result='"one"'),
        step("SUCCEEDED", SECOND, Result='"two"'),
        combined("SUCCEEDED", **details),
    ]


async def race_two(ctx: TinyContext) -> object:
    return await ctx.race(ctx.step(lambda: "new"), ctx.step(lambda: "new"))


@pytest.mark.parametrize(("index", "winner"), [("0", "one"), ("1", "two")])
def test_the_record_decides_on_replay(index: str, winner: str) -> None:
    play = Flowing(both_ended(index)).run(race_two)
    assert (play.result, play.updates) == (winner, [])


def test_a_gather_that_succeeded_returns_all_on_replay() -> None:
    async def program(ctx: TinyContext) -> object:
        return await ctx.gather(ctx.step(lambda: "new"), ctx.step(lambda: "new"))

    play = Flowing(both_ended("null")).run(program)
    assert (play.result, play.updates) == (["one", "two"], [])


@pytest.mark.parametrize("text", [None, "", "2", "-1", '"x"', "{", "[0]"])
def test_a_record_that_names_none_of_them(text: str | None) -> None:
    async def program(ctx: TinyContext) -> object:
        with pytest.raises(RemoteProtocolError, match="names none of 2 operations"):
            await race_two(ctx)
        return "refused"

    assert Flowing(both_ended(text)).run(program).result == "refused"


def test_a_combination_that_is_recorded_as_failed() -> None:
    error = {"ErrorMessage": "broken", "ErrorType": "E"}
    recorded = [*both_ended("0")[:2], combined("FAILED", Error=error)]

    async def program(ctx: TinyContext) -> object:
        with pytest.raises(BatchError, match="broken"):
            await race_two(ctx)
        return "failed"

    assert Flowing(recorded).run(program).result == "failed"
    recorded[2].pop("ContextDetails")
    with_nothing = Flowing(recorded).run(lambda ctx: caught(ctx, race_two))
    assert with_nothing.result == "BatchError: the operation failed"


async def caught(ctx: TinyContext, program: Callable[[TinyContext], Awaitable[object]]) -> object:
    try:
        return await program(ctx)
    except OperationError as error:
        return f"{type(error).__name__}: {error}"


async def fails_twice(ctx: TinyContext) -> object:
    first = ctx.step(refuse, retry=NO_RETRY)
    return await ctx.any(first, ctx.step(refuse, retry=NO_RETRY), name="one of them")


def test_any_raises_the_same_when_it_is_replayed() -> None:
    async def program(ctx: TinyContext) -> object:
        outcome = await caught(ctx, fails_twice)
        await ctx.wait(5)
        return outcome

    play = Flowing().run(program)
    assert play.sent("one of them", "SUCCEED")["Payload"] == "null"
    assert play.again(program).result == "BatchError: none of 2 operations succeeded: no; no"


@pytest.mark.parametrize("combine", ["gather", "all_settled"])
def test_a_fault_of_the_invocation_is_no_failure_of_an_operation(combine: str) -> None:
    # Another operation is recorded in the place of the first.
    async def program(ctx: TinyContext) -> object:
        operations = ctx.wait(5), ctx.step(lambda: 1)
        return await getattr(ctx, combine)(*operations)

    output = Flowing([step("SUCCEEDED", FIRST, Result="1")]).run(program).output
    assert output.error is not None
    assert output.error.error_type == "perdure.errors.ReplayError"


def test_any_whose_operations_are_not_those_it_had() -> None:
    async def program(ctx: TinyContext) -> object:
        return await ctx.any(ctx.wait(5), ctx.step(lambda: 1))

    recorded = [step("SUCCEEDED", FIRST, Result="1"), combined("SUCCEEDED", Result="null")]
    output = Flowing(recorded).run(program).output
    assert output.error is not None
    assert output.error.error_type == "perdure.errors.ReplayError"


def test_an_operation_that_begins_when_all_is_decided_does_not_run() -> None:
    """A thread that gets going late: the flow calls for its operation after the end."""
    page = decode_page({"Operations": [execution(), combined("STARTED", FIRST)]})
    state = ExecutionState(ARN, "t0", page)
    this = OperationCall(state, FIRST, None, None, OperationType.CONTEXT, SUB_TYPE)
    ran: list[int] = []

    async def operation(number: int) -> int:
        ran.append(number)
        return number

    combination = run_combination(this, Combination.RACE, [operation(0), operation(1)])
    effect: Any = combination.send(None)
    assert [effect.branches.next_to_start() for _ in range(2)] == [0, 1]
    with pytest.raises(StopIteration) as ended:
        effect.run(0).send(None)
    effect.branches.branch_ended(0, ended.value.value)
    combination.send(None)
    combination.close()
    with pytest.raises(StopIteration) as late:
        effect.run(1).send(None)
    assert late.value.value.value is None
    assert ran == [0]


@given(
    combine=st.sampled_from(["gather", "race", "any"]),
    latency=st.sampled_from([0.0, 1.0, 3.0]),
    seed=st.integers(0, 2**32),
)
def test_every_run_has_the_same_outcome(combine: str, latency: float, seed: int) -> None:
    """Whatever the interleaving, and however late the service tells: what the program saw
    first it sees again, although more operations have ended since.
    """
    seen: list[object] = []

    async def slow(ctx: TinyContext) -> str:
        await ctx.wait(2)
        return "slow"

    async def body(ctx: TinyContext) -> object:
        operations = [
            ctx.step(lambda: "quick"),
            ctx.step(refuse, retry=NO_RETRY),
            ctx.with_retry(slow),
        ]
        return await getattr(ctx, combine)(*operations, name="it")

    async def program(ctx: TinyContext) -> object:
        outcome = await caught(ctx, body)
        seen.append(outcome)
        await ctx.wait(5)
        return outcome

    order = Random(seed)
    play = Flowing(choose=order.randrange, latency=latency).run(program)
    while play.output.result is None:
        play = play.again(program, choose=order.randrange)
    assert seen == [play.result] * len(seen)
