"""Who waits for which ticket. A runtime's own way of waiting is a type parameter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from .outbox import Ticket
from .state import ExecutionState

W = TypeVar("W")


class Waiters(Generic[W]):
    """The flows that wait for durability, first ticket first.

    O(1) each: who waits, waits for what was queued last, but for the odd one.
    """

    __slots__ = ("_tickets", "_waiters")

    def __init__(self) -> None:
        self._tickets: Final[deque[Ticket]] = deque()
        self._waiters: Final[deque[W]] = deque()

    def add(self, ticket: Ticket, waiter: W) -> None:
        """Let somebody wait."""
        at = len(self._tickets)
        while at and self._tickets[at - 1] > ticket:
            at -= 1
        self._tickets.insert(at, ticket)
        self._waiters.insert(at, waiter)

    def settled(self, state: ExecutionState) -> Iterator[W]:
        """Remove and yield those who need wait no longer: wake them, they ask the state."""
        while self._tickets and state.is_settled(self._tickets[0]):
            self._tickets.popleft()
            yield self._waiters.popleft()
