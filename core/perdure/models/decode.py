"""Reading what the service sends, by hand and without pydantic.

It runs for every recorded operation of every invocation, before user code, so it looks
only at what is there: unknown members are passed over, a member of the wrong shape
raises RemoteProtocolError, and constraints (patterns, lengths) are the service's own
affair. Whatever does not come from the service is validated by `perdure.models.validate`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn, cast

from ..errors import RemoteProtocolError
from .checkpoint import CheckpointResponse, StatePage
from .drafts import draft_of
from .enums import OperationStatus, OperationType
from .fields import MILLISECONDS_FROM, timestamp
from .invocation import InvocationInput
from .operation import (
    CallbackDetails,
    ChainedInvokeDetails,
    ContextDetails,
    ErrorObject,
    ExecutionDetails,
    Operation,
    StepDetails,
    WaitDetails,
)

Raw = Mapping[str, Any]

# One shared object for each known word: a plain dict lookup, and no copy per operation.
_TYPES: Final[dict[str, OperationType]] = {member.value: member for member in OperationType}
_STATUSES: Final[dict[str, OperationStatus]] = {member.value: member for member in OperationStatus}


def _wrong(member: str, value: object, expected: str) -> NoReturn:
    raise RemoteProtocolError(f"{member} must be {expected}, not {type(value).__name__}")


def _text(raw: Raw, member: str) -> str | None:
    value = raw.get(member)
    if value is None or type(value) is str:
        return value
    if not isinstance(value, str):
        _wrong(member, value, "a string")
    return value


def _required(raw: Raw, member: str) -> str:
    value = raw.get(member)
    if type(value) is str and value:
        return value
    if not isinstance(value, str) or not value:
        _wrong(member, value, "a string")
    return value


def _sent_back(member: str, value: str) -> str:
    """A text that later requests carry; JSON can spell what UTF-8 cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RemoteProtocolError(f"{member} is not writable as UTF-8") from None
    return value


def _mapping(value: Any, member: str) -> Raw:
    checked: object = value
    if not isinstance(checked, (dict, Mapping)):
        _wrong(member, checked, "an object")
    mapping: Raw = value
    return mapping


def _list(raw: Raw, member: str) -> Sequence[Any] | None:
    value: Any = raw.get(member)
    if value is not None and not isinstance(value, (list, tuple)):
        _wrong(member, value, "a list")
    return cast("Sequence[Any] | None", value)


def _instant(raw: Raw, member: str) -> float | None:
    value = raw.get(member)
    if value is None or (type(value) is float and -1.0 < value < MILLISECONDS_FROM):
        return value
    try:
        return timestamp(value)
    except ValueError as error:
        raise RemoteProtocolError(f"{member}: {error}") from None


def decode_error(value: object) -> ErrorObject | None:
    """Read an ErrorObject; absent stays absent."""
    if value is None:
        return None
    raw = _mapping(value, "Error")
    stack = _list(raw, "StackTrace")
    if stack is not None and not all(isinstance(line, str) for line in stack):
        _wrong("StackTrace", stack, "a list of strings")
    return ErrorObject(
        _text(raw, "ErrorMessage"),
        _text(raw, "ErrorType"),
        _text(raw, "ErrorData"),
        None if stack is None else tuple(stack),
    )


def _execution(raw: Raw) -> ExecutionDetails:
    return ExecutionDetails(_text(raw, "InputPayload"))


def _context(raw: Raw) -> ContextDetails:
    replay_children = raw.get("ReplayChildren")
    if replay_children is not None and not isinstance(replay_children, bool):
        _wrong("ReplayChildren", replay_children, "a boolean")
    return ContextDetails(replay_children, _text(raw, "Result"), decode_error(raw.get("Error")))


def _step(raw: Raw) -> StepDetails:
    attempt = raw.get("Attempt")
    if type(attempt) is not int:
        if attempt is not None:
            _wrong("Attempt", attempt, "a whole number")
        attempt = 0
    result = raw.get("Result")
    if type(result) is not str:
        result = _text(raw, "Result")
    error = raw.get("Error")
    details = _StepDraft(
        attempt,
        _instant(raw, "NextAttemptTimestamp") if "NextAttemptTimestamp" in raw else None,
        result,
        None if error is None else decode_error(error),
    )
    details.__class__ = StepDetails
    return details


def _wait(raw: Raw) -> WaitDetails:
    return WaitDetails(_instant(raw, "ScheduledEndTimestamp"))


