"""What no vector can hold: texts that JSON cannot carry, and the bytes that come out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import update
from perdure.admission import admit
from perdure.errors import DurableError, LocalProtocolError, SerDesError, UpdateTooLargeError
from perdure.limits import MAX_PAYLOAD_BYTES
from perdure.models import (
    ErrorObject,
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
)
from perdure.models.encode import to_wire
from perdure.models.validate import validate_json


def test_bytes_and_status() -> None:
    text, leads_to = admit(update("s1", action="SUCCEED", payload='"é"', name="n"), None)
    assert leads_to == ("STEP", OperationStatus.SUCCEEDED)
    assert text.decode() == (
        '{"Id":"s1","Type":"STEP","Action":"SUCCEED","Name":"n","Payload":"\\"é\\""}'
    )


@pytest.mark.parametrize(
    "asked",
    [
        update("s1", action="SUCCEED", payload="\ud800"),
        update("s1", action="FAIL", error=ErrorObject("\udfff")),
        update("s1", action="FAIL", error=ErrorObject(stack_trace=("a", "\ud83d"))),
    ],
    ids=["payload", "message", "stack"],
)
def test_half_a_character_cannot_be_sent(asked: OperationUpdate) -> None:
    with pytest.raises(SerDesError, match="not writable as UTF-8"):
        admit(asked, None)


@pytest.mark.parametrize("kind", OperationType)
def test_a_payload_at_the_limit_and_above(kind: OperationType) -> None:
    limit = MAX_PAYLOAD_BYTES[kind]
    action = "SUCCEED" if kind in ("EXECUTION", "CONTEXT", "STEP") else "START"
    whole = update("x", kind, action, payload="x" * limit)
    assert validate_json(OperationUpdate, admit(whole, None)[0]) == whole
    with pytest.raises(UpdateTooLargeError, match=f"{kind} order has {limit + 1} bytes"):
        admit(update("x", kind, action, payload="x" * (limit + 1), name="order"), None)


def test_an_error_may_be_longer_than_a_payload() -> None:
    """Its own limit is smaller, but shortening it is the business of whoever makes it."""
    text, _ = admit(update("s1", action="FAIL", error=ErrorObject("x" * 1_048_577)), None)
    assert len(text) > 1_048_577


@pytest.mark.parametrize("known", ["WAIT", "FETCH"])
def test_an_id_of_another_type(known: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"s1 is a {known}, not a STEP"):
        admit(update("s1", action="SUCCEED"), (known, "STARTED"))


TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"]), max_size=70)


@given(
    st.builds(
        OperationUpdate,
        TEXT,
        st.just(OperationType.STEP),
        st.just(OperationAction.SUCCEED),
        st.none() | TEXT,
        st.none() | TEXT,
        st.none() | TEXT,
        st.none() | TEXT,
    )
)
def test_what_is_admitted_the_service_takes(asked: OperationUpdate) -> None:
    """Admission and the wire schema agree, whatever the texts are."""
    try:
        text, _ = admit(asked, None)
    except DurableError:
        return
    assert validate_json(OperationUpdate, text) == asked
    assert json.loads(text) == to_wire(asked)
