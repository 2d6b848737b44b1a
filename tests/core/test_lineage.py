"""What is recorded, by id and by parent, held against a plain model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import EXECUTION, operation
from perdure.errors import LocalProtocolError, RemoteProtocolError
from perdure.lineage import Lineage
from perdure.replay import ReplayStatus, ReplayTracker

IDS = "abcdefgh"
PARENTS = st.dictionaries(
    st.sampled_from(IDS), st.none() | st.sampled_from(IDS), min_size=1, max_size=8
)


def lineage_of(parents: dict[str, str | None]) -> Lineage:
    """Contexts below each other; rings and unknown parents included."""
    lineage = Lineage()
    lineage.merge(operation(key, "CONTEXT", parent=parent) for key, parent in parents.items())
    return lineage


def ancestors(parents: dict[str, str | None], key: str | None) -> set[str]:
    """Every id on the way up from an id, itself included."""
    seen = set[str]()
    while key is not None and key not in seen:
        seen.add(key)
        key = parents.get(key)
    return seen


@given(PARENTS, st.sets(st.sampled_from(IDS)))
def test_orphans_are_found_at_any_depth(parents: dict[str, str | None], done: set[str]) -> None:
    lineage = lineage_of(parents)
    for key in done:
        lineage.mark_done(key)
    for key in IDS:
        assert lineage.is_done(key) == (key in done)
        assert lineage.is_below_done(key) == bool(ancestors(parents, key) & done)
    assert not lineage.is_below_done(None)


@given(PARENTS, st.booleans())
def test_children_are_those_with_the_parent(
    parents: dict[str, str | None], asked_before: bool
) -> None:
    lineage = Lineage()
    for key, parent in parents.items():
        if asked_before:
            lineage.children(None)
        lineage.merge([operation(key, "CONTEXT", parent=parent)])
    for parent in (None, *IDS):
        expected = [key for key, each in parents.items() if each == parent]
        assert [each.id for each in lineage.children(parent)] == expected


@given(PARENTS, st.lists(st.sampled_from(IDS), max_size=3))
def test_a_context_is_new_once_anything_around_it_is(
    parents: dict[str, str | None], reached: list[str]
) -> None:
    """Asked before anything else is, so no answer is fixed too early."""
    tracker = ReplayTracker(lineage_of({**parents, "recorded": None}))
    tracker.begin()
    for context in reached:
        tracker.track("nowhere", context)
    for key in IDS:
        around = ancestors(parents, key)
        assert tracker.is_new(key) == bool(around - set(parents) or around & set(reached))


def test_a_thousand_contexts_deep() -> None:
    deep = {str(n): str(n - 1) if n else None for n in range(5000)}
    lineage = lineage_of(deep)
    tracker = ReplayTracker(lineage)
    tracker.begin()
    assert tracker.track("4999", "4998") is ReplayStatus.REPLAY
    lineage.mark_done("0")
    assert lineage.is_below_done("4999")


def test_merging_replaces_by_id_and_keeps_the_order() -> None:
    lineage = Lineage()
    lineage.merge((EXECUTION, operation("a"), operation("b")))
    lineage.merge((operation("b", status="FAILED"), operation("a", status="SUCCEEDED")))
    assert [(each.id, each.status) for each in lineage] == [
        ("e1", "STARTED"),
        ("a", "SUCCEEDED"),
        ("b", "FAILED"),
    ]
    assert [each.id for each in lineage.children(None)] == ["a", "b"]
    assert len(lineage) == 3
    assert "a" in lineage
    assert "z" not in lineage


def test_a_type_never_changes() -> None:
    lineage = Lineage()
    lineage.merge((operation("a"),))
    with pytest.raises(RemoteProtocolError, match="a was STEP and is now WAIT"):
        lineage.merge((operation("a", "WAIT"),))


def test_by_hand() -> None:
    lineage = Lineage()
    lineage.add(operation("a"))
    with pytest.raises(LocalProtocolError, match="recorded already"):
        lineage.add(operation("a"))
    with pytest.raises(LocalProtocolError, match="not recorded"):
        lineage.update(operation("b"))
    failed = operation("a", status="FAILED")
    assert lineage.update(failed) is failed
    assert lineage.get("a") is failed


def test_a_queued_context_has_a_parent_too() -> None:
    lineage = Lineage()
    lineage.announce("b", "a")
    assert lineage.parent_of("b") == "a"
    lineage.mark_done("a")
    assert lineage.is_below_done("b")
    lineage.merge((operation("b", "CONTEXT", parent="c"),))
    assert lineage.parent_of("b") == "c"
    assert not lineage.is_below_done("b")
