"""What runs here: the context whose code it is, and the attempt of a step in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from .effects import call

if TYPE_CHECKING:
    from .endings import Endings
    from .replay_logging import LoggingContext
    from .step_context import StepContext

running_context: Final[ContextVar[LoggingContext | None]] = ContextVar("perdure_running_context")
running_step: Final[ContextVar[StepContext]] = ContextVar("perdure_running_step")


async def running_in(
    context: LoggingContext | None,
    func: Callable[..., Awaitable[Any] | Any],
    *args: object,
    convert: Callable[[Any], Any] | None = None,
) -> Any:
    """Have a user's function called as the code of a context, and what is due at its end.

    Args:
        context: whose code it is.
        func: the function.
        args: what it takes.
        convert: what is made of its value. If that fails, the function has failed.
    """

    async def body() -> Any:
        value = await call(func, *args)
        return value if convert is None else convert(value)

    running = running_context.set(context)
    try:
        endings: Endings | None = getattr(context, "endings", None)
        return await (body() if endings is None else endings.after(body))
    finally:
        running_context.reset(running)
