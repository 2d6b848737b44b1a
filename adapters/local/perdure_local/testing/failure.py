"""An outcome that is not good, as a test gives it and as a test sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from perdure.models.operation import ErrorObject


class MisuseError(Exception):
    """The test asks for what cannot be: the message says what, and what there is instead."""


class Traced(Protocol):
    """What pytest shows to `hides_frames`: its ``ExceptionInfo``."""

    @property
    def value(self) -> BaseException:
        """What was raised."""
        ...


def hides_frames(traced: Traced) -> bool:
    """For ``__tracebackhide__`` of a module: our own errors say it all, its frames no more.

    Any other error is a fault in here, and is shown whole.
    """
    return type(traced.value).__module__.startswith("perdure_local.testing.")


@dataclass(frozen=True, slots=True)
class Failure:
    """How a callback, a function or an execution failed.

    Args:
        message: what happened.
        type: the name of the error, such as ``ValueError``; None if it has none.
        data: whatever else was sent with it.
    """

    message: str | None = None
    type: str | None = None
    data: str | None = None

    def __str__(self) -> str:
        return ": ".join(each for each in (self.type, self.message) if each) or "no reason given"

    def to_error(self) -> ErrorObject:
        """As the service takes it."""
        return ErrorObject(self.message, self.type, self.data)


def failure_of(error: ErrorObject | None) -> Failure | None:
    """As a test sees it."""
    if error is None:
        return None
    return Failure(error.error_message, error.error_type, error.error_data)


def as_failure(error: Failure | BaseException | str) -> Failure:
    """What a test gave for an error: itself, an exception, or a message."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, BaseException):
        return Failure(str(error), type(error).__name__)
    return Failure(error)


def listed(names: Iterable[str]) -> str:
    """Names for a message: quoted, each once, in the order they came."""
    found = dict.fromkeys(repr(name) for name in names)
    return ", ".join(found) or "none"
