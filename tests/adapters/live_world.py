"""A world in real time: a wait of one second takes one, unless nothing else is to happen."""

from __future__ import annotations

import time

from adapters.world import World


class LiveWorld(World):
    """As `World`, but its clock runs while an invocation does."""

    _ahead: float = 0.0

    @property
    def now(self) -> float:
        """The time of the service: the real one, and the jumps between invocations."""
        return time.time() + self._ahead

    @now.setter
    def now(self, value: float) -> None:
        # World sets one at first, which does not count, and where it jumps.
        self._ahead = max(0.0, value - time.time())
