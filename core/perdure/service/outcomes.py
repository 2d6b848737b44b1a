"""What the end of a child execution, or of a plain function, means for who invoked it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from ..models.enums import ExecutionStatus, OperationStatus
from ..models.operation import ErrorObject
from .execution import Execution
from .operations.chained_invoke import Outcome
from .sizes import is_longer


def outcome_of(child: Execution) -> Outcome:
    """Of an execution that is over."""
    error = child.error
    match child.status:
        case ExecutionStatus.SUCCEEDED:
            return Outcome(OperationStatus.SUCCEEDED, child.result)
        case ExecutionStatus.STOPPED:
            return Outcome(OperationStatus.STOPPED, error=error)
        case ExecutionStatus.TIMED_OUT:
            seconds = child.origin.timeout_seconds
            message = f"CHAINED_INVOKE timed out after {seconds} seconds."
            error = ErrorObject(message, "ChainedInvoke.Timeout")
            return Outcome(OperationStatus.TIMED_OUT, error=error)
        case _:
            return failed(error or ErrorObject("Chained invoke failed."))


def failed(error: ErrorObject) -> Outcome:
    """The function raised, or could not be called."""
    return Outcome(OperationStatus.FAILED, error=error)


def unanswered() -> Outcome:
    """Nobody knows whether the function did anything: its answer never came."""
    return Outcome(OperationStatus.TIMED_OUT)


def returned(output: bytes | str, limit: int) -> Outcome:
    """A plain function returned this, which may have `limit` bytes."""
    try:
        result = output if isinstance(output, str) else output.decode()
    except UnicodeDecodeError:
        return failed(ErrorObject("CHAINED_INVOKE response could not be decoded as UTF-8."))
    if is_longer(result, limit):
        return failed(
            ErrorObject(
                f"CHAINED_INVOKE output payload size must be less than or equal to {limit} bytes."
            )
        )
    return Outcome(OperationStatus.SUCCEEDED, result or None)


def timed_out(request_id: str, seconds: int, now: float) -> Outcome:
    """A plain function did not return in time."""
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    at = at.replace("+00:00", "Z")
    message = f"{at} {request_id} Task timed out after {seconds}.00 seconds"
    return failed(ErrorObject(message, "Sandbox.Timedout"))


def read_function_error(payload: bytes | str) -> ErrorObject:
    """The error of a function, as Lambda answers an Invoke with ``X-Amz-Function-Error``.

    What is not of that form becomes the message, cut to 4,096 characters.
    """
    text = payload if isinstance(payload, str) else payload.decode(errors="replace")
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, Mapping):
        return ErrorObject(text[:4096])
    members = cast("Mapping[str, Any]", raw)
    trace = members.get("stackTrace")
    return ErrorObject(
        _text(members.get("errorMessage")),
        _text(members.get("errorType")),
        _text(members.get("errorData")),
        tuple(map(str, cast("list[object]", trace))) if isinstance(trace, list) else None,
    )


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
