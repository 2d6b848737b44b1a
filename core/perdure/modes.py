"""When a caller waits for its update to be durable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class CheckpointingMode(StrEnum):
    """How much durability costs. None of them ever loses a confirmed update."""

    EAGER = "EAGER"
    """Every update is a request of its own, and its caller waits."""
    BATCHED = "BATCHED"
    """A request leaves when somebody waits; what queues up meanwhile goes with the next."""
    OPTIMISTIC = "OPTIMISTIC"
    """Results that may be computed again do not wait; what correctness needs still does."""


class Need(StrEnum):
    """Why an update is written, which decides whether its caller waits."""

    __hash__ = str.__hash__

    ANNOUNCE = "ANNOUNCE"
    """START of something that may simply be run again after a crash."""
    RESULT = "RESULT"
    """The end of an at-least-once step or of a child: losing it costs a second run."""
    CORRECTNESS = "CORRECTNESS"
    """The caller must not go on before it is durable."""


WAITS: Final[Mapping[CheckpointingMode, frozenset[Need]]] = {
    CheckpointingMode.EAGER: frozenset(Need),
    CheckpointingMode.BATCHED: frozenset({Need.RESULT, Need.CORRECTNESS}),
    CheckpointingMode.OPTIMISTIC: frozenset({Need.CORRECTNESS}),
}
"""mode: the needs whose caller waits."""
