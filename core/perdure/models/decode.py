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
_Get = Callable[[str], Any]

# One shared object for each known word: a plain dict lookup, and no copy per operation.
_TYPES: Final[dict[str, OperationType]] = {member.value: member for member in OperationType}
_STATUSES: Final[dict[str, OperationStatus]] = {member.value: member for member in OperationStatus}


def _wrong(member: str, value: object, expected: str) -> NoReturn:
    raise RemoteProtocolError(f"{member} must be {expected}, not {type(value).__name__}")


def _text(value: Any, member: str) -> str | None:
    if value is not None and not isinstance(value, str):
        _wrong(member, value, "a string")
    return value


def _required(value: Any, member: str) -> str:
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


def _instant(value: Any, member: str) -> float | None:
    if value is None:
        return None
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
        _text(raw.get("ErrorMessage"), "ErrorMessage"),
        _text(raw.get("ErrorType"), "ErrorType"),
        _text(raw.get("ErrorData"), "ErrorData"),
        None if stack is None else tuple(stack),
    )


def _execution(raw: Raw) -> ExecutionDetails:
    return ExecutionDetails(_text(raw.get("InputPayload"), "InputPayload"))


def _context(raw: Raw) -> ContextDetails:
    get: _Get = raw.get
    replay_children, result, error = get("ReplayChildren"), get("Result"), get("Error")
    if replay_children is not None and not isinstance(replay_children, bool):
        _wrong("ReplayChildren", replay_children, "a boolean")
    if result is not None and type(result) is not str:
        _text(result, "Result")
    details = _new(_ContextDraft)
    details.replay_children = replay_children
    details.result = result
    details.error = None if error is None else decode_error(error)
    details.__class__ = ContextDetails
    sealed: ContextDetails = details
    return sealed


def _step(raw: Raw) -> StepDetails:
    get: _Get = raw.get
    attempt, result, error = get("Attempt"), get("Result"), get("Error")
    due = get("NextAttemptTimestamp")
    if type(attempt) is not int:
        if attempt is not None:
            _wrong("Attempt", attempt, "a whole number")
        attempt = 0
    if result is not None and type(result) is not str:
        _text(result, "Result")
    details = _new(_StepDraft)
    details.attempt = attempt
    details.next_attempt_timestamp = None if due is None else _instant(due, "NextAttemptTimestamp")
    details.result = result
    details.error = None if error is None else decode_error(error)
    details.__class__ = StepDetails
    sealed: StepDetails = details
    return sealed


def _wait(raw: Raw) -> WaitDetails:
    return WaitDetails(_instant(raw.get("ScheduledEndTimestamp"), "ScheduledEndTimestamp"))


def _callback(raw: Raw) -> CallbackDetails:
    return CallbackDetails(
        _text(raw.get("CallbackId"), "CallbackId"),
        _text(raw.get("Result"), "Result"),
        decode_error(raw.get("Error")),
    )


def _chained_invoke(raw: Raw) -> ChainedInvokeDetails:
    return ChainedInvokeDetails(_text(raw.get("Result"), "Result"), decode_error(raw.get("Error")))


# type: (the member that holds its details, how to read it, the field they go to)
_DETAILS: Final[dict[str, tuple[str, Callable[[Raw], object], str]]] = {
    "EXECUTION": ("ExecutionDetails", _execution, "execution_details"),
    "CONTEXT": ("ContextDetails", _context, "context_details"),
    "STEP": ("StepDetails", _step, "step_details"),
    "WAIT": ("WaitDetails", _wait, "wait_details"),
    "CALLBACK": ("CallbackDetails", _callback, "callback_details"),
    "CHAINED_INVOKE": ("ChainedInvokeDetails", _chained_invoke, "chained_invoke_details"),
}
_TEXT_OR_NONE: Final = frozenset({str, type(None)})
_OperationDraft: Final[Any] = draft_of(Operation)
_ContextDraft: Final[Any] = draft_of(ContextDetails)
_StepDraft: Final[Any] = draft_of(StepDetails)
_new: Final[Callable[[Any], Any]] = object.__new__


def decode_operation(value: Any) -> Operation:
    """Read one operation.

    Raises:
        RemoteProtocolError: a required member is missing, or one has the wrong shape.
    """
    raw = value if value.__class__ is dict else cast("Any", _mapping(value, "an operation"))
    get: _Get = raw.get
    identity, kind, status = get("Id"), get("Type"), get("Status")
    parent, name, sub_type = get("ParentId"), get("Name"), get("SubType")
    start, end = get("StartTimestamp"), get("EndTimestamp")
    if not (
        type(identity) is type(kind) is type(status) is str
        and identity
        and type(parent) in _TEXT_OR_NONE
        and type(name) in _TEXT_OR_NONE
        and type(sub_type) in _TEXT_OR_NONE
    ):
        for member in ("Id", "Type", "Status"):
            _required(get(member), member)
        for member in ("ParentId", "Name", "SubType"):
            _text(get(member), member)
    operation = _new(_OperationDraft)
    operation.id = identity
    operation.type = _TYPES.get(kind, kind)
    operation.status = _STATUSES.get(status, status)
    # Most instants are UNIX seconds already.
    if type(start) is not float or not -1.0 < start < MILLISECONDS_FROM:
        start = _instant(start, "StartTimestamp") or 0.0
    if end is not None and (type(end) is not float or not -1.0 < end < MILLISECONDS_FROM):
        end = _instant(end, "EndTimestamp")
    operation.start_timestamp = start
    operation.end_timestamp = end
    operation.parent_id = parent
    operation.name = name
    operation.sub_type = sub_type
    operation.execution_details = None
    operation.context_details = None
    operation.step_details = None
    operation.wait_details = None
    operation.callback_details = None
    operation.chained_invoke_details = None
    known = _DETAILS.get(kind)
    if known is not None:
        member, read, field = known
        inner = get(member)
        if inner is not None:
            details = read(inner if inner.__class__ is dict else _mapping(inner, member))
            setattr(operation, field, details)
    operation.__class__ = Operation
    sealed: Operation = operation
    return sealed


def decode_page(value: object) -> StatePage:
    """Read one page of operations: the initial state, a state page, or a response's delta."""
    raw = _mapping(value, "a page of operations")
    operations = _list(raw, "Operations") or ()
    marker = _sent_back("NextMarker", _text(raw.get("NextMarker"), "NextMarker") or "")
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
    token = _sent_back(
        "CheckpointToken", _text(raw.get("CheckpointToken"), "CheckpointToken") or ""
    )
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
        _sent_back(
            "DurableExecutionArn", _required(raw.get("DurableExecutionArn"), "DurableExecutionArn")
        ),
        _sent_back("CheckpointToken", _required(raw.get("CheckpointToken"), "CheckpointToken")),
        decode_page(state),
        tuple(str(item) for item in updated),
    )
