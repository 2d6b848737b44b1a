"""Which branch runs next, under every order in which branches may end."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.test_batch_completion import RULES, ended
from perdure.batch_completion import (
    ALL_COMPLETED,
    BatchProgress,
    BatchStatus,
    Completion,
    CompletionDecision,
)
from perdure.batch_result import item_of
from perdure.branches import Branches

BOOM: Final = ValueError("boom")


def started(branches: Branches) -> list[int]:
    """The branches that start now."""
    indexes: list[int] = []
    while (index := branches.next_to_start()) is not None:
        indexes.append(index)
    return indexes


def test_a_slot_is_free_once_its_branch_has_ended() -> None:
    branches = Branches([None] * 4, Completion(), 2)
    assert started(branches) == [0, 1]
    assert not branches.is_over
    branches.branch_ended(*ended(1, "+"))
    assert started(branches) == [2]
    branches.branch_ended(*ended(2, "+"))
    branches.branch_ended(*ended(0, "+"))
    assert started(branches) == [3]
    branches.branch_ended(*ended(3, "+"))
    assert branches.is_over
    assert branches.result().results == ["0", "1", "2", "3"]


def test_what_ends_after_the_batch_is_complete_does_not_count() -> None:
    branches = Branches([None] * 3, Completion(min_successful=1), None)
    assert started(branches) == [0, 1, 2]
    branches.branch_ended(*ended(2, "+"))
    branches.branch_ended(*ended(0, "-"))
    branches.branch_left()
    assert [item.status for item in branches.result().all] == ["STARTED", "STARTED", "SUCCEEDED"]


@pytest.mark.parametrize("fault", [None, BOOM])
def test_once_a_branch_has_left_no_further_one_starts(fault: Exception | None) -> None:
    branches = Branches([None] * 4, ALL_COMPLETED, 2)
    assert started(branches) == [0, 1]
    branches.branch_left(fault)
    assert started(branches) == []
    assert branches.is_over == (fault is not None)
    branches.branch_left(KeyError("another"))
    assert branches.is_over
    assert isinstance(branches.fault, ValueError if fault else KeyError)


def test_what_befalls_a_straggler_befalls_nobody() -> None:
    branches = Branches([None] * 2, Completion(min_successful=1), None)
    assert started(branches) == [0, 1]
    branches.branch_ended(*ended(0, "+"))
    branches.close()
    branches.branch_left(BOOM)
    assert branches.fault is None


@pytest.mark.parametrize("begins", [True, False])
def test_a_custom_rule_that_raises_breaks_the_batch(begins: bool) -> None:
    def rule(progress: BatchProgress) -> CompletionDecision:
        if begins and not progress.items:
            return CompletionDecision.CONTINUE
        raise BOOM

    branches = Branches([None], Completion(should_complete=rule), None)
    if begins:
        assert started(branches) == [0]
        branches.branch_ended(*ended(0, "+"))
    assert branches.is_over
    assert branches.fault is BOOM
    assert branches.next_to_start() is None


@given(
    RULES, st.lists(st.sampled_from("+-"), max_size=10), st.none() | st.integers(1, 4), st.data()
)
def test_under_every_order_of_ends(
    completion: Completion, outcomes: str, limit: int | None, data: st.DataObject
) -> None:
    branches = Branches([None] * len(outcomes), completion, limit)
    live: list[int] = []
    seen: list[int] = []
    finished: list[int] = []
    while True:
        for index in started(branches):
            assert index == len(seen), "branches start in the order of their index"
            seen.append(index)
            live.append(index)
        assert len(live) <= (limit or len(outcomes))
        if branches.is_over:
            break
        room = limit is None or len(live) < limit
        assert len(seen) == len(outcomes) or not room, "no slot stays empty"
        index = live.pop(data.draw(st.integers(0, len(live) - 1)))
        finished.append(index)
        branches.branch_ended(*ended(index, outcomes[index]))
    result = branches.result()
    assert [item.index for item in result.all] == seen
    for item in result.all:
        expected = item_of(*ended(item.index, outcomes[item.index])).status
        assert item.status is (expected if item.index in finished else BatchStatus.STARTED)


class CountedNames(list[None]):
    """Names that say how often they were looked at."""

    looks = 0

    def __len__(self) -> int:
        self.looks += 1
        return super().__len__()


def test_a_report_does_not_cost_more_in_a_large_batch() -> None:
    looks: list[int] = []
    for size in (100, 10_000):
        names = CountedNames([None] * size)
        branches = Branches(names, ALL_COMPLETED, None)
        started(branches)
        before = names.looks
        branches.branch_ended(*ended(size // 2, "+"))
        looks.append(names.looks - before)
    assert looks[0] == looks[1]


def test_before_the_first_has_begun_it_is_not_over() -> None:
    branches = Branches([None] * 2, ALL_COMPLETED, None)
    assert (branches.is_over, branches.has_next) == (False, True)
    branches.start_no_more()
    assert (branches.is_over, branches.has_next) == (True, False)
    assert branches.next_to_start() is None
