"""Handlers of `perdure_sync` on virtual time: their threads take turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from threading import Condition, Lock, Thread
from typing import Any, Final

from perdure_sync.handler import SyncHandler

from .flight import Flight
from .turns import Turn, Turns


def invoke(handler: SyncHandler, event: Mapping[str, Any], flight: Flight) -> dict[str, Any]:
    """Carry out one invocation in the calling thread, which has the turn."""
    return handler.invoke(
        event,
        flight.lambda_context,
        client=flight.client,
        sources=flight.sources,
        threads=TurnThreads(flight.turns),
    )


class TurnThreads:
    """The threads of an invocation; see `perdure_sync.threads`."""

    def __init__(self, turns: Turns) -> None:
        self._turns: Final = turns

    def condition(self, lock: Lock) -> Condition:
        """A condition whose waits are rests."""
        return TurnCondition(lock, self._turns)

    def thread(self, target: Callable[[], object], name: str) -> Thread:
        """A thread that takes part."""
        return self._turns.thread(target, name)


class TurnCondition(Condition):
    """A condition whose waits are rests.

    Args:
        lock: that it is about.
        turns: who gives and takes them.
    """

    def __init__(self, lock: Lock, turns: Turns) -> None:
        super().__init__(lock)
        self._turns: Final = turns
        self._resting: Final[deque[Turn]] = deque()

    def wait(self, timeout: float | None = None) -> bool:
        """Rest until notified, or for so many seconds of virtual time."""
        turn = self._turns.turn
        until = None if timeout is None else self._turns.now() + timeout
        self._resting.append(turn)
        self.release()
        try:
            self._turns.rest(until)
        finally:
            self.acquire()
        if turn in self._resting:
            self._resting.remove(turn)
            return False
        return True

    def notify(self, n: int = 1) -> None:
        """Wake those who have rested longest."""
        for _ in range(min(n, len(self._resting))):
            self._turns.wake(self._resting.popleft())

    def notify_all(self) -> None:
        """Wake all."""
        self.notify(len(self._resting))
