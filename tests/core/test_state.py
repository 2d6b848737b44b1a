"""ExecutionState where a vector would be clumsy: its surface, and a peer that makes no sense."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import EXECUTION, operation, response, state, update
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import (
    Closed,
    LocalProtocolError,
    RemoteProtocolError,
    ReplayError,
    ServiceError,
    Suspended,
    TransportError,
)
from perdure.models import (
    Operation,
    OperationStatus,
    OperationType,
    StatePage,
)
from perdure.modes import CheckpointingMode, Need
from perdure.outcome import Pending, Succeeded
from perdure.replay import ReplayStatus
from perdure.state import ExecutionState, Phase


@pytest.mark.parametrize("mode", CheckpointingMode)
def test_the_mode_in_words(mode: CheckpointingMode) -> None:
    one = state(mode=mode)
    assert one.checkpointing_mode is mode
    assert one.is_eager_checkpointing == (mode == "EAGER")
    assert one.is_batched_checkpointing == (mode == "BATCHED")
    assert one.is_optimistic_checkpointing == (mode == "OPTIMISTIC")
    assert one.should_use_async_checkpoint == (mode != "EAGER")
    assert one.prioritizes_durability == (mode == "EAGER")
    assert one.prioritizes_performance == (mode == "OPTIMISTIC")
    assert one.waits_for(Need.CORRECTNESS)


def test_the_record_by_its_names() -> None:
    one = state(operation("c1", "CONTEXT"), operation("s1", parent="c1"))
    assert one.operation_count == 3
    assert one.has_operation("s1")
    assert not one.has_operation("s2")
    assert one.execution_operation == EXECUTION
    assert one.execution_operation_id == "e1"
    assert one.get_original_input_raw() is None
    assert one.get_operation("s1") == operation("s1", parent="c1")
    assert one.get_checkpoint_result("s1").is_started
    assert not one.recorded("s2").is_existent
    assert one.is_replay()
    assert not one.is_new("c1")
    assert one.replay_status("c1") is ReplayStatus.REPLAY
    assert not one.is_parent_done("c1")
    one.mark_parent_done("c1")
    assert one.is_parent_done("c1")
    assert one.is_orphaned("s1")
    assert one.shared_checkpoint_token == one.checkpoint_token == "T0"


def test_the_status_that_an_operation_is_about_to_have() -> None:
    one = state(operation("s2", status="READY"))
    one.checkpoint(update("s1"))
    assert one.expected_status("s1") == "STARTED"
    one.checkpoint(update("s1", action="SUCCEED"))
    assert one.expected_status("s1") == "SUCCEEDED"
    assert one.expected_status("s2") == "READY"
    assert one.expected_status("s3") is None


def test_expectations_do_not_pile_up() -> None:
    """Those that are confirmed are forgotten even while the queue never empties."""
    one = state(batcher=Batcher(max_updates=1))
    for number in range(200):
        one.checkpoint(update(f"s{number}"))
    for number in range(150):
        assert one.request_to_send(1000.0) is not None
        one.receive_response(
            response(f"T{number}", operation(f"s{number}", status="READY")), 1000.0
        )
    assert one.expected_status("s3") == "READY"
    assert one.expected_status("s180") == "STARTED"


def test_the_first_error_sticks() -> None:
    one = state()
    first, second = ReplayError("s1", {"name": "a"}, {"name": "b"}), TransportError("cut off")
    one.fail(first)
    one.fail(second)
    assert one.error is first
    for call in (
        lambda: one.checkpoint(update("s1")),
        one.poll,
        one.check_open,
        lambda: one.recorded("s1"),
        lambda: one.receive_page(StatePage()),
        lambda: one.receive_response(response("T1"), 1000.0),
    ):
        with pytest.raises(ReplayError):
            call()


def test_what_is_settled() -> None:
    one = state()
    ticket = one.checkpoint(update("s1"))
    assert not one.is_settled(ticket)
    one.request_to_send(1000.0)
    one.receive_response(response(None), 1000.0)
    assert one.is_settled(ticket)
    assert one.is_durable(ticket)

    other = state()
    ticket = other.checkpoint(update("s1"))
    other.fail(TransportError("cut off"))
    assert other.is_settled(ticket)
    with pytest.raises(TransportError):
        other.is_durable(ticket)


def test_whatever_is_next() -> None:
    one = state(marker="m1")
    page = one.next_request(1000.0)
    assert page == one.page_to_request() or page is not None
    assert one.next_request(1000.0) is None
    one.receive(StatePage(), 1000.0)
    one.checkpoint(update("s1"))
    assert one.next_request(1000.0) is not None
    one.receive(response("T1"), 1000.0)
    assert one.checkpoint_token == "T1"


def test_queued_updates_are_counted_for_back_pressure() -> None:
    one = state()
    assert one.queued_updates == 0
    one.checkpoint(update("s1"))
    one.checkpoint(update("s2"))
    assert one.queued_updates == 2
    one.request_to_send(1000.0)
    assert one.queued_updates == 0
    assert one.has_pending


def test_phases_only_move_on() -> None:
    one = state(operation("s1"), marker="m1")
    seen = [one.phase]
    one.page_to_request()
    one.receive_page(StatePage())
    seen.append(one.phase)
    one.track_replay("s2")
    seen.append(one.phase)
    one.close(Pending())
    seen.append(one.phase)
    assert seen == [Phase.LOADING, Phase.REPLAYING, Phase.RUNNING, Phase.CLOSED]


def test_close_without_further_ado() -> None:
    one = state()
    assert one.close(Succeeded("1")).result == "1"
    with pytest.raises(Closed):
        one.check_open()


# -- a peer that makes no sense ----------------------------------------------------

KEYS = st.sampled_from(["e1", "a", "b", "c"])
OPERATIONS = st.builds(
    Operation,
    KEYS,
    st.sampled_from([*OperationType, "FETCH"]),
    st.sampled_from([*OperationStatus, "NAPPING"]),
    st.just(900.0),
    st.none(),
    st.none() | KEYS,
)
PAGES = st.builds(StatePage, st.lists(OPERATIONS, max_size=5).map(tuple), st.none() | st.just("m"))


@given(PAGES, st.lists(PAGES, max_size=3), st.lists(st.tuples(PAGES, st.booleans()), max_size=3))
def test_only_remote_errors_come_from_the_peer(
    first: StatePage, pages: list[StatePage], answers: list[tuple[StatePage, bool]]
) -> None:
    one = ExecutionState("arn/e1", "T0", first)
    for page in pages:
        if one.page_to_request() is not None:
            one.receive_page(page)
    for number, (page, with_token) in enumerate(answers):
        try:
            one.poll()
        except (LocalProtocolError, Suspended, RemoteProtocolError):
            break
        assert one.request_to_send(1000.0) is not None
        answer = response(f"T{number}" if with_token else None, *page.operations)
        one.receive_response(answer, 1000.0)
    ask_everything(one)
    assert one.error is None or isinstance(one.error, RemoteProtocolError)


def ask_everything(one: ExecutionState) -> None:
    """No question about nonsense raises anything but RemoteProtocolError."""
    for key in ("e1", "a", "b", "c", "nowhere"):
        one.get_checkpoint_result(key)
        one.get_child_operations(key)
        one.has_replay_children(key)
        one.is_orphaned(key)
        one.replay_status(key)
        one.track_replay(key, "a")
        one.expected_status(key)
    with suppress(RemoteProtocolError):
        assert one.original_input_raw is None


@given(
    st.sampled_from(OperationType), st.sampled_from(["STARTED", "READY", "NAPPING", "SUCCEEDED"])
)
def test_no_update_on_nonsense_raises_anything_else(kind: OperationType, status: Any) -> None:
    recorded = Operation("a", kind, status, 900.0)
    for action in ("START", "SUCCEED", "FAIL", "RETRY", "CANCEL"):
        one = state(recorded)
        try:
            one.checkpoint(update("a", "STEP", action))
        except LocalProtocolError:
            assert not one.has_pending


def test_attempts_and_error_of_a_request_that_never_succeeds() -> None:
    one = state(retries=RequestRetries(max_attempts=1))
    one.checkpoint(update("s1"))
    one.request_to_send(1000.0)
    one.request_failed(TransportError("cut off"), 1000.0)
    assert one.next_deadline() is None
    with pytest.raises(ServiceError, match="cut off"):
        one.close(Pending())


def test_once_closed_there_is_nothing_to_flush() -> None:
    sut = state()
    sut.close(Pending())
    assert sut.is_durable(sut.flush())


def test_a_request_is_due_when_somebody_waits_and_none_is_out() -> None:
    one = state(retries=RequestRetries(max_attempts=2))
    one.checkpoint(update("s1"), sync=False)
    assert not one.is_request_due
    one.flush()
    assert one.is_request_due
    one.request_to_send(1000.0)
    assert not one.is_request_due
    one.request_failed(TransportError("cut off"), 1000.0)
    assert not one.is_request_due
    one.handle_timer(1001.0)
    assert one.is_request_due
    one.request_to_send(1001.0)
    one.request_failed(TransportError("cut off"), 1001.0)
    one.flush()
    assert not one.is_request_due
