"""Laws of batches: nothing lost, nothing reordered, no limit passed, no rule broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import ARN, update
from perdure.batching import Batch, Batcher, Queue, build_request, serialise
from perdure.models import OperationUpdate
from perdure.models.encode import to_wire
from perdure.transitions import PAIRABLE

KINDS = st.sampled_from(["STEP", "CONTEXT", "WAIT"])
ACTIONS = st.sampled_from(["START", "START", "SUCCEED", "RETRY"])


def sized(key: str, kind: str, action: str, size: int) -> OperationUpdate:
    """An update with a payload of so many bytes."""
    return update(key, kind, action, payload="x" * size)


UPDATES = st.builds(sized, st.sampled_from("ab"), KINDS, ACTIONS, st.integers(0, 300))
QUEUES = st.lists(st.one_of(st.none(), UPDATES), max_size=25)
BATCHERS = st.builds(Batcher, st.integers(1, 1000), st.integers(1, 6))


def queue_of(updates: Sequence[OperationUpdate | None]) -> Queue:
    """The updates as they lie in the queue; None is a poll."""
    queue = Queue()
    for each in updates:
        queue.push(each, b"" if each is None else serialise(each))
    return queue


def batch_of(updates: Sequence[OperationUpdate | None]) -> Batch:
    """The updates as they lie in one batch."""
    queue = queue_of(updates)
    return Batch(list(queue.updates), list(queue.texts))


def batches(batcher: Batcher, updates: list[OperationUpdate | None]) -> list[Batch]:
    """The queue taken to its end."""
    queue, out = queue_of(updates), list[Batch]()
    while queue:
        out.append(batcher.take(queue))
        assert out[-1].updates, "a batch is never empty, so the queue comes to its end"
    return out


@given(BATCHERS, QUEUES)
def test_all_batches_together_are_the_queue(
    batcher: Batcher, updates: list[OperationUpdate | None]
) -> None:
    taken = [each for batch in batches(batcher, updates) for each in batch.updates]
    assert taken == updates


@given(BATCHERS, QUEUES)
def test_limits_hold(batcher: Batcher, updates: list[OperationUpdate | None]) -> None:
    for batch in batches(batcher, updates):
        assert len(batch.updates) <= batcher.max_updates
        size = sum(len(text) + 1 for text in batch.texts)
        assert size <= batcher.max_bytes or len(batch.updates) == 1


@given(BATCHERS, QUEUES)
def test_an_id_comes_once_but_for_pairs(
    batcher: Batcher, updates: list[OperationUpdate | None]
) -> None:
    for batch in batches(batcher, updates):
        by_id: dict[str, list[OperationUpdate]] = {}
        for each in batch.updates:
            if each is not None:
                by_id.setdefault(each.id, []).append(each)
        for first, *more in by_id.values():
            assert len(more) <= 1
            assert not more or (first.action == "START" and first.type in PAIRABLE)


@given(BATCHERS, QUEUES)
def test_a_batch_ends_only_where_it_must(
    batcher: Batcher, updates: list[OperationUpdate | None]
) -> None:
    made = batches(batcher, updates)
    for batch, following in pairwise(made):
        again = queue_of([*batch.updates, following.updates[0]])
        assert batcher.take(again).updates == batch.updates


def test_a_request() -> None:
    asked = [update("s1"), update("s2", action="SUCCEED", payload="é")]
    request = build_request(ARN, "T0", batch_of([asked[0], None, asked[1]]))
    assert request.updates == tuple(asked)
    assert json.loads(request.body) == {
        "CheckpointToken": "T0",
        "Updates": [to_wire(each) for each in asked],
        "ClientToken": request.client_token,
    }
    assert request.client_token is not None
    assert 1 <= len(request.client_token) <= 64


@given(st.lists(UPDATES, max_size=3), st.lists(UPDATES, max_size=3))
def test_client_tokens_tell_contents_apart(
    one: list[OperationUpdate], other: list[OperationUpdate]
) -> None:
    first, second = (build_request(ARN, "T0", batch_of(each)) for each in (one, other))
    assert (first.client_token == second.client_token) == (one == other)
    assert (first.body == second.body) == (one == other)
    assert build_request(ARN, "T1", batch_of(one)).client_token != first.client_token


@pytest.mark.parametrize("size", [749, 750, 751])
def test_the_default_is_250_updates_and_750_kib(size: int) -> None:
    small = batches(Batcher(), [update(f"s{n}") for n in range(size)])
    assert (
        [len(batch.updates) for batch in small] == [250, 250, size - 500]
        if size <= 750
        else [250] * 3 + [1]
    )
    frame = len(serialise(update("s1", action="SUCCEED", payload=""))) + 1
    payload = "x" * (size * 1024 // 2 - frame)
    large = [update(key, action="SUCCEED", payload=payload) for key in ("s1", "s2")]
    assert len(batches(Batcher(), [*large])) == (1 if size <= 750 else 2)
