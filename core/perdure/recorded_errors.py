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
    """Shorten an error until the service takes it, and say so at the end of its message.

    The stack goes first, then the data, then the end of the message: what a reader needs
    most is kept longest.

    Args:
        error: what is to be recorded.
        limit: bytes of its JSON that the service takes.
    """
    try:
        size = _size(error)
    except UnicodeEncodeError:
        # A message may hold half a character: file names that are not UTF-8 do.
        error = _writable(error)
        size = _size(error)
    if size <= limit:
        return error
    message = error.error_message or ""
    error = replace(error, stack_trace=None, error_message=message + _MARK)
    if _size(error) > limit:
        kind = error.error_type
        error = replace(error, error_data=None, error_type=None if kind is None else kind[:1024])
    # Halving keeps the work small; escapes make the written size hard to foresee.
    while message and _size(error) > limit:
        message = message[: len(message) // 2]
        error = replace(error, error_message=message + _MARK)
    return error


def _writable(error: ErrorObject) -> ErrorObject:
    def escaped(text: str | None) -> str | None:
        return None if text is None else text.encode(errors="backslashreplace").decode()

    stack = error.stack_trace
    return ErrorObject(
        escaped(error.error_message),
        escaped(error.error_type),
        escaped(error.error_data),
        None if stack is None else tuple(escaped(line) or "" for line in stack),
    )


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
