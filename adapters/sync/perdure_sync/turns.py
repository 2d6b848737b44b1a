"""Which thread goes on next. One at a time is on its way.

Threads that all are woken at once fight for the interpreter and for the lock, and most of
them only to sleep again. So whoever lets go of the lock (to sleep, or to run a function of
the user's) has one other thread come, and that one does the same when it lets go in turn.
Waking a thread is one hand-over of about ten microseconds. Functions of the user's that
block still run side by side, for the next thread comes while they do.

It also is what fills requests: nothing is sent while somebody is on the way who may have
something to send.

One of the threads that wait for the service leads: it sleeps no longer than until the time
when something is to be done, and is rung if that comes sooner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from threading import Lock
from typing import Final

from perdure.state import ExecutionState

from .sleeper import Sleeper
from .threads import Threads
from .workers import Workers


class Turns:
    """The lock of one invocation, and who gets it next. A context manager that holds it.

    Args:
        state: the invocation's.
        clock: tells the time, UNIX seconds.
        threads: how threads begin and wait.
        alone: called when the lock is let go of and nobody sleeps who could send.
    """

    def __init__(
        self,
        state: ExecutionState,
        clock: Callable[[], float],
        threads: Threads,
        alone: Callable[[], None],
    ) -> None:
        self.lock: Final = Lock()
        self.workers: Final = Workers(self.lock, threads)
        self.is_sending = False
        self._state: Final = state
        self._clock: Final = clock
        self._alone: Callable[[], None] | None = alone
        self._ready: Final[deque[Sleeper]] = deque()
        self._asleep: Final[dict[Sleeper, None]] = {}
        self._leader: Sleeper | None = None
        self._coming: Sleeper | None = None
        self._is_alarmed = False

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.pass_on()
        self.lock.release()

    @property
    def is_busy(self) -> bool:
        """Whether somebody is on the way, or sends."""
        return self._coming is not None or self.is_sending

    def end(self) -> None:
        """The invocation is over: let go of who made this object, and so of all it knows."""
        self._alone = None

    # -- the lock is held ------------------------------------------------------------

    def wake(self, sleeper: Sleeper) -> None:
        """What it sleeps for has come about: it comes when it is its turn."""
        self._ready.append(sleeper)

    def wake_all(self) -> None:
        """Have everybody look again who waits for the service."""
        self._ready.extend(self._asleep)

    def call_next(self) -> bool:
        """Have the next thread come that can go on, unless one is on its way; is one then?"""
        while self._coming is None and self._ready:
            self._call(self._ready.popleft())
        if self._coming is None:
            self._coming = self.workers.call(self)
        return self._coming is not None

    def pass_on(self) -> None:
        """The calling thread is about to let go of the lock, and not to wait for the service."""
        if self._state.error is not None and not self._is_alarmed:
            self._is_alarmed = True
            self.wake_all()
        if self.call_next() or self.is_sending:
            return
        if self._leader is not None:
            if self._is_due(self._leader.until):
                self._call(self._leader)
        elif self._asleep:
            self._call(next(iter(self._asleep)))
        elif self._alone is not None:
            self._alone()

    def arrived(self, sleeper: Sleeper) -> None:
        """A thread that was called runs."""
        if self._coming is sleeper:
            self._coming = None

    def rest(self, me: Sleeper) -> None:
        """Sleep until woken, or until something is to be done at a time."""
        until = inf
        if not self.is_busy:
            until = self._state.next_deadline() or inf
        leads = self._leader is None
        if leads:
            self._leader = me
        elif self._leader is not None and until < self._leader.until:
            self._call(self._leader)
        self._asleep[me] = None
        try:
            me.sleep(self.lock, self._clock(), until if leads else inf)
        finally:
            del self._asleep[me]
            if leads:
                self._leader = None
            self.arrived(me)
        if leads:
            self._state.handle_timer(self._clock())

    def _call(self, sleeper: Sleeper) -> None:
        # Who is awake sees for itself.
        if sleeper.is_asleep:
            self._coming = sleeper
            sleeper.ring()

    def _is_due(self, until: float) -> bool:
        self._state.handle_timer(self._clock())
        if self._state.is_request_due:
            return True
        deadline = self._state.next_deadline()
        return deadline is not None and deadline < until
