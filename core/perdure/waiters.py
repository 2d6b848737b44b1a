"""Who waits for which ticket. A runtime's own way of waiting is a type parameter."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final, Generic, TypeVar

from .outbox import Ticket
from .state import ExecutionState

W = TypeVar("W")


class Waiters(Generic[W]):
    """The flows that wait for durability, first ticket first. O(log n) each."""

    __slots__ = ("_heap", "_order")

    def __init__(self) -> None:
        self._heap: list[tuple[Ticket, int, W]] = []
        self._order: Final = count()

    def add(self, ticket: Ticket, waiter: W) -> None:
        """Let somebody wait."""
        heappush(self._heap, (ticket, next(self._order), waiter))

    def settled(self, state: ExecutionState) -> Iterator[W]:
        """Remove and yield those who need wait no longer: wake them, they ask the state."""
        while self._heap and state.is_settled(self._heap[0][0]):
            yield heappop(self._heap)[2]
