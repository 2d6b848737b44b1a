"""The timers of one execution's operations: a heap with lazy removal.

Arming and firing cost O(log n); nothing ever looks through all of them.
"""

from __future__ import annotations

from enum import Enum
from heapq import heapify, heappop, heappush


class TimerKind(Enum):
    """What a timer is for."""

    WAIT_END = "wait end"
    STEP_RETRY = "step retry"
    CALLBACK_TIMEOUT = "callback timeout"
    CALLBACK_HEARTBEAT = "callback heartbeat"


TimerKey = tuple[str, TimerKind]
"""Whose timer, and what for. An operation has at most one of each kind."""


class Timers:
    """Due times by key. Equal due times fire in the order they were armed."""

    __slots__ = ("_armed", "_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, TimerKey]] = []
        self._armed: dict[TimerKey, int] = {}
        self._count = 0

    def arm(self, key: TimerKey, due: float) -> None:
        """Let `key` fire at `due`. A timer already armed under that key is replaced."""
        self._count += 1
        self._armed[key] = self._count
        heappush(self._heap, (due, self._count, key))
        # Replaced timers stay in the heap until they come up; let them not pile up there.
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._armed):
            self._heap = [entry for entry in self._heap if self._armed.get(entry[2]) == entry[1]]
            heapify(self._heap)

    def disarm(self, key: TimerKey) -> None:
        """Let `key` not fire. Harmless if it is not armed."""
        self._armed.pop(key, None)

    def clear(self) -> None:
        """Disarm all."""
        self._heap.clear()
        self._armed.clear()

    def next_due(self) -> float | None:
        """When the earliest timer is due, or None."""
        heap = self._heap
        while heap:
            due, count, key = heap[0]
            if self._armed.get(key) == count:
                return due
            heappop(heap)
        return None

    def pop(self) -> TimerKey:
        """Take the earliest timer away. Call it only after `next_due` named a time."""
        key = heappop(self._heap)[2]
        del self._armed[key]
        return key
