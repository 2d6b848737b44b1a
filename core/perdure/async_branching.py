"""A batch whose branches run in tasks: what those tasks do, on any runtime."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .batch_result import Ended
from .branches import Branches
from .drive import drive_async
from .effects import Effect
from .errors import Suspended

if TYPE_CHECKING:
    from .async_execution import AsyncExecution

W = TypeVar("W")

AT_ONCE: Final = 20
"""How many branches begin before the loop goes round. All of a thousand at once would keep
the service waiting for the first request until the last has begun.
"""


class Branching(Generic[W]):
    """A batch whose branches run in tasks: what those tasks do, for any runtime.

    Args:
        execution: the invocation.
        branches: what is to be run.
        run: makes the coroutine of a branch.
        over: what the flow that has the branches waits for.
    """

    spawn: Callable[[Callable[[int], Coroutine[Any, Any, None]], int], object]
    """Set by the runtime: start a task for a function of an index. It holds nothing of this
    object, so that what an invocation recorded is gone with it and no work for a collector.
    """

    def __init__(
        self,
        execution: AsyncExecution[W],
        branches: Branches,
        run: Callable[[int], Coroutine[Effect, Any, Ended]],
        over: W,
    ) -> None:
        self._execution: Final = execution
        self._branches: Final = branches
        self._run: Final = run
        self._perform: Final = execution.perform
        self._over: Final = over
        # Where a branch is started by one that ends, it must not inherit what that one set.
        self._context: Final = copy_context()
        self._is_joined = False
        self._is_starting = False
        self._unentered = 0
        self._begun = 0
        self._awaited = 0
        self._early: Final[dict[int, W]] = {}

    async def until_over(self) -> None:
        """Start branches as slots allow, until the batch is over or cancelled."""
        self._start()
        if self._branches.is_over:
            return
        flows = self._execution.flows
        self._is_joined = True
        flows.end()
        try:
            await self._execution.wait(self._over)
        finally:
            # Cancelled, it leaves branches behind that end and would have others follow.
            self._branches.start_no_more()
            self._release(self._awaited)
            self._resume()

    async def branch(self, index: int) -> None:
        """One branch, from its start to its report."""
        self._unentered -= 1
        branches = self._branches
        try:
            if index != self._begun:
                await self._turn_of(index)
            self._has_begun()
            ended = await drive_async(self._run(index), self._perform)
        except Suspended:
            branches.branch_left()
        except Exception as error:
            branches.branch_left(error)
        except self._execution.SIGNALS:
            branches.branch_left()
            raise
        except BaseException as error:
            # Raised by the flow that has the branches: from a task an interrupt would
            # leave the loop at once, and the rest of the invocation behind in it.
            branches.branch_left(error)
        else:
            branches.branch_ended(index, ended)
        finally:
            execution = self._execution
            self._start()
            if branches.is_over:
                self._resume()
                execution.wake(self._over)
            execution.notify()
            execution.flows.end()
            execution.suspend_if_stuck()

    def ended(self) -> None:
        """All tasks are gone. A runtime may have cancelled some before they ran at all."""
        while self._unentered:
            self._unentered -= 1
            self._execution.flows.end()

    async def _turn_of(self, index: int) -> None:
        """Begin in the order of the indexes, also where tasks are begun in any order."""
        self._early[index] = self._execution.waiter()
        await self._execution.wait(self._early[index])

    def _has_begun(self) -> None:
        self._begun += 1
        if self._awaited:
            self._awaited -= 1
            if not self._awaited:
                # Before the release: else a request that is not full could leave in between.
                self._start()
            self._execution.release(1)
        if self._early and (following := self._early.pop(self._begun, None)) is not None:
            self._execution.wake(following)

    def _start(self) -> None:
        if self._is_starting:
            return  # By a task that runs as soon as it is made: the loop below goes on.
        if self._execution.state.is_suspended:
            self._branches.start_no_more()
        self._is_starting = True
        try:
            while self._awaited < AT_ONCE and (index := self._branches.next_to_start()) is not None:
                self._execution.flows.begin()
                self._execution.hold()
                self._unentered += 1
                self._awaited += 1
                self._context.run(self.spawn, self.branch, index)
        finally:
            self._is_starting = False

    def _release(self, branches: int) -> None:
        self._awaited -= branches
        self._execution.release(branches)

    def _resume(self) -> None:
        if self._is_joined:
            self._is_joined = False
            self._execution.flows.begin()
