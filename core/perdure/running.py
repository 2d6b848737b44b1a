"""What runs here: the context whose code it is, and the attempt of a step in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextvars import ContextVar
from types import coroutine
from typing import TYPE_CHECKING, Any, Final, cast

from .effects import Call, Effect

if TYPE_CHECKING:
    from .endings import Endings
    from .replay_logging import LoggingContext
    from .step_context import StepContext

running_context: Final[ContextVar[LoggingContext | None]] = ContextVar("perdure_running_context")
running_step: Final[ContextVar[StepContext | None]] = ContextVar("perdure_running_step")


@coroutine
def running_in(
    context: LoggingContext | None,
    func: Callable[..., Awaitable[Any] | Any],
    *args: object,
    convert: Callable[[Any], Any] | None = None,
) -> Generator[Effect, Any, Any]:
    """Have a user's function called as the code of a context, and what is due at its end.

    Args:
        context: whose code it is.
        func: the function.
        args: what it takes.
        convert: what is made of its value. If that fails, the function has failed.
    """
    around = running_context.get(None)
    running_context.set(context)
    try:
        try:
            value = yield Call(func, args)
            if convert is not None:
                value = convert(value)
        except Exception:
            if (endings := _registered(context)) is not None:
                yield from cast("Generator[Effect, Any, None]", endings.after_failure())
            raise
        if (endings := _registered(context)) is not None:
            yield from cast("Generator[Effect, Any, None]", endings.after_success())
        return value
    finally:
        running_context.set(around)


def _registered(context: LoggingContext | None) -> Endings | None:
    endings: Endings | None = getattr(context, "endings", None)
    return endings
