"""Whether and when a failed step is tried again.

A strategy is a function of the error and the number of attempts made, the failed one
included. It returns a `Retry` or None, and knows neither clock nor chance: the spread is
part of its answer, and drawn by whoever carries it out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from .errors import ValidationError
from .models.fields import MAX_DELAY_SECONDS


class Jitter(StrEnum):
    """How a delay is spread, so that those who failed together do not return together."""

    NONE = "NONE"
    """Not at all."""
    HALF = "HALF"
    """Between half of the delay and all of it."""
    FULL = "FULL"
    """Between nothing and all of it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after about `delay` seconds."""

    delay: float
    jitter: Jitter = Jitter.NONE

    def seconds(self, draw: float) -> int:
        """The delay in whole seconds, at least 1. `draw` is a random number in [0, 1)."""
        match self.jitter:
            case Jitter.NONE:
                spread = self.delay
            case Jitter.HALF:
                spread = self.delay / 2 + draw * self.delay / 2
            case Jitter.FULL:
                spread = draw * self.delay
            case _:
                assert_never(self.jitter)
        return min(MAX_DELAY_SECONDS, max(1, math.ceil(spread)))


RetryStrategy = Callable[[Exception, int], Retry | None]
"""(error, attempts made) -> when to try again, or None to give up."""

ErrorPattern = str | re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """A strategy with growing delays. Prefer `exponential`, `linear` and `fixed`.

    Args:
        max_attempts: all in all, the first included; 1 is no retry.
        initial_delay: seconds before the second attempt.
        max_delay: no delay is longer, in seconds.
        rate: each delay is so many times the one before.
        increment: each delay is so many seconds longer than the one before.
        jitter: how the delay is spread.
        retryable_errors: retry if the message contains one of the texts, or a compiled
            pattern is found in it.
        retryable_error_types: retry if the error is an instance of one of these. With
            neither filter every error is retried; with both, one that passes either.
    """

    max_attempts: int = 3
    initial_delay: float = 5
    max_delay: float = 300
    rate: float = 1
    increment: float = 0
    jitter: Jitter = Jitter.FULL
    retryable_errors: tuple[ErrorPattern, ...] | None = None
    retryable_error_types: tuple[type[Exception], ...] | None = None

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValidationError(f"max_attempts is at least 1, not {self.max_attempts}")
        for name in ("initial_delay", "max_delay", "rate", "increment"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValidationError(f"{name} is a number from 0 up, not {value}")

    def __call__(self, error: Exception, attempts_made: int) -> Retry | None:
        """Decide about one failure."""
        if attempts_made >= self.max_attempts or not self._is_retryable(error):
            return None
        return Retry(self.delay(attempts_made), self.jitter)

    def delay(self, attempts_made: int) -> float:
        """Seconds before the next attempt, not yet spread."""
        grown = self.initial_delay + self.increment * (attempts_made - 1)
        try:
            grown *= self.rate ** (attempts_made - 1)
        except OverflowError:
            return self.max_delay
        return min(grown, self.max_delay)

    def _is_retryable(self, error: Exception) -> bool:
        if self.retryable_errors is None and self.retryable_error_types is None:
            return True
        if isinstance(error, self.retryable_error_types or ()):
            return True
        message = str(error)
        return any(
            pattern in message if isinstance(pattern, str) else pattern.search(message)
            for pattern in self.retryable_errors or ()
        )


def exponential(
    *,
    max_attempts: int = 3,
    initial_delay: float = 5,
    max_delay: float = 300,
    rate: float = 2,
    jitter: Jitter = Jitter.FULL,
    retryable_errors: tuple[ErrorPattern, ...] | None = None,
    retryable_error_types: tuple[type[Exception], ...] | None = None,
) -> RetryStrategy:
    """Delays that double, or grow by another rate. Arguments: see `Backoff`."""
    return Backoff(
        max_attempts=max_attempts,
        initial_delay=initial_delay,
        max_delay=max_delay,
        rate=rate,
        jitter=jitter,
        retryable_errors=retryable_errors,
        retryable_error_types=retryable_error_types,
    )


def linear(
    *,
    max_attempts: int = 6,
    initial_delay: float = 1,
    max_delay: float = 300,
    increment: float = 1,
    jitter: Jitter = Jitter.FULL,
    retryable_errors: tuple[ErrorPattern, ...] | None = None,
    retryable_error_types: tuple[type[Exception], ...] | None = None,
) -> RetryStrategy:
    """Delays that grow by the same number of seconds. Arguments: see `Backoff`."""
    return Backoff(
        max_attempts=max_attempts,
        initial_delay=initial_delay,
        max_delay=max_delay,
        increment=increment,
        jitter=jitter,
        retryable_errors=retryable_errors,
        retryable_error_types=retryable_error_types,
    )


def fixed(interval: float = 5, *, max_attempts: int = 5) -> RetryStrategy:
    """The same delay each time, in seconds, without jitter."""
    return Backoff(
        max_attempts=max_attempts,
        initial_delay=interval,
        max_delay=interval,
        jitter=Jitter.NONE,
    )


NO_RETRY: Final[RetryStrategy] = Backoff(max_attempts=1)
DEFAULT: Final[RetryStrategy] = exponential(max_attempts=6, max_delay=60)
"""What a step without a strategy of its own gets."""
TRANSIENT: Final[RetryStrategy] = exponential(jitter=Jitter.HALF)
RESOURCE_AVAILABILITY: Final[RetryStrategy] = exponential(max_attempts=5)
CRITICAL: Final[RetryStrategy] = exponential(
    max_attempts=10, initial_delay=1, max_delay=60, rate=1.5, jitter=Jitter.NONE
)
LINEAR: Final[RetryStrategy] = linear(jitter=Jitter.NONE)
FIXED: Final[RetryStrategy] = fixed()

PRESETS: Final = {
    "none": NO_RETRY,
    "default": DEFAULT,
    "transient": TRANSIENT,
    "resource_availability": RESOURCE_AVAILABILITY,
    "critical": CRITICAL,
    "linear": LINEAR,
    "fixed": FIXED,
}
"""The strategies by the names that all SDKs share."""
