"""Threads that take turns, and a time that passes only when none of them can move.

One thread at a time has the turn and runs; the others stand at their gates. A thread
gives its turn away by resting: until a time, or until it is woken. It goes to those who
are ready, in the order they became so. Only when nobody is ready does the time jump, to
the earliest moment that anybody waits for. So a run is the same every time, and a month
of waiting takes no longer than a second of it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Final, Protocol

from .strangers import TakingPart


class Outside(Protocol):
    """What happens at its own times, without a thread: the service, and whoever answers it."""

    def advance(self) -> None:
        """Do all that is due now. It may begin and wake threads. It raises nothing."""
        ...

    def next_deadline(self) -> float | None:
        """When there is something to do next, UNIX seconds; None is never."""
        ...


class Turn:
    """The place of one thread among the others."""

    __slots__ = ("gate", "is_resting", "naps")

    def __init__(self) -> None:
        self.gate: Final = threading.Semaphore(0)
        self.is_resting = False
        self.naps = 0


class Turns:
    """Says who runs, and what time it is.

    Args:
        start: the time at the beginning, UNIX seconds.
        outside: what else happens in time.
    """

    def __init__(self, start: float, outside: Outside) -> None:
        self._now = start
        self._outside: Final = outside
        self._ready: Final[deque[Turn]] = deque()
        self._naps: Final[list[tuple[float, int, Turn, int]]] = []
        self._order: Final = count()
        self._mine: Final = threading.local()

    def now(self) -> float:
        """The time, UNIX seconds."""
        return self._now

    def take_part(self) -> Turn:
        """The calling thread is the first, and has the turn."""
        turn = Turn()
        self._mine.turn = turn
        return turn

    def thread(self, target: Callable[[], object], name: str) -> threading.Thread:
        """A daemon thread that takes part from its start to its end. It is not started yet."""
        return _InTurn(self, target, name)

    def rest(self, until: float | None) -> None:
        """Give the turn away until a time, or until somebody calls `wake`.

        Args:
            until: UNIX seconds; None is for ever.
        """
        turn: Turn = self._mine.turn
        turn.is_resting = True
        turn.naps += 1
        if until is not None:
            heappush(self._naps, (until, next(self._order), turn, turn.naps))
        following = self._following()
        if following is not turn:
            following.gate.release()
            turn.gate.acquire()

    def wake(self, turn: Turn) -> None:
        """Let a thread go on that rests. It gets the turn after those who are ready."""
        if turn.is_resting:
            turn.is_resting = False
            self._ready.append(turn)

    @property
    def turn(self) -> Turn:
        """That of the calling thread.

        Raises:
            RuntimeError: it does not take part: a thread that user code has started.
        """
        turn: Turn | None = getattr(self._mine, "turn", None)
        if turn is None:
            raise RuntimeError("a thread of your own cannot wait for the service in a test")
        return turn

    def enlist(self, turn: Turn) -> None:
        """A thread is about to start, with this place."""
        self._ready.append(turn)

    def enter(self, turn: Turn) -> None:
        """The calling thread has started; wait until it is its turn."""
        turn.gate.acquire()
        self._mine.turn = turn

    def leave(self) -> None:
        """The calling thread is at its end."""
        self._following().gate.release()

    def _following(self) -> Turn:
        while not self._ready:
            self._outside.advance()
            if not self._ready:
                self._jump()
        return self._ready.popleft()

    def _jump(self) -> None:
        """Go to the earliest time that anybody waits for, and wake those whose time it is."""
        times = [when for when in (self._outside.next_deadline(), self._next_nap()) if when]
        assert times  # an execution that is open has a timeout, and the last one wakes its owner
        self._now = max(self._now, min(times))
        while (when := self._next_nap()) is not None and when <= self._now:
            self.wake(heappop(self._naps)[2])

    def _next_nap(self) -> float | None:
        while self._naps:
            when, _, turn, nap = self._naps[0]
            if turn.is_resting and turn.naps == nap:
                return when
            heappop(self._naps)
        return None


class _InTurn(TakingPart):
    """A thread that runs only while it has the turn."""

    def __init__(self, turns: Turns, target: Callable[[], object], name: str) -> None:
        super().__init__(target=target, name=name, daemon=True)
        self._turns: Final = turns
        self._turn: Final = Turn()
        self._is_over = False
        self._waiting_for_its_end: Final[list[Turn]] = []

    def start(self) -> None:
        self._turns.enlist(self._turn)
        super().start()

    def run(self) -> None:
        self._turns.enter(self._turn)
        try:
            super().run()
        finally:
            self._is_over = True
            for turn in self._waiting_for_its_end:
                self._turns.wake(turn)
            self._turns.leave()

    def join(self, timeout: float | None = None) -> None:
        """Give the turn away until the thread is at its end; there is no time limit."""
        del timeout
        while not self._is_over:
            self._waiting_for_its_end.append(self._turns.turn)
            self._turns.rest(None)
        super().join()
