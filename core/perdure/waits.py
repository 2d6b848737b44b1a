"""Whether a polled condition is asked again, and when: strategies for `wait_for_condition`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import ValidationError, WaitForConditionError
from .retries import Backoff, Jitter, Retry

WaitStrategy = Callable[[Any, int], Retry | None]
"""(state, attempts made) -> when to check again, or None: the condition is met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollUntil:
    """Check again until a predicate holds, with growing delays.

    Args:
        predicate: whether the state meets the condition.
        max_attempts: how often to check, all in all.
        initial_delay: seconds before the second check.
        max_delay: no delay is longer, in seconds.
        rate: each delay is so many times the one before.
        jitter: how the delay is spread.
    """

    predicate: Callable[[Any], bool]
    max_attempts: int = 60
    initial_delay: float = 5
    max_delay: float = 300
    rate: float = 1.5
    jitter: Jitter = Jitter.FULL

    def __post_init__(self) -> None:
        if not callable(self.predicate):
            raise ValidationError("poll_until takes a function of the state")
        self._backoff()

    def __call__(self, state: Any, attempts_made: int) -> Retry | None:
        """Decide about one state.

        Raises:
            WaitForConditionError: the attempts are used up.
        """
        if self.predicate(state):
            return None
        if attempts_made >= self.max_attempts:
            raise WaitForConditionError(
                f"the condition was not met in {self.max_attempts} attempts"
            )
        return Retry(self._backoff().delay(attempts_made), self.jitter)

    def _backoff(self) -> Backoff:
        return Backoff(
            max_attempts=self.max_attempts,
            initial_delay=self.initial_delay,
            max_delay=self.max_delay,
            rate=self.rate,
            jitter=self.jitter,
        )


def poll_until(
    predicate: Callable[[Any], bool],
    *,
    max_attempts: int = 60,
    initial_delay: float = 5,
    max_delay: float = 300,
    rate: float = 1.5,
    jitter: Jitter = Jitter.FULL,
) -> WaitStrategy:
    """Check again until a predicate holds. Arguments: see `PollUntil`."""
    return PollUntil(
        predicate=predicate,
        max_attempts=max_attempts,
        initial_delay=initial_delay,
        max_delay=max_delay,
        rate=rate,
        jitter=jitter,
    )
