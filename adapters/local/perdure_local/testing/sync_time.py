"""Handlers of `perdure_sync` on virtual time: their threads take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Thread
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

    def bell(self) -> TurnBell:
        """A bell whose waits are rests."""
        return TurnBell(self._turns)

    def thread(self, target: Callable[[], object], name: str) -> Thread:
        """A thread that takes part."""
        return self._turns.thread(target, name)


class TurnBell:
    """A bell whose waits are rests.

    Args:
        turns: who gives and takes them.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns: Final = turns
        self._resting: Turn | None = None
        self._is_rung = False

    def wait(self, timeout: float | None) -> bool:
        """Rest until rung, or for so many seconds of virtual time."""
        if not self._is_rung:
            self._resting = self._turns.turn
            self._turns.rest(None if timeout is None else self._turns.now() + timeout)
            self._resting = None
        is_rung, self._is_rung = self._is_rung, False
        return is_rung

    def ring(self) -> None:
        """Wake the thread that rests."""
        self._is_rung = True
        if self._resting is not None:
            self._turns.wake(self._resting)
