"""A batch whose branches run in threads: what those threads do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from perdure.batch_result import Ended
from perdure.branches import Branches
from perdure.drive import drive_sync
from perdure.effects import Effect
from perdure.errors import Suspended

if TYPE_CHECKING:
    from .execution import Execution


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
        run: Callable[[int], Coroutine[Effect, Any, Ended]],
    ) -> None:
        self._execution: Final = execution
        self._branches: Final = branches
        self._run: Final = run
        self._sleeper: Final = execution.sleeper()
        # Where a branch is started by one that ends, it must not inherit what that one set.
        self._context: Final = copy_context()
        self._is_joined = False
        self._is_starved = False

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
        execution.turns.workers.blocked()
        try:
            while not self._branches.is_over:
                execution.turn(self._sleeper)
        finally:
            self._resume()
            execution.turns.workers.unblocked()

    def _start(self) -> None:
        execution, workers = self._execution, self._execution.turns.workers
        if execution.state.is_suspended:
            self._branches.start_no_more()
        while self._branches.has_next:
            if not workers.has_room:
                if not self._is_starved:
                    self._is_starved = True
                    workers.when_there_is_room(self._room)
                return
            index = self._branches.next_to_start()
            assert index is not None  # there is a next one
            execution.flows.begin()
            workers.submit(self._context.copy(), partial(self._branch, index))

    def _room(self) -> None:
        self._is_starved = False
        self._start()
        if self._branches.is_over:
            # None of them ever ran, so nobody else would tell.
            self._execution.turns.wake(self._sleeper)

    def _branch(self, index: int) -> None:
        branches, execution = self._branches, self._execution
        try:
            ended = drive_sync(self._run(index), execution.perform)
        except Suspended:
            branches.branch_left()
        except BaseException as error:
            branches.branch_left(error)
        else:
            branches.branch_ended(index, ended)
        finally:
            execution.turns.workers.blocked()
            self._start()
            if branches.is_over:
                self._resume()
                execution.turns.wake(self._sleeper)
            execution.flows.end()
            execution.suspend_if_stuck()

    def _resume(self) -> None:
        if self._is_joined:
            self._is_joined = False
            self._execution.flows.begin()
