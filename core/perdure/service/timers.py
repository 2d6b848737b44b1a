"""The timers of one execution's operations: a heap with lazy removal.

Arming and firing cost O(log n); nothing ever looks through all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from heapq import heapify, heappop, heappush


class TimerKind(StrEnum):
    """What a timer is for."""

    WAIT_END = "wait end"
    STEP_RETRY = "step retry"
    CALLBACK_TIMEOUT = "callback timeout"
    CALLBACK_HEARTBEAT = "callback heartbeat"


TimerKey = tuple[str, TimerKind]
"""Whose timer, and what for. An operation has at most one of each kind."""


class Timers:
    """Due times by key. Equal due times fire in the order they were armed."""

    __slots__ = ("_armed", "_count", "_heap", "_touched", "cleared")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, TimerKey]] = []
        # By key: when it is due, and its count.
        self._armed: dict[TimerKey, tuple[float, int]] = {}
        self._count = 0
        # What a store has to be told: these keys changed, after all were disarmed or not.
        self._touched: dict[TimerKey, None] = {}
        self.cleared = False

    def arm(self, key: TimerKey, due: float) -> None:
        """Let `key` fire at `due`. A timer already armed under that key is replaced."""
        self._touched[key] = None
        self.restore(key, due, self._count + 1)
        # Replaced timers stay in the heap until they come up; let them not pile up there.
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._armed):
            self._heap = [(*armed, key) for key, armed in self._armed.items()]
            heapify(self._heap)

    def restore(self, key: TimerKey, due: float, count: int) -> None:
        """Take back a timer as it was saved."""
        self._count = max(self._count, count)
        self._armed[key] = due, count
        heappush(self._heap, (due, count, key))

    def disarm(self, key: TimerKey) -> None:
        """Let `key` not fire. Harmless if it is not armed."""
        if self._armed.pop(key, None) is not None:
            self._touched[key] = None

    def clear(self) -> None:
        """Disarm all."""
        self.cleared = self.cleared or bool(self._armed or self._touched)
        self._heap.clear()
        self._armed.clear()
        self._touched.clear()

    def next_due(self) -> float | None:
        """When the earliest timer is due, or None."""
        heap = self._heap
        while heap:
            due, count, key = heap[0]
            if self._armed.get(key) == (due, count):
                return due
            heappop(heap)
        return None

    def pop(self) -> TimerKey:
        """Take the earliest timer away. Call it only after `next_due` named a time."""
        key = heappop(self._heap)[2]
        self.disarm(key)
        return key

    def touched(self) -> Iterable[tuple[TimerKey, tuple[float, int] | None]]:
        """What changed since it was saved: keys, each with its time and count if it is armed."""
        return ((key, self._armed.get(key)) for key in self._touched)

    def forget_touched(self) -> None:
        """All of that is saved now."""
        self._touched.clear()
        self.cleared = False
