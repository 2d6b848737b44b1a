"""Branches in threads: how many there are, and what each of them does.

A thread is started only for a branch that can run now, and serves one branch after the
other. Threads that wait for the service do not count: others run in their place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from perdure.batch_result import BatchItem
from perdure.branches import Branches
from perdure.drive import drive_sync
from perdure.effects import Effect
from perdure.errors import Suspended

from .threads import Threads

if TYPE_CHECKING:
    from .execution import Execution

MAX_THREADS: Final = 128
"""How many branches run at once, however many there are."""


class Workers:
    """The threads of one invocation that run branches. Its methods need the lock.

    Args:
        lock: the execution's.
        threads: how they begin and wait.
    """

    def __init__(self, lock: Lock, threads: Threads) -> None:
        self._make: Final = threads
        self._bell: Final = threads.condition(lock)
        self._jobs: Final[deque[tuple[Context, Callable[[], object]]]] = deque()
        self._threads: Final[list[Thread]] = []
        self._idle = 0
        self._running = 0
        self._ending = False
        self._ended = False

    @property
    def has_room(self) -> bool:
        """Whether another branch may run now."""
        return self._running < MAX_THREADS

    def submit(self, job: Callable[[], object]) -> None:
        """Run a job in a thread. It is called with the lock held."""
        self._running += 1
        self._jobs.append((copy_context(), job))
        if self._ending:
            self._ending = False
            return  # The thread whose job is at its end takes this one.
        if self._idle:
            self._idle -= 1
            self._bell.notify()
            return
        thread = self._make.thread(self._work, "perdure-branch")
        self._threads.append(thread)
        thread.start()

    def ends(self) -> None:
        """The calling thread's job is at its end: it takes the next one."""
        self._ending = True

    def blocked(self) -> None:
        """The calling thread waits for the service or for branches of its own."""
        self._running -= 1

    def unblocked(self) -> None:
        """The calling thread goes on."""
        self._running += 1

    def end(self) -> None:
        """Let idle threads go."""
        self._ended = True
        self._bell.notify_all()

    def join(self) -> None:
        """Wait until every thread is gone. Without the lock."""
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        with self._bell:
            while True:
                while not self._jobs:
                    if self._ended:
                        return
                    self._idle += 1
                    self._bell.wait()
                context, job = self._jobs.popleft()
                context.run(job)
                self._ending = False
                self._running -= 1


class Branching:
    """A batch whose branches run in threads. Its methods need the lock.

    Args:
        execution: the invocation.
        branches: what is to be run.
        run: makes the coroutine of a branch.
    """

    def __init__(
        self,
        execution: Execution,
        branches: Branches,
        run: Callable[[int], Coroutine[Effect, Any, BatchItem[Any]]],
    ) -> None:
        self._execution: Final = execution
        self._branches: Final = branches
        self._run: Final = run
        self._is_joined = False

    def until_over(self) -> None:
        """Start branches as slots and threads allow, until the batch is over.

        Branches that still run then are orphans: their updates are refused. The end of
        the invocation waits for them, for a thread cannot be stopped from outside.
        """
        execution = self._execution
        self._start()
        if self._branches.is_over:
            return
        self._is_joined = True
        execution.flows.end()
        execution.workers.blocked()
        try:
            while not self._branches.is_over:
                self._start()
                execution.turn()
        finally:
            self._resume()
            execution.workers.unblocked()

    def _start(self) -> None:
        execution = self._execution
        while execution.workers.has_room and not execution.state.is_suspended:
            index = self._branches.next_to_start()
            if index is None:
                return
            execution.flows.begin()
            execution.coming()
            execution.workers.submit(partial(self._branch, index))

    def _branch(self, index: int) -> None:
        branches, execution = self._branches, self._execution
        execution.arrived()
        try:
            item = drive_sync(self._run(index), execution.perform)
        except Suspended:
            branches.branch_left()
        except BaseException as error:
            branches.branch_left(error)
        else:
            branches.branch_ended(item)
        finally:
            execution.workers.ends()
            self._start()
            if branches.is_over:
                self._resume()
            execution.notify()
            execution.flows.end()
            execution.suspend_if_stuck()

    def _resume(self) -> None:
        if self._is_joined:
            self._is_joined = False
            self._execution.flows.begin()
