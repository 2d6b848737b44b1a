"""The threads that run branches: started when a job is called, and kept for the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import Context
from functools import partial
from math import inf
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final

from .sleeper import Sleeper
from .threads import Threads

if TYPE_CHECKING:
    from .turns import Turns

MAX_THREADS: Final = 128
"""How many branches run at once, however many there are."""

MAX_PARKED: Final = 640
"""How many wait for the service at once. Each keeps its thread, and Lambda allows 1,024."""


class Workers:
    """The threads of one invocation that run branches. Its methods need the lock.

    A thread that is done with a job takes the next one without being woken. Threads that
    wait for the service to move something do not count: others run in their place, up to a
    limit of its own.

    Args:
        lock: the execution's.
        threads: how they begin and wait.
    """

    def __init__(self, lock: Lock, threads: Threads) -> None:
        self._lock: Final = lock
        self._make: Final = threads
        self._jobs: Final[deque[tuple[Context, Callable[[], object]]]] = deque()
        self._starved: Final[deque[Callable[[], None]]] = deque()
        self._idle: Final[list[Sleeper]] = []
        self._threads: Final[list[Thread]] = []
        self._running = 0
        self._parked = 0
        self._ended = False

    @property
    def has_room(self) -> bool:
        """Whether another branch may run now."""
        return self._running < MAX_THREADS and self._parked < MAX_PARKED

    def submit(self, context: Context, job: Callable[[], object]) -> None:
        """Have a job done by a thread, in a context of its own, with the lock held."""
        self._running += 1
        self._jobs.append((context, job))

    def when_there_is_room(self, start: Callable[[], None]) -> None:
        """Call back once, when another branch may run."""
        self._starved.append(start)

    def blocked(self) -> None:
        """The calling thread waits for branches of its own, or is done. Others may run."""
        self._running -= 1
        self._fill()

    def unblocked(self) -> None:
        """The calling thread goes on."""
        self._running += 1

    def parked(self) -> None:
        """The calling thread waits for the service. Others may run."""
        self._parked += 1
        self.blocked()

    def unparked(self) -> None:
        """The service has moved what the calling thread waited for."""
        self._parked -= 1
        self.unblocked()

    def _fill(self) -> None:
        while self._starved and self.has_room:
            self._starved.popleft()()

    def call(self, turns: Turns) -> Sleeper | None:
        """Have a thread come that does the next job, if there is one: an idle or a new one.

        Args:
            turns: whom it reports to when it comes and goes.
        """
        self._fill()
        if not self._jobs:
            return None
        if self._idle:
            sleeper = self._idle.pop()
            sleeper.ring()
            return sleeper
        sleeper = Sleeper(self._make.bell())
        thread = self._make.thread(partial(self._work, sleeper, turns), "perdure-branch")
        thread.start()
        self._threads.append(thread)
        return sleeper

    def end(self) -> None:
        """Let idle threads go."""
        self._ended = True
        while self._idle:
            self._idle.pop().ring()

    def join(self) -> None:
        """Wait until every thread is gone. Without the lock."""
        for thread in self._threads:
            thread.join()

    def _work(self, me: Sleeper, turns: Turns) -> None:
        with self._lock:
            turns.arrived(me)
            while True:
                while self._jobs:
                    context, job = self._jobs.popleft()
                    context.run(job)
                turns.pass_on()
                if self._ended:
                    return
                self._idle.append(me)
                me.sleep(self._lock, 0.0, inf)
                turns.arrived(me)
