"""What runs here: the context whose code it is, and the attempt of a step in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

from .effects import call

if TYPE_CHECKING:
    from .endings import Endings
    from .replay_logging import LoggingContext
    from .step_context import StepContext

T = TypeVar("T")

running_context: Final[ContextVar[LoggingContext | None]] = ContextVar("perdure_running_context")
running_step: Final[ContextVar[StepContext]] = ContextVar("perdure_running_step")


async def running_in(
    context: LoggingContext | None, func: Callable[..., Awaitable[T] | T], *args: object
) -> T:
    """Have a user's function called as the code of a context, and what is due at its end."""
    running = running_context.set(context)
    try:
        endings: Endings | None = getattr(context, "endings", None)
        if endings is None:
            return await call(func, *args)
        return await endings.after(lambda: call(func, *args))
    finally:
        running_context.reset(running)
