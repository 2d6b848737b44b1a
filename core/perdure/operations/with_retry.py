"""With retry: a body of durable calls that is run again as a whole until it succeeds.

On the wire it is a child context. Between two attempts lies a durable wait, so nothing is
paid for the pause, and the operations of every attempt keep ids of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from ..errors import ValidationError
from ..retries import RetryStrategy, exponential
from .child import is_fault

RETRY: Final[RetryStrategy] = exponential()
"""What a body without a strategy of its own gets: 3 attempts, 5 s doubling up to 300 s."""

_LONGEST_SUFFIX: Final = len("-backoff-999")


def check_name(name: str | None) -> None:
    """Refuse a name that leaves no room for those of the waits.

    Raises:
        ValidationError: it is too long.
    """
    if name is not None and len(name) + _LONGEST_SUFFIX > 256:
        raise ValidationError(f"the name of with_retry is at most {256 - _LONGEST_SUFFIX} long")


async def run_attempts(
    attempt: Callable[[], Awaitable[Any]],
    pause: Callable[[int, str | None], Awaitable[None]],
    name: str | None,
    retry: RetryStrategy,
    draw: Callable[[], float],
) -> Any:
    """The body of the child context: attempts, with waits in between.

    Args:
        attempt: runs the user's function once, over the effects of `perdure.effects`.
        pause: waits in the child context: (seconds, name of the wait).
        name: of the whole; its waits are named after it.
        retry: asked after each failed attempt. It must depend on its arguments alone: a
            replay asks again. The delay it gives counts only the first time.
        draw: gives a random number in [0, 1).

    Raises:
        Exception: what the last attempt raised, or the strategy itself.
    """
    attempts = 0
    while True:
        attempts += 1
        try:
            return await attempt()
        except Exception as error:
            again = None if is_fault(error) else retry(error, attempts)
            if again is None:
                raise
        wait_name = None if name is None else f"{name}-backoff-{attempts}"
        await pause(again.seconds(draw()), wait_name)
