"""What runs here: the context whose code it is, and the attempt of a step in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

from .effects import call

if TYPE_CHECKING:
    from .replay_logging import LoggingContext
    from .step_context import StepContext

T = TypeVar("T")

running_context: Final[ContextVar[LoggingContext | None]] = ContextVar("perdure_running_context")
running_step: Final[ContextVar[StepContext]] = ContextVar("perdure_running_step")


async def running_in(
    context: LoggingContext | None, func: Callable[..., Awaitable[T] | T], *args: object
) -> T:
    """Have a user's function called as the code of a context."""
    running = running_context.set(context)
    try:
        return await call(func, *args)
    finally:
        running_context.reset(running)
