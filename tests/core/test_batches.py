"""Parallel and map as whole programs: what is sent, and what a replay makes of it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from core.obedient import Wire, recorded
from core.transcript import FIRST, Play, outcome
from perdure.batch_completion import (
    BatchStatus,
    Completion,
    CompletionReason,
)
from perdure.batch_result import BatchItem, BatchResult
from perdure.context import Branch
from perdure.errors import BatchError, ReplayError
from perdure.ids import operation_id
from perdure.operations.batch import BatchConfig, Nesting
from perdure.serdes import JSON, JsonSerDes

ZERO: Final = operation_id(0, FIRST)
ONE: Final = operation_id(1, FIRST)
ERROR: Final = {"ErrorMessage": "no stock", "ErrorType": "shop.NoStock"}
PLUS: Final = "parallel-branch-0", "parallel-branch-1", "parallel-branch-2"


def batch(status: str, sub_type: str = "Parallel", **details: object) -> Wire:
    """A recorded batch at the first place."""
    return recorded("CONTEXT", sub_type, status, FIRST, details)


def branch(index: int, status: str, sub_type: str = "ParallelBranch", **details: object) -> Wire:
    """A recorded branch of it."""
    name = f"{'parallel-branch' if sub_type == 'ParallelBranch' else 'map-item'}-{index}"
    identity = operation_id(index, FIRST)
    return recorded("CONTEXT", sub_type, status, identity, details, Name=name, ParentId=FIRST)


async def one_step(ctx: TinyContext) -> str:
    return await ctx.step(lambda: "done", name="s")


async def failing(ctx: TinyContext) -> str:
    raise ValueError("x")


# -- what is sent ---------------------------------------------------------------------------


def test_one_after_the_other_the_order_of_events_is_strict() -> None:
    async def program(ctx: TinyContext) -> list[str]:
        return (await ctx.parallel(one_step, one_step, name="p", max_concurrency=1)).results

    flowing = Flowing().run(program)
    assert flowing.flat == [
        "p START",
        *("parallel-branch-0 START", "s START", "s SUCCEED", "parallel-branch-0 SUCCEED"),
        *("parallel-branch-1 START", "s START", "s SUCCEED", "parallel-branch-1 SUCCEED"),
        "p SUCCEED",
    ]
    assert flowing.result == ["done", "done"]


def test_the_updates_of_a_parallel() -> None:
    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(one_step, failing, name="p", completion=Completion(tolerated_failures=1))

    flowing = Flowing().run(program)
    begun = {"Type": "CONTEXT", "Action": "START"}
    assert flowing.sent("p", "START") == {**begun, "Id": FIRST, "SubType": "Parallel", "Name": "p"}
    assert flowing.sent(PLUS[0], "START") == {
        **begun,
        "Id": "1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b08131bc72d591",
        "SubType": "ParallelBranch",
        "Name": "parallel-branch-0",
        "ParentId": FIRST,
    }
    assert flowing.sent("s", "START")["ParentId"] == ZERO
    assert flowing.sent("s", "START")["Id"] == (
        "48550629202cb2d0e1bd4f07d826361bbd2defa71565264c01647fc2da0e9b1e"
    )
    assert flowing.sent(PLUS[0], "SUCCEED")["ContextOptions"] == {"ReplayChildren": False}
    assert flowing.sent(PLUS[1], "FAIL")["Error"] == {
        "ErrorMessage": "x",
        "ErrorType": "ValueError",
    }
    end = flowing.sent("p", "SUCCEED")
    assert end["ContextOptions"] == {"ReplayChildren": False}
    assert end["Payload"] == (
        '{"t":"br","v":{"all":{"t":"l","v":['
        '{"t":"m","v":{"index":{"t":"i","v":0},"status":{"t":"s","v":"SUCCEEDED"},'
        '"result":{"t":"s","v":"done"},"error":{"t":"n","v":null}}},'
        '{"t":"m","v":{"index":{"t":"i","v":1},"status":{"t":"s","v":"FAILED"},'
        '"result":{"t":"n","v":null},"error":{"t":"m","v":{'
        '"ErrorMessage":{"t":"s","v":"x"},"ErrorType":{"t":"s","v":"ValueError"}}}}}]},'
        '"completionReason":{"t":"s","v":"ALL_COMPLETED"}}}'
    )


def test_a_map_names_its_branches() -> None:
    async def double(ctx: TinyContext, item: int, index: int) -> int:
        return item * 2 + index

    async def program(ctx: TinyContext) -> list[int]:
        plain = await ctx.map([5, 6], double, name="m")
        named = await ctx.map(
            [7, 8], double, name="n", item_namer=lambda item, index: f"at {item}" if index else ""
        )
        return plain.results + named.results

    flowing = Flowing().run(program)
    assert flowing.result == [10, 13, 14, 17]
    sub_types = {each.get("Name"): each["SubType"] for sent in flowing.updates for each in sent}
    assert sub_types == {
        "m": "Map",
        "map-item-0": "MapIteration",
        "map-item-1": "MapIteration",
        "n": "Map",
        None: "MapIteration",
        "at 8": "MapIteration",
    }
    assert flowing.again(program).updates == []


def test_a_parallel_names_its_branches() -> None:
    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(one_step, Branch(one_step, "second"), Branch(one_step))

    names = [each for each in Flowing().run(program).flat if "START" in each]
    assert set(names) == {
        "CONTEXT START",
        "parallel-branch-0 START",
        "second START",
        "parallel-branch-2 START",
        "s START",
    }


def test_without_inputs_a_batch_is_complete_at_once() -> None:
    async def program(ctx: TinyContext) -> object:
        return (await ctx.parallel(name="p")).to_dict()

    flowing = Flowing().run(program)
    assert flowing.actions == [["p START", "p SUCCEED"]]
    assert flowing.result == {"all": [], "completionReason": "ALL_COMPLETED"}


def test_a_failing_map_starts_no_further_items() -> None:
    async def second_fails(ctx: TinyContext, item: int, index: int) -> int:
        if index == 1:
            raise ValueError("x")
        return item

    async def program(ctx: TinyContext) -> object:
        result = await ctx.map([1, 2, 3], second_fails, name="m", max_concurrency=1)
        return [result.completion_reason, result.status, len(result.all)]

    flowing = Flowing().run(program)
    assert flowing.flat == [
        "m START",
        *("map-item-0 START", "map-item-0 SUCCEED"),
        *("map-item-1 START", "map-item-1 FAIL"),
        "m SUCCEED",
    ]
    assert flowing.result == ["FAILURE_TOLERANCE_EXCEEDED", "FAILED", 2]
    assert flowing.again(program).result == flowing.result


def test_flat_branches_are_no_operations() -> None:
    async def body(ctx: TinyContext) -> int:
        await ctx.step(lambda: 1, name="s")
        await ctx.wait(3, name="w")
        return 7

    async def program(ctx: TinyContext) -> list[int]:
        return (await ctx.parallel(body, body, name="p", nesting=Nesting.FLAT)).results

    flowing = Flowing().run(program)
    assert flowing.output.status == "PENDING"
    assert sorted(flowing.flat) == sorted(["p START", *["s START", "s SUCCEED", "w START"] * 2])
    inside = [each for sent in flowing.updates for each in sent if each["Type"] != "CONTEXT"]
    assert {each["ParentId"] for each in inside} == {FIRST}
    ids = {each["Id"] for each in inside if each["Type"] == "STEP"}
    assert ids == {operation_id(1, ZERO), operation_id(1, ONE)}
    flowing = flowing.again(program)
    assert (flowing.actions, flowing.result) == ([["p SUCCEED"]], [7, 7])


def test_serdes_of_the_whole_and_of_the_items() -> None:
    class Whole(JsonSerDes):
        def encode(self, value: Any) -> str:
            return "OPSERDE:" + ",".join(value.results)

        def decode(self, text: str) -> Any:
            items = text.removeprefix("OPSERDE:").split(",")
            made = tuple(BatchItem(i, BatchStatus.SUCCEEDED, each) for i, each in enumerate(items))
            return BatchResult(made, CompletionReason.ALL_COMPLETED)

    async def letter(ctx: TinyContext, item: str, index: int) -> str:
        return item

    async def program(ctx: TinyContext) -> list[str]:
        result = await ctx.map(["X", "Y"], letter, name="m", serdes=Whole(), item_serdes=JSON)
        await ctx.wait(1)
        return result.results

    flowing = Flowing().run(program)
    assert flowing.sent("m", "SUCCEED")["Payload"] == "OPSERDE:X,Y"
    assert flowing.sent("map-item-0", "SUCCEED")["Payload"] == '"X"'
    assert flowing.again(program).result == ["X", "Y"]


# -- every status in which it can be found --------------------------------------------------


def play_batch(play: Play, *funcs: Any, **settings: Any) -> Any:
    """The outcome of a parallel that needs no flows, for its end is recorded."""
    config = BatchConfig(**settings)
    return outcome(play, play.context.begin_parallel(funcs, None, config))


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"])
@pytest.mark.parametrize("details", [{"Error": ERROR}, {}, None])
def test_a_batch_that_ended_badly(status: str, details: Wire | None) -> None:
    found = batch(status, **(details or {}))
    if details is None:
        del found["ContextDetails"]
    play = Play([found])
    error = play_batch(play, one_step)
    assert isinstance(error, BatchError)
    assert error.message == ("no stock" if details else None)


def test_a_finished_batch_is_one_record() -> None:
    play = Play([batch("SUCCEEDED", Result="[1]")])
    assert play_batch(play, one_step) == [1]
    bare = batch("SUCCEEDED")
    del bare["ContextDetails"]
    assert play_batch(Play([bare]), one_step) is None


def test_an_unfinished_batch_runs_its_unfinished_branches() -> None:
    found = [
        batch("STARTED"),
        branch(0, "SUCCEEDED", Result='"recorded"'),
        branch(1, "FAILED", Error=ERROR),
        branch(2, "STARTED"),
    ]

    async def program(ctx: TinyContext) -> object:
        branches = [one_step] * 4
        return (await ctx.parallel(*branches, completion=Completion(tolerated_failures=1))).results

    flowing = Flowing(found).run(program)
    assert flowing.result == ["recorded", "done", "done"]
    assert [each for each in flowing.flat if "branch" in each] == [
        "parallel-branch-3 START",
        "parallel-branch-2 SUCCEED",
        "parallel-branch-3 SUCCEED",
    ]


def test_a_history_of_branches_does_not_become_flat() -> None:
    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(one_step, nesting=Nesting.FLAT)

    flowing = Flowing([batch("STARTED"), branch(0, "STARTED")]).run(program)
    assert flowing.output.status == "FAILED"
    assert flowing.output.error is not None
    assert (flowing.output.error.error_type or "").endswith(ReplayError.__name__)


def test_a_flat_history_does_not_get_branches() -> None:
    inside = recorded("STEP", "Step", "SUCCEEDED", operation_id(1, ZERO), {}, ParentId=FIRST)

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(lambda ctx: ctx.step(lambda: 1))

    flowing = Flowing([batch("STARTED"), inside]).run(program)
    assert flowing.output.status == "FAILED"


# -- large results --------------------------------------------------------------------------

SIZE: Final = 150 * 1024


async def large(ctx: TinyContext) -> str:
    return await ctx.step(lambda: "x" * SIZE)


async def never(ctx: TinyContext) -> str:
    await ctx.wait(60)
    raise NotImplementedError


@pytest.mark.parametrize("nesting", list(Nesting))
def test_a_large_result_is_made_anew_from_its_branches(nesting: Nesting) -> None:
    async def program(ctx: TinyContext) -> object:
        result = await ctx.parallel(
            large,
            failing,
            never,
            large,
            one_step,
            name="p",
            completion=Completion(min_successful=2),
            max_concurrency=4,
            nesting=nesting,
            summary=lambda result: f"{len(result.all)} started",
        )
        sizes = [len(item.result or "") for item in result.all]
        return [result.completion_reason, [item.status for item in result.all], sizes]

    flowing = Flowing().run(program)
    end = flowing.sent("p", "SUCCEED")
    assert end["ContextOptions"] == {"ReplayChildren": True}
    assert end["Payload"] == json.dumps(
        {
            "type": "ParallelResult",
            "totalCount": 5,
            "completionReason": "MIN_SUCCESSFUL_REACHED",
            "startedIndexes": [2, 4],
            "startedCount": 2,
            "successCount": 2,
            "failureCount": 1,
            "status": "FAILED",
            "summary": "5 started",
        }
    )
    again = flowing.again(program)
    assert again.result == flowing.result
    assert again.updates == []