def _callback(raw: Raw) -> CallbackDetails:
    return CallbackDetails(
        _text(raw, "CallbackId"), _text(raw, "Result"), decode_error(raw.get("Error"))
    )


def _chained_invoke(raw: Raw) -> ChainedInvokeDetails:
    return ChainedInvokeDetails(_text(raw, "Result"), decode_error(raw.get("Error")))


# type: (the member that holds its details, how to read it, its place among the details)
_DETAILS: Final[dict[str, tuple[str, Callable[[Raw], object], int]]] = {
    "EXECUTION": ("ExecutionDetails", _execution, 0),
    "CONTEXT": ("ContextDetails", _context, 1),
    "STEP": ("StepDetails", _step, 2),
    "WAIT": ("WaitDetails", _wait, 3),
    "CALLBACK": ("CallbackDetails", _callback, 4),
    "CHAINED_INVOKE": ("ChainedInvokeDetails", _chained_invoke, 5),
}
_TEXT_OR_NONE: Final = frozenset({str, type(None)})
_OperationDraft: Final = draft_of(Operation)
_StepDraft: Final = draft_of(StepDetails)


def decode_operation(value: object) -> Operation:
    """Read one operation.

    Raises:
        RemoteProtocolError: a required member is missing, or one has the wrong shape.
    """
    raw = _mapping(value, "an operation")
    get = cast("Callable[[str], Any]", raw.get)
    identity: str = get("Id")
    kind: str = get("Type")
    status: str = get("Status")
    parent, name, sub_type = get("ParentId"), get("Name"), get("SubType")
    if not (
        type(identity) is type(kind) is type(status) is str
        and identity
        and type(parent) in _TEXT_OR_NONE
        and type(name) in _TEXT_OR_NONE
        and type(sub_type) in _TEXT_OR_NONE
    ):
        for member in ("Id", "Type", "Status"):
            _required(raw, member)
        for member in ("ParentId", "Name", "SubType"):
            _text(raw, member)
    details: list[object] = [None] * len(_DETAILS)
    known = _DETAILS.get(kind)
    if known is not None:
        member, read, place = known
        inner = get(member)
        if inner is not None:
            details[place] = read(_mapping(inner, member))
    operation = _OperationDraft(
        identity,
        _TYPES.get(kind, kind),
        _STATUSES.get(status, status),
        _instant(raw, "StartTimestamp") or 0.0,
        _instant(raw, "EndTimestamp"),
        parent,
        name,
        sub_type,
        *details,
    )
    operation.__class__ = Operation
    return operation


def decode_page(value: object) -> StatePage:
    """Read one page of operations: the initial state, a state page, or a response's delta."""
    raw = _mapping(value, "a page of operations")
    operations = _list(raw, "Operations") or ()
    marker = _sent_back("NextMarker", _text(raw, "NextMarker") or "")
    return StatePage(tuple(map(decode_operation, operations)), marker or None)


def _json(body: bytes) -> Raw:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RemoteProtocolError(f"the answer is not JSON: {error}") from None
    return _mapping(value, "the answer")


def decode_state_response(body: bytes) -> StatePage:
    """Read the body of a GetDurableExecutionState answer."""
    return decode_page(_json(body))


def decode_checkpoint_response(body: bytes) -> CheckpointResponse:
    """Read the body of a CheckpointDurableExecution answer."""
    raw = _json(body)
    state = raw.get("NewExecutionState")
    token = _sent_back("CheckpointToken", _text(raw, "CheckpointToken") or "")
    return CheckpointResponse(StatePage() if state is None else decode_page(state), token or None)


def decode_invocation(event: object) -> InvocationInput:
    """Read the event of an invocation.

    Raises:
        RemoteProtocolError: it is not the envelope of a durable invocation. Usually the
            function was invoked without a durable configuration.
    """
    if not isinstance(event, Mapping) or "DurableExecutionArn" not in event:
        raise RemoteProtocolError(
            "this event is not a durable invocation (it has no DurableExecutionArn): "
            "invoke the function through a version or alias with a DurableConfig"
        )
    raw = _mapping(event, "the event")  # pyright: ignore[reportUnknownArgumentType]  # JSON
    state = raw.get("InitialExecutionState")
    if state is None:
        _wrong("InitialExecutionState", state, "an object")
    updated = _list(raw, "UpdatedOperationIds") or ()
    return InvocationInput(
        _sent_back("DurableExecutionArn", _required(raw, "DurableExecutionArn")),
        _sent_back("CheckpointToken", _required(raw, "CheckpointToken")),
        decode_page(state),
        tuple(str(item) for item in updated),
    )
