"""Whatever bytes the service sends, they are decoded or raise RemoteProtocolError."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import ARN
from perdure.errors import RemoteProtocolError
from perdure.models import (
    CheckpointResponse,
    ContextDetails,
    ErrorObject,
    InvocationInput,
    Operation,
    OperationStatus,
    OperationType,
    StatePage,
    StepDetails,
)
from perdure.models.decode import (
    decode_checkpoint_response,
    decode_error,
    decode_invocation,
    decode_operation,
    decode_page,
    decode_state_response,
)
from perdure.models.encode import to_wire

JSON: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)

# The members that are read, each with anything in it: nonsense that gets far.
MEMBERS: Final = (
    *("Operations", "NextMarker", "CheckpointToken", "NewExecutionState", "Id", "Type", "Status"),
    *("StartTimestamp", "EndTimestamp", "ParentId", "Name", "SubType", "ExecutionDetails"),
    *("ContextDetails", "StepDetails", "WaitDetails", "CallbackDetails", "ChainedInvokeDetails"),
    *("InputPayload", "ReplayChildren", "Result", "Error", "Attempt", "NextAttemptTimestamp"),
    *("ScheduledEndTimestamp", "CallbackId", "ErrorMessage", "ErrorType", "ErrorData"),
    *("StackTrace", "DurableExecutionArn", "InitialExecutionState", "UpdatedOperationIds"),
)
WORDS: Final = st.sampled_from(
    [*OperationType, *OperationStatus, "", "s1", "2026-01-13T04:51:29Z", "\ud800", 10**400]
)
NEARLY: Final = st.recursive(
    st.one_of(WORDS, JSON),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=8),
    ),
    max_leaves=30,
)


def only_remote(decode: Callable[[Any], object], value: Any) -> None:
    """Decode; RemoteProtocolError is the only error allowed."""
    with suppress(RemoteProtocolError):
        decode(value)


@given(NEARLY)
def test_nonsense_of_the_right_members(value: Any) -> None:
    for decode in (decode_page, decode_operation, decode_error, decode_invocation):
        only_remote(decode, value)


@given(NEARLY)
def test_nonsense_as_an_operation(value: Any) -> None:
    operation = {"Id": "s1", "Type": "STEP", "Status": "STARTED", "StartTimestamp": 1}
    for member in ("ParentId", "EndTimestamp", "StepDetails", "StartTimestamp", "Type", "Status"):
        only_remote(decode_operation, {**operation, member: value})


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_bytes(body: bytes) -> None:
    only_remote(decode_state_response, body)
    only_remote(decode_checkpoint_response, body)


@given(NEARLY)
def test_json(value: Any) -> None:
    body = json.dumps(value).encode()
    only_remote(decode_state_response, body)
    only_remote(decode_checkpoint_response, body)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"\xff", b"", b"nul", b"7", b'"x"', b"null"], ids=repr
)
def test_no_json_object(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_state_response(body)


@pytest.mark.parametrize("member", ["CheckpointToken", "DurableExecutionArn"])
def test_texts_that_are_sent_back_must_be_writable(member: str) -> None:
    event: dict[str, object] = {
        "DurableExecutionArn": ARN,
        "CheckpointToken": "T0",
        "InitialExecutionState": {},
        member: "\ud800",
    }
    with pytest.raises(RemoteProtocolError, match=f"{member} is not writable"):
        decode_invocation(event)


def test_half_a_character_in_an_answer() -> None:
    for body in (
        b'{"CheckpointToken":"\\ud800"}',
        b'{"NewExecutionState":{"NextMarker":"\\udfff"}}',
    ):
        with pytest.raises(RemoteProtocolError, match="not writable"):
            decode_checkpoint_response(body)


STEP: Final[Mapping[str, Any]] = {
    "Id": "s1",
    "Type": "STEP",
    "Status": "SUCCEEDED",
    "StartTimestamp": 900,
    "EndTimestamp": 901.5,
    "ParentId": "c1",
    "Name": "charge",
    "SubType": "Step",
    "StepDetails": {"Attempt": 2, "NextAttemptTimestamp": 950, "Result": "1"},
    "WaitDetails": 7,
}


def test_an_operation() -> None:
    assert decode_operation(STEP) == Operation(
        "s1",
        OperationType.STEP,
        OperationStatus.SUCCEEDED,
        900.0,
        901.5,
        "c1",
        "charge",
        "Step",
        step_details=StepDetails(2, 950.0, "1"),
    )


@pytest.mark.parametrize("wrap", [dict, MappingProxyType])
def test_any_mapping_will_do(wrap: Callable[[Any], Mapping[str, Any]]) -> None:
    event = wrap(
        {
            "DurableExecutionArn": ARN,
            "CheckpointToken": "T0",
            "InitialExecutionState": wrap({"Operations": (wrap(STEP),), "NextMarker": None}),
            "UpdatedOperationIds": ["s1"],
        }
    )
    assert decode_invocation(event) == InvocationInput(
        ARN, "T0", StatePage((decode_operation(STEP),)), ("s1",)
    )


def test_words_of_the_future_stay_words() -> None:
    operation = decode_operation({**STEP, "Type": "FETCH", "Status": "NAPPING"})
    assert (operation.type, operation.status, operation.step_details) == ("FETCH", "NAPPING", None)


def test_a_missing_start_is_the_epoch() -> None:
    assert decode_operation({**STEP, "StartTimestamp": None}).start_timestamp == 0.0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, None),
        ({}, ErrorObject()),
        ({"ErrorMessage": "", "StackTrace": []}, ErrorObject("", stack_trace=())),
        ({"ErrorType": "X", "ErrorData": "d"}, ErrorObject(None, "X", "d")),
        ({"StackTrace": ["a", "b"]}, ErrorObject(stack_trace=("a", "b"))),
    ],
)
def test_absent_is_not_empty(error: object, expected: ErrorObject | None) -> None:
    assert decode_error(error) == expected


@pytest.mark.parametrize("kept", [True, False, None])
def test_replay_children_is_told_apart_from_absent(kept: bool | None) -> None:
    raw = {**STEP, "Type": "CONTEXT", "ContextDetails": {"ReplayChildren": kept, "Result": ""}}
    assert decode_operation(raw).context_details == ContextDetails(kept, "")


def test_replay_children_is_a_boolean() -> None:
    raw = {**STEP, "Type": "CONTEXT", "ContextDetails": {"ReplayChildren": "yes"}}
    with pytest.raises(RemoteProtocolError, match="ReplayChildren must be a boolean, not str"):
        decode_operation(raw)


@pytest.mark.parametrize("kind", ["CONTEXT", "STEP"])
def test_a_result_is_a_text(kind: str) -> None:
    raw = {**STEP, "Type": kind, f"{kind.title()}Details": {"Result": 1}}
    with pytest.raises(RemoteProtocolError, match="Result must be a string, not int"):
        decode_operation(raw)


def test_an_answer() -> None:
    body = json.dumps({"CheckpointToken": "T1", "NewExecutionState": {"Operations": [STEP]}})
    assert decode_checkpoint_response(body.encode()) == CheckpointResponse(
        StatePage((decode_operation(STEP),)), "T1"
    )
    assert decode_checkpoint_response(b"{}") == CheckpointResponse(StatePage(), None)


DETAILS: Final[Mapping[str, Mapping[str, object]]] = {
    "EXECUTION": {"ExecutionDetails": {"InputPayload": "{}"}},
    "CONTEXT": {"ContextDetails": {"ReplayChildren": True, "Result": "1"}},
    "STEP": {"StepDetails": {"Attempt": 1, "Error": {"ErrorMessage": "no"}}},
    "WAIT": {"WaitDetails": {"ScheduledEndTimestamp": 1000.0}},
    "CALLBACK": {"CallbackDetails": {"CallbackId": "Q0I=", "Error": {"StackTrace": ["a"]}}},
    "CHAINED_INVOKE": {"ChainedInvokeDetails": {"Result": ""}},
}


@pytest.mark.parametrize("kind", DETAILS)
def test_written_and_read_again(kind: str) -> None:
    raw = {"Id": "x", "Type": kind, "Status": "STARTED", "StartTimestamp": 900.0, **DETAILS[kind]}
    assert to_wire(decode_operation(raw)) == raw
