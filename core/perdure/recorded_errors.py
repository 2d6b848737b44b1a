"""Errors on their way into the record, and out of it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from .errors import OperationError, SerDesError
from .limits import MAX_ERROR_BYTES
from .models.encode import compact, to_wire
from .models.operation import ErrorObject

_MARK: Final = " … (shortened)"
E = TypeVar("E", bound=OperationError)


def fit_error(error: ErrorObject, limit: int = MAX_ERROR_BYTES) -> ErrorObject:
    """Shorten an error until the service takes it, and say so in it.

    The stack goes first, then the data, then the end of the message: what a reader needs
    most is kept longest.

    Args:
        error: what is to be recorded.
        limit: bytes of its JSON that the service takes.
    """
    if _size(error) <= limit:
        return error
    error = replace(error, stack_trace=None)
    if _size(error) > limit:
        error = replace(error, error_data=None, error_type=(error.error_type or "")[:1024])
    message = error.error_message or ""
    # Halving keeps the work small; escapes make the written size hard to foresee.
    while message and _size(error) > limit:
        message = message[: len(message) // 2]
        error = replace(error, error_message=message + _MARK)
    return error


def _size(error: ErrorObject) -> int:
    return len(compact(to_wire(error)).encode())


def recorded_error(kind: type[E], error: ErrorObject | None) -> E | SerDesError:
    """The exception that a recorded error stands for, the same on every run.

    Args:
        kind: the class of the operation's own errors.
        error: what is recorded; an operation may have ended badly without one.
    """
    if error is None:
        return kind(None)
    if error.error_type == SerDesError.WIRE_TYPE:
        return SerDesError(error.error_message)
    return kind(error.error_message, error.error_type, error.error_data, error.stack_trace)
