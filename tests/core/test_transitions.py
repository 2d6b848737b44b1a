"""The tables of what may happen, held against each other and against the service's rules."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import update
from perdure.admission import admit
from perdure.errors import LocalProtocolError
from perdure.models import OperationAction, OperationStatus, OperationType
from perdure.transitions import (
    LEGAL_ACTIONS,
    ON_REPLAY,
    SERVICE_PENDING,
    TERMINAL,
    TRANSITIONS,
    OnReplay,
)

# The whole truth a second time, in another shape: type -> action -> statuses ("-" is absent).
LEGAL: Final = {
    "EXECUTION": {"SUCCEED": "- STARTED", "FAIL": "- STARTED"},
    "CONTEXT": {"START": "-", "SUCCEED": "- STARTED", "FAIL": "- STARTED"},
    "STEP": {
        "START": "- READY",
        "SUCCEED": "- STARTED READY",
        "FAIL": "- STARTED READY",
        "RETRY": "- STARTED READY",
    },
    "WAIT": {"START": "-", "CANCEL": "STARTED"},
    "CALLBACK": {"START": "-"},
    "CHAINED_INVOKE": {"START": "-"},
}

FOLLOWING: Final = {
    "START": "STARTED",
    "SUCCEED": "SUCCEEDED",
    "FAIL": "FAILED",
    "RETRY": "PENDING",
    "CANCEL": "CANCELLED",
}

STATUSES: Final = [None, *OperationStatus]


@pytest.mark.parametrize("kind", OperationType)
@pytest.mark.parametrize("action", OperationAction)
@pytest.mark.parametrize("status", STATUSES)
def test_an_update_is_admitted_or_raises(
    kind: OperationType, action: OperationAction, status: OperationStatus | None
) -> None:
    asked = update("x", kind, action)
    known = None if status is None else (kind, status)
    if (status or "-") in LEGAL[kind].get(action, "").split():
        assert admit(asked, known)[1] == (kind, FOLLOWING[action])
    else:
        with pytest.raises(LocalProtocolError):
            admit(asked, known)


@given(
    st.sampled_from(OperationType),
    st.sampled_from(OperationAction),
    st.text(min_size=1).filter(lambda text: text not in OperationStatus.__members__),
)
def test_a_status_of_the_future_admits_nothing(
    kind: OperationType, action: OperationAction, status: str
) -> None:
    with pytest.raises(LocalProtocolError):
        admit(update("x", kind, action), (kind, status))


def test_nothing_leaves_a_terminal_status() -> None:
    assert [row for rows in TRANSITIONS.values() for row in rows if row in TERMINAL] == []


def test_actions_of_each_type() -> None:
    assert {kind: set(actions) for kind, actions in LEGAL_ACTIONS.items()} == {
        kind: set(actions) for kind, actions in LEGAL.items()
    }


def test_replay_knows_every_status_that_an_operation_can_have() -> None:
    """Own updates, timers and outsiders lead to no status that replay does not know."""
    reached: dict[OperationType, set[OperationStatus | None]] = {kind: {None} for kind in ON_REPLAY}
    for (kind, _), rows in TRANSITIONS.items():
        if kind in reached:
            reached[kind] |= set(rows) | set(rows.values())
    for kind, statuses in reached.items():
        assert statuses | TERMINAL <= set(ON_REPLAY[kind])


def test_replay_parks_exactly_where_the_service_moves() -> None:
    parked = {
        (kind, status)
        for kind, rows in ON_REPLAY.items()
        for status, does in rows.items()
        if does is OnReplay.PARK
    }
    assert parked == SERVICE_PENDING


@pytest.mark.parametrize("kind", ON_REPLAY)
def test_replay_never_repeats_what_has_ended(kind: OperationType) -> None:
    for status in TERMINAL:
        assert ON_REPLAY[kind][status] in (OnReplay.RETURN, OnReplay.RAISE)
    assert ON_REPLAY[kind][OperationStatus.SUCCEEDED] is OnReplay.RETURN


@pytest.mark.parametrize("kind", ON_REPLAY)
def test_what_replay_begins_may_be_started(kind: OperationType) -> None:
    startable = TRANSITIONS[(kind, OperationAction.START)]
    begun = {status for status, does in ON_REPLAY[kind].items() if does is OnReplay.BEGIN}
    assert begun == set(startable)
