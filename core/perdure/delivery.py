"""The one request in flight: sent, resting after a failure, or to be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .errors import RemoteProtocolError, ServiceError


@dataclass(frozen=True, slots=True)
class RequestRetries:
    """How often one request is sent, and how long it rests in between.

    Args:
        max_attempts: the first one included.
        base: seconds before the second attempt, doubled each time.
        cap: the longest rest in seconds, unless the service asks for a longer one.
    """

    max_attempts: int = 6
    base: float = 0.1
    cap: float = 5.0

    def delay(self, failures: int, jitter: float, retry_after: float | None) -> float:
        """Seconds until the next attempt, after so many failures.

        Half of it is fixed and half is spread by `jitter`, a number in [0, 1), so that
        clients that failed together do not come back together. What the service asks
        for in Retry-After is a lower bound.
        """
        rest = min(self.cap, self.base * 2.0 ** min(failures - 1, 64)) * (0.5 + jitter / 2)
        return rest if retry_after is None else max(rest, retry_after)


class Delivery:
    """Counts the failures of a request and times its repetition.

    Args:
        retries: the policy.
        deadline: UNIX seconds after which nothing is repeated; None is never.
    """

    __slots__ = ("_deadline", "_failures", "_repeat", "_retries", "retry_at")

    def __init__(self, retries: RequestRetries, deadline: float | None) -> None:
        self._retries: Final = retries
        self._deadline: Final = deadline
        self._failures = 0
        self._repeat = False
        self.retry_at: float | None = None

    @property
    def is_resting(self) -> bool:
        """Whether the request failed and has not gone out again."""
        return self.retry_at is not None or self._repeat

    @property
    def is_repetition_due(self) -> bool:
        """Whether `take_repetition` would say yes."""
        return self._repeat

    def succeeded(self) -> None:
        """The request was answered."""
        self._failures = 0

    def failed(self, error: ServiceError | RemoteProtocolError, now: float, jitter: float) -> bool:
        """Note a failure. True: it will be repeated; False: it failed for good."""
        self._failures += 1
        # What is no legal answer may be damage on the way, so it is asked for again.
        retryable, retry_after = True, None
        if isinstance(error, ServiceError):
            retryable, retry_after = error.retryable, error.retry_after
        if not retryable or self._failures >= self._retries.max_attempts:
            return False
        rest = self._retries.delay(self._failures, jitter, retry_after)
        if self._deadline is not None and now + rest >= self._deadline:
            return False
        self.retry_at = now + rest
        return True

    def pass_time(self, now: float) -> None:
        """End the rest if it is over."""
        if self.retry_at is not None and now >= self.retry_at:
            self.retry_at = None
            self._repeat = True

    def take_repetition(self) -> bool:
        """Whether the request is to go out again now. Asking takes it."""
        repeat, self._repeat = self._repeat, False
        return repeat
