"""Where the values come from that no replay can make again: the clock and chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sources:
    """What `now`, `random` and `uuid` ask on the first run. The runtimes' adapters have them.

    Args:
        clock: the time, UNIX seconds.
        draw: a random number in [0, 1).
        new_uuid: a random UUID.
    """

    clock: Callable[[], float]
    draw: Callable[[], float]
    new_uuid: Callable[[], UUID]

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)
