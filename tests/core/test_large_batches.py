"""Records of large batches, our own and those of others, and batches that cannot be recorded."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from core.obedient import Wire
from core.test_batches import ERROR, batch, branch, failing, large, never, one_step, play_batch
from core.transcript import Play, fails_with
from perdure.batch_completion import Completion, CompletionReason
from perdure.batch_result import BatchResult
from perdure.errors import BatchError, DurableError, SerDesError
from perdure.operations.batch import Nesting
from perdure.serdes import JsonSerDes

RECORD: Final = {"totalCount": 4, "completionReason": "FAILURE_TOLERANCE_EXCEEDED"}
TOLERANCE: Final = "FAILURE_TOLERANCE_EXCEEDED"
BRANCHES: Final = [
    branch(0, "SUCCEEDED", Result='"a"'),
    branch(1, "STARTED"),
    branch(2, "FAILED", Error=ERROR),
]


def kept(record: object, branches: list[Wire] = BRANCHES) -> list[Wire]:
    """A large batch that is over, and its branches."""
    text = record if isinstance(record, str) else json.dumps(record)
    return [batch("SUCCEEDED", Result=text, ReplayChildren=True), *branches]


@pytest.mark.parametrize(
    ("record", "reason", "statuses"),
    [
        ({**RECORD, "startedIndexes": [1, 3]}, TOLERANCE, "+o-o"),
        ({**RECORD, "completedIndexes": [0, 2]}, TOLERANCE, "+o-o"),
        ({**RECORD, "totalCount": 2, "startedIndexes": [1]}, TOLERANCE, "+o"),
        # What became of a branch after the batch was complete does not count.
        ({**RECORD, "startedIndexes": [0, 1, 2]}, TOLERANCE, "ooo"),
        # A branch that the record says was started need not have got to its START.
        ({**RECORD, "totalCount": 9, "startedIndexes": [1, 3]}, TOLERANCE, "+o-o"),
        # Other SDKs' records, or none: the branches say.
        ({"totalCount": 4, "completionReason": "NEWS"}, "ALL_COMPLETED", "+o-"),
        (RECORD, "ALL_COMPLETED", "+o-"),
        ("", "ALL_COMPLETED", "+o-"),
        ("no JSON", "ALL_COMPLETED", "+o-"),
        ("[]", "ALL_COMPLETED", "+o-"),
    ],
)
def test_a_record_says_which_branches_had_ended(record: object, reason: str, statuses: str) -> None:
    play = Play(kept(record))
    result: BatchResult[Any] = play_batch(play, one_step, one_step, one_step, one_step)
    signs = {"SUCCEEDED": "+", "FAILED": "-", "STARTED": "o"}
    assert result.completion_reason == reason
    assert "".join(signs[item.status] for item in result.all) == statuses
    assert [item.index for item in result.all] == list(range(len(statuses)))
    assert play.requests == []


def test_a_record_without_text_is_read_as_none() -> None:
    found = kept("")
    del found[0]["ContextDetails"]["Result"]
    assert len(play_batch(Play(found), *[one_step] * 3).all) == 3


def test_most_branches_open_is_recorded_as_those_that_were_completed() -> None:
    async def program(ctx: TinyContext) -> list[str]:
        completion = Completion(min_successful=2)
        result = await ctx.parallel(
            large, never, never, never, large, name="p", completion=completion
        )
        return [item.status for item in result.all]

    flowing = Flowing().run(program)
    record = json.loads(flowing.sent("p", "SUCCEED")["Payload"])
    assert record["completedIndexes"] == [0, 4]
    assert "startedIndexes" not in record
    assert (record["startedCount"], record["status"]) == (3, "SUCCEEDED")
    again = flowing.again(program)
    assert (again.result, again.updates) == (flowing.result, [])


# -- batches that cannot be recorded --------------------------------------------------------


@pytest.mark.parametrize("way", ["encode", "decode"])
def test_a_result_that_cannot_be_recorded_fails_the_batch(way: str) -> None:
    class Bad(JsonSerDes):
        def encode(self, value: Any) -> str:
            return "x" if way == "decode" else super().encode(value)

    async def program(ctx: TinyContext) -> str:
        try:
            await ctx.parallel(one_step, name="p", serdes=Bad(), item_serdes=JsonSerDes())
        except SerDesError as error:
            return str(error)
        raise AssertionError

    flowing = Flowing().run(program)
    assert flowing.flat[-1] == "p FAIL"
    again = flowing.again(program)
    assert (again.result, again.updates) == (flowing.result, [])


def endless(result: object) -> str:
    return "y" * 2_000_000


@pytest.mark.parametrize("summary", [fails_with(ZeroDivisionError()), endless])
def test_a_summary_that_cannot_be_had_fails_the_batch(summary: Any) -> None:
    async def program(ctx: TinyContext) -> str:
        try:
            await ctx.parallel(large, large, name="p", summary=summary)
        except BatchError as error:
            return str(error.error_type)
        raise AssertionError

    flowing = Flowing().run(program)
    assert flowing.flat[-1] == "p FAIL"
    again = flowing.again(program)
    assert (again.result, again.updates) == (flowing.result, [])


def test_a_fault_in_a_summary_passes_through() -> None:
    flowing = Flowing()

    def summary(result: object) -> str:
        flowing.state.fail(DurableError("over"))
        return ""

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(large, large, name="p", summary=summary)

    with pytest.raises(DurableError, match="over"):
        flowing.run(program)
    assert "p FAIL" not in flowing.flat


# -- large flat batches ---------------------------------------------------------------------


def test_a_flat_branch_that_failed_fails_again() -> None:
    async def program(ctx: TinyContext) -> object:
        result = await ctx.parallel(
            large,
            large,
            failing,
            name="p",
            nesting=Nesting.FLAT,
            completion=Completion(tolerated_failures=1),
        )
        return [result.completion_reason, [str(error.error_type) for error in result.errors]]

    flowing = Flowing().run(program)
    assert flowing.result == [CompletionReason.ALL_COMPLETED, ["ValueError"]]
    again = flowing.again(program)
    assert (again.result, again.updates) == (flowing.result, [])
