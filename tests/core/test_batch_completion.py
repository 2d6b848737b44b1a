"""When a batch is complete, and why: the facts of the official SDK, case by case."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.batch_completion import (
    ALL_COMPLETED,
    ALL_SUCCESSFUL,
    FIRST_SUCCESSFUL,
    BatchProgress,
    BatchStatus,
    BranchProgress,
    Completion,
    CompletionDecision,
    CompletionReason,
)
from perdure.batch_result import BatchResult
from perdure.branches import Branches
from perdure.errors import ValidationError
from perdure.models.operation import ErrorObject
from perdure.operations.child import ChildOutcome

ALL: Final = CompletionReason.ALL_COMPLETED
MIN: Final = CompletionReason.MIN_SUCCESSFUL_REACHED
TOLERANCE: Final = CompletionReason.FAILURE_TOLERANCE_EXCEEDED


def ended(index: int, outcome: str) -> tuple[int, ChildOutcome]:
    """A branch that succeeded ("+") or failed ("-")."""
    if outcome == "+":
        return index, ChildOutcome(str(index))
    return index, ChildOutcome(error=ErrorObject(str(index)))


def one_by_one(completion: Completion, outcomes: str) -> BatchResult[Any]:
    """What branches come to that run one after the other."""
    branches = Branches([None] * len(outcomes), completion, 1)
    while (index := branches.next_to_start()) is not None:
        branches.branch_ended(*ended(index, outcomes[index]))
    return branches.result()


@pytest.mark.parametrize(
    ("completion", "outcomes", "started", "reason"),
    [
        (Completion(), "", 0, ALL),
        (Completion(), "+++", 3, ALL),
        (Completion(), "+-+", 2, TOLERANCE),
        (ALL_SUCCESSFUL, "+-+", 2, TOLERANCE),
        (ALL_SUCCESSFUL, "+++", 3, ALL),
        (ALL_COMPLETED, "---", 3, ALL),
        (ALL_COMPLETED, "-+-", 3, ALL),
        (FIRST_SUCCESSFUL, "+++", 1, MIN),
        (FIRST_SUCCESSFUL, "--+", 3, ALL),
        # Alone it tolerates failures until nothing is left.
        (Completion(min_successful=2), "--++", 4, ALL),
        (Completion(min_successful=2), "--+++", 4, MIN),
        (Completion(min_successful=2), "---+", 4, ALL),
        (Completion(min_successful=2), "++-", 2, MIN),
        (Completion(min_successful=2, tolerated_failures=1), "--++", 2, TOLERANCE),
        (Completion(tolerated_failures=1), "-+-+", 3, TOLERANCE),
        (Completion(tolerated_failures=1), "+-", 2, ALL),
        # The tolerance wins over the end of all.
        (Completion(tolerated_failures=1), "-+-", 3, TOLERANCE),
        # So many percent are tolerated exactly.
        (Completion(tolerated_failure_percentage=25), "+-++", 4, ALL),
        (Completion(tolerated_failure_percentage=24), "+-++", 2, TOLERANCE),
        (Completion(tolerated_failure_percentage=0), "+-++", 2, TOLERANCE),
        (Completion(tolerated_failures=2, tolerated_failure_percentage=25), "--++", 2, TOLERANCE),
        # The end of all wins over the minimum.
        (Completion(min_successful=2), "++", 2, ALL),
    ],
)
def test_one_after_the_other(
    completion: Completion, outcomes: str, started: int, reason: CompletionReason
) -> None:
    result = one_by_one(completion, outcomes)
    assert (len(result.all), result.completion_reason) == (started, reason)
    assert [item.index for item in result.all] == list(range(started))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_successful": 0}, "min_successful is at least 1, not 0"),
        ({"tolerated_failures": -1}, "tolerated_failures is at least 0: -1"),
        ({"tolerated_failure_percentage": -0.1}, "between 0 and 100, not -0.1"),
        ({"tolerated_failure_percentage": 101}, "between 0 and 100, not 101"),
        (
            {"min_successful": 1, "should_complete": BatchProgress.__hash__},
            "takes the place of the other rules",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Completion(**settings)


def test_more_successes_than_branches_cannot_be_had() -> None:
    Completion(min_successful=2).check(2)
    with pytest.raises(ValidationError, match="3 is more than the 2 branches"):
        Completion(min_successful=3).check(2)


def test_a_custom_rule_sees_the_branches_that_were_started() -> None:
    seen: list[BatchProgress] = []

    def rule(progress: BatchProgress) -> CompletionDecision:
        seen.append(progress)
        if progress.completed_count < 2:
            return CompletionDecision.CONTINUE
        return CompletionDecision.SUCCEED if progress.failure_count else CompletionDecision.FAIL

    branches = Branches(["a", None, "c"], Completion(should_complete=rule), 2)
    assert [branches.next_to_start(), branches.next_to_start()] == [0, 1]
    branches.branch_ended(*ended(1, "-"))
    assert branches.next_to_start() == 2
    branches.branch_ended(*ended(0, "+"))
    assert branches.result().completion_reason is CompletionReason.CUSTOM_COMPLETION_SUCCEEDED
    assert [item.status for item in branches.result().all] == ["SUCCEEDED", "FAILED", "STARTED"]
    assert seen == [
        BatchProgress(0, 0, 3, ()),
        BatchProgress(
            0,
            1,
            3,
            (
                BranchProgress(0, "a", BatchStatus.STARTED),
                BranchProgress(1, None, BatchStatus.FAILED),
            ),
        ),
        BatchProgress(
            1,
            1,
            3,
            (
                BranchProgress(0, "a", BatchStatus.SUCCEEDED),
                BranchProgress(1, None, BatchStatus.FAILED),
                BranchProgress(2, "c", BatchStatus.STARTED),
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (CompletionDecision.CONTINUE, ALL),
        (CompletionDecision.SUCCEED, CompletionReason.CUSTOM_COMPLETION_SUCCEEDED),
        (CompletionDecision.FAIL, CompletionReason.CUSTOM_COMPLETION_FAILED),
    ],
)
def test_a_custom_rule_is_asked_at_the_start(
    decision: CompletionDecision, reason: CompletionReason
) -> None:
    assert one_by_one(Completion(should_complete=lambda progress: decision), "").all == ()
    result = one_by_one(Completion(should_complete=lambda progress: decision), "-+")
    assert result.completion_reason is reason
    assert len(result.all) == (2 if reason is ALL else 0)


RULES: Final = st.builds(
    Completion,
    min_successful=st.none() | st.integers(1, 6),
    tolerated_failures=st.none() | st.integers(0, 6),
    tolerated_failure_percentage=st.none() | st.sampled_from([0, 10, 25, 50, 75, 100]),
)


@given(RULES, st.text("+-", max_size=8))
def test_the_reason_is_that_of_a_naive_reading(completion: Completion, outcomes: str) -> None:
    result = one_by_one(completion, outcomes)
    for seen in range(len(outcomes) + 1):
        ok, bad = outcomes[:seen].count("+"), outcomes[:seen].count("-")
        least, count = completion.min_successful, completion.tolerated_failures
        percent = completion.tolerated_failure_percentage
        exceeded = [
            least is None and count is None and percent is None and bad > 0,
            count is not None and bad > count,
            percent is not None and bool(outcomes) and Fraction(bad * 100, len(outcomes)) > percent,
        ]
        if any(exceeded):
            expected = TOLERANCE
        elif seen == len(outcomes):
            expected = ALL
        elif least is not None and ok >= least:
            expected = MIN
        else:
            continue
        assert (result.completion_reason, len(result.all)) == (expected, seen)
        return
