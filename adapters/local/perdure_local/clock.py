"""The time of the embedded service: the real one, or one that skips what nobody works in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol


class Clock(Protocol):
    """Says what time it is, and how long to sleep before a deadline."""

    def now(self) -> float:
        """The time, UNIX seconds."""
        ...

    def seconds_until(self, deadline: float, *, idle: bool) -> float:
        """How long to sleep, in real seconds, before something that is due at `deadline`.

        Args:
            deadline: UNIX seconds of this clock.
            idle: no invocation is in flight, so nobody would see the time pass.
        """
        ...


class RealClock:
    """The clock on the wall."""

    def now(self) -> float:
        """The time, UNIX seconds."""
        return time.time()

    def seconds_until(self, deadline: float, *, idle: bool) -> float:
        """The time that is left, whether idle or not."""
        del idle
        return max(0.0, deadline - self.now())


class SkippingClock:
    """Runs at the pace of the wall while a function works, and jumps over idle time.

    It never jumps while an invocation is in flight: a wait would then end under the
    function that has just begun it, and histories would depend on luck.

    Args:
        wall: where the real time comes from, UNIX seconds.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall: Final = wall
        self._skipped = 0.0

    @property
    def skipped(self) -> float:
        """How much time was jumped over so far, in seconds."""
        return self._skipped

    def now(self) -> float:
        """The time, UNIX seconds, ahead of the wall by all that was skipped."""
        return self._wall() + self._skipped

    def seconds_until(self, deadline: float, *, idle: bool) -> float:
        """Zero when idle, after a jump to `deadline`; the time that is left otherwise."""
        left = deadline - self.now()
        if left <= 0:
            return 0.0
        if not idle:
            return left
        self._skipped += left
        return 0.0
