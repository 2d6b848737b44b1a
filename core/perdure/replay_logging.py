"""Logging that is silent while a function repeats its history.

A durable function runs again from its top in every invocation, so a plain log line would
be written each time. Two ways to have it once: `context.logger`, or `ReplayFilter` on a
logger or handler of one's own. Both go through the standard library, where the user says
what becomes of a record; nothing is written here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping
from typing import Any, Final, Protocol

from .running import running_context, running_step

LOGGER_NAME: Final = "perdure.function"
"""The logger below `context.logger`, unless the context was given another."""


class LoggingContext(Protocol):
    """What logging needs to know of a durable context."""

    def is_replaying(self) -> bool:
        """Whether it still repeats its history."""
        ...

    def log_fields(self) -> dict[str, object]:
        """Where in the execution it is."""
        ...

    @property
    def logger(self) -> ContextLogger:
        """Its logger."""
        ...


class ContextLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger that is silent while its context replays, and says where it stands.

    Each record gets `executionArn`; in a child context `parentId`; in the body of a step
    `operationId`, `attempt` and, if it has one, `operationName`.

    Args:
        logger: what writes; any object with the methods of `logging.Logger`.
        context: whose code logs; None says nothing about it.
        is_replaying: asked in place of the context.
    """

    def __init__(
        self,
        logger: logging.Logger,
        context: LoggingContext | None,
        is_replaying: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(logger, {})
        self._context: Final = context
        self._is_replaying: Final = is_replaying

    def with_is_replaying(self, is_replaying: Callable[[], bool]) -> ContextLogger:
        """The same logger with another idea of when to be silent.

        Args:
            is_replaying: asked for every record; ``lambda: False`` writes them all.
        """
        return ContextLogger(self.logger, self._context, is_replaying)

    def isEnabledFor(self, level: int) -> bool:  # the standard library's name
        """Whether a record of this level would be written now."""
        silent = _is_silent(self._context) if self._is_replaying is None else self._is_replaying()
        return not silent and super().isEnabledFor(level)

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        """Add the fields to those that the caller gave."""
        kwargs["extra"] = {**_fields(self._context), **(kwargs.get("extra") or {})}
        return msg, kwargs


class ReplayFilter(logging.Filter):
    """For loggers and handlers of one's own: as `ContextLogger`, for whatever runs now.

    It lets every record pass that is logged outside of a durable function.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what is repeated; add the fields that the record has not got."""
        context = running_context.get(None)
        if context is None:
            return True
        if _is_silent(context):
            return False
        for name, value in _fields(context).items():
            record.__dict__.setdefault(name, value)
        return True


def running_logger() -> ContextLogger:
    """The logger of the context whose code runs here."""
    context = running_context.get(None)
    if context is None:
        return ContextLogger(logging.getLogger(LOGGER_NAME), None)
    return context.logger


def _is_silent(context: LoggingContext | None) -> bool:
    # The body of a step only ever runs for the first time.
    return context is not None and context.is_replaying() and running_step.get(None) is None


def _fields(context: LoggingContext | None) -> dict[str, object]:
    fields = {} if context is None else context.log_fields()
    running = running_step.get(None)
    if running is not None:
        if running.name is not None:
            fields["operationName"] = running.name
        fields["attempt"] = running.attempt
        fields["operationId"] = running.operation_id
    return fields
