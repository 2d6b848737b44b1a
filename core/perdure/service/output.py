"""What the output of an invocation means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from ..errors import RemoteProtocolError
from ..models.decode import decode_error
from ..models.encode import compact, to_wire
from ..models.enums import InvocationStatus
from ..models.operation import ErrorObject


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The execution is done."""

    result: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The execution failed by the handler's own judgement."""

    error: ErrorObject | None


@dataclass(frozen=True, slots=True)
class Suspended:
    """The handler waits for something."""


@dataclass(frozen=True, slots=True)
class NothingPending:
    """The handler says it waits, and there is nothing to wait for."""

    error: ErrorObject


@dataclass(frozen=True, slots=True)
class Refused:
    """It is not the output of a durable invocation. No repetition helps."""

    error: ErrorObject


Verdict = Succeeded | Failed | Suspended | NothingPending | Refused

_STATUSES: Final = frozenset(InvocationStatus)


def judge(output: bytes | str, *, may_suspend: bool) -> Verdict:
    """Read the output of a handler.

    Args:
        output: the JSON that the invocation returned.
        may_suspend: whether there is anything that PENDING may wait for.
    """
    try:
        raw: Any = json.loads(output)
    except (ValueError, RecursionError) as error:
        return _refused(f"Invalid invocation output: {error}")
    if not isinstance(raw, Mapping):
        return _refused("Invalid invocation output: it is not a JSON object")
    return _judge(raw, may_suspend)  # pyright: ignore[reportUnknownArgumentType]  # JSON


def _judge(raw: Mapping[str, Any], may_suspend: bool) -> Verdict:
    status = raw.get("Status")
    result = raw.get("Result")
    if status is None:
        return _refused("Response status is required")
    if not isinstance(status, str) or status not in _STATUSES:
        return _refused(f"Invalid invocation output: {status!r} is not a valid InvocationStatus")
    if result is not None and not isinstance(result, str):
        return _refused("Invalid invocation output: Result must be a string")
    try:
        error = decode_error(raw.get("Error"))
        # JSON can spell half a surrogate pair; nothing could ever write that out again.
        compact([result, None if error is None else to_wire(error)]).encode()
    except (RemoteProtocolError, UnicodeEncodeError) as fault:
        return _refused(f"Invalid invocation output: {fault}")
    meant = InvocationStatus(status)
    match meant:
        case InvocationStatus.FAILED:
            if result is not None:
                return _refused("Cannot provide a Result for FAILED status.")
            return Failed(error)
        case InvocationStatus.SUCCEEDED:
            if error is not None:
                return _refused("Cannot provide an Error for SUCCEEDED status.")
            return Succeeded(result)
        case InvocationStatus.PENDING:
            if not may_suspend:
                return NothingPending(
                    _error("Cannot return PENDING status with no pending operations.")
                )
            return Suspended()
        case _:
            assert_never(meant)


def _error(message: str) -> ErrorObject:
    return ErrorObject(message, "InvalidParameterValueException")


def _refused(message: str) -> Refused:
    return Refused(_error(message))
