"""One invocation with I/O, for runtimes with async functions. It imports none of them.

What differs from runtime to runtime is how a task waits and is woken: five methods. The
pump is the only task that talks to the service. Whoever waits for durability waits for
the pump, so a task that is cancelled while it waits takes nothing with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import ClassVar, Final, Generic, TypeVar, assert_never

from .async_branching import Branching
from .checkpointed import CheckpointedResult
from .completion import execution_failed, execution_succeeded
from .effects import Call, Effect, Park, Persist, RunBranches
from .errors import DurableError, RemoteProtocolError, ServiceError, Suspended
from .flows import Flows
from .models.operation import ErrorObject, Operation
from .models.update import OperationUpdate
from .outbox import Ticket
from .service_client import AsyncDurableServiceClient, Request, ask_async
from .sources import Sources
from .state import ExecutionState
from .waiters import Waiters

W = TypeVar("W")


class AsyncExecution(ABC, Generic[W]):
    """The invocation's conversation with the service. Made by `open_execution`.

    Its methods may be called from any task of the loop it was opened in.

    Args:
        state: the invocation's state.
        service_client: who makes the calls.
        queue_limit: how many updates may be queued before `checkpoint_async` waits.
        sources: the clock and chance it goes by.
        flow: tells which task is running; None outside of the runtime's own.
    """

    def __init__(
        self,
        state: ExecutionState,
        service_client: AsyncDurableServiceClient,
        queue_limit: int,
        sources: Sources,
        flow: Callable[[], object],
    ) -> None:
        self.state: Final = state
        self.service_client: Final = service_client
        self._queue_limit: Final = queue_limit
        self.sources: Final = sources
        self.flow: Final = flow
        self._clock: Final = sources.clock
        self._pumping = True
        self._beginning = 0
        self._waiters: Final[Waiters[W]] = Waiters()
        self.flows: Final[Flows[W]] = Flows(state)

    # -- the runtime's part --------------------------------------------------------

    SIGNALS: ClassVar[tuple[type[BaseException], ...]]
    """What ends a task and is the runtime's affair: its cancellation above all."""

    @abstractmethod
    def notify(self) -> None:
        """Wake the pump: something may have to be sent."""

    @abstractmethod
    async def _rest(self, until: float | None) -> None:
        """Sleep until `notify` is called, or until a time."""

    @abstractmethod
    def waiter(self) -> W:
        """Something that a task can wait for."""

    @abstractmethod
    def wait(self, waiter: W) -> Awaitable[None]:
        """Wait until it is woken."""

    @abstractmethod
    def wake(self, waiter: W) -> None:
        """Wake whoever waits for it, now or later. It may have gone."""

    @abstractmethod
    async def _run_branches(self, branching: Branching[W]) -> None:
        """Run branches in tasks: set `spawn`, await `until_over`, then cancel what is left."""

    # -- what every runtime has ----------------------------------------------------

    @property
    def has_checkpoint_sender(self) -> bool:
        """Whether queued updates leave by themselves: until the pump has ended."""
        return self._pumping

    async def checkpoint_sync(self, update: OperationUpdate) -> Ticket:
        """Queue an update and wait until it is durable.

        Raises:
            DurableError: it was not admitted (see `ExecutionState.checkpoint`), or the
                service failed for good; it is not recorded.
        """
        ticket = self.state.checkpoint(update)
        await self.persist(ticket)
        return ticket

    create_checkpoint = checkpoint_sync

    async def create_checkpoint_with_response(self, update: OperationUpdate) -> CheckpointedResult:
        """As `checkpoint_sync`; return what is recorded afterwards."""
        await self.checkpoint_sync(update)
        return self.state.recorded(update.id)

    async def checkpoint_async(self, update: OperationUpdate) -> Ticket:
        """Queue an update without waiting for it, except while the queue is full.

        It leaves with the next request, at the latest after the batcher's linger. Should
        that fail, the next call raises, and so does the end of the invocation.
        """
        while self.state.queued_updates >= self._queue_limit:
            await self.persist(self.state.flush())
        ticket = self.state.checkpoint(update, sync=False)
        self.notify()
        return ticket

    async def checkpoint_optimal(self, update: OperationUpdate) -> Ticket:
        """Queue an update, and wait for it only where the mode says so."""
        if self.state.should_use_async_checkpoint:
            return await self.checkpoint_async(update)
        return await self.checkpoint_sync(update)

    async def complete_execution_success(self, result: str) -> None:
        """End the execution by checkpoint, with a result as JSON text."""
        await self.checkpoint_sync(execution_succeeded(result))

    async def complete_execution_failure(self, error: ErrorObject) -> None:
        """End the execution by checkpoint, with an error."""
        await self.checkpoint_sync(execution_failed(error))

    async def load_more_operations(self) -> bool:
        """Fetch one page, if one is missing; True while more are."""
        if self.state.has_more_operations and self.state.error is None:
            await self._turn()
        return self.state.has_more_operations

    async def load_all_operations(self) -> None:
        """Fetch every page that is missing. `open_execution` has done that.

        Raises:
            ServiceError: a page could not be had.
        """
        while self.state.error is None and await self.load_more_operations():
            pass
        if self.state.error is not None:
            raise self.state.error

    async def load_child_operations(self, parent_id: str | None) -> tuple[Operation, ...]:
        """The recorded operations right below a context, all pages loaded."""
        await self.load_all_operations()
        return self.state.get_child_operations(parent_id)

    def perform(self, effect: Effect) -> object:
        """Carry out one effect of an operation, or return what does when it is awaited."""
        match effect:
            # By class alone: taking them apart in the pattern costs as much again.
            case Call():
                # START was queued without anybody waiting: it must not linger with the pump.
                self.notify()
                return effect.func(*effect.args)
            case Persist():
                return self._until_settled(effect.ticket)
            case Park():
                return self._park(effect.ids, effect.until)
            case RunBranches():
                return self._branch_out(effect)
            case _:
                assert_never(effect)

    async def _branch_out(self, effect: RunBranches) -> None:
        branching = Branching(self, effect.branches, effect.run, self.waiter())
        try:
            await self._run_branches(branching)
        finally:
            branching.ended()

    async def persist(self, ticket: Ticket) -> None:
        """Wait until an update is durable and its answer merged.

        Cancelling the wait leaves the update on its way and everything else in order.

        Raises:
            ServiceError: it is not recorded, and never will be by this invocation.
        """
        waiting = self._until_settled(ticket)
        if waiting is not None:
            await waiting
        self.state.check_durable(ticket)

    def _until_settled(self, ticket: Ticket) -> Awaitable[None] | None:
        """What ends when a ticket is settled; None if it is."""
        if self.state.is_settled(ticket):
            return None
        self.state.wait_for(ticket)
        self.notify()
        waiter = self.waiter()
        self._waiters.add(ticket, waiter)
        return self.wait(waiter)

    async def _park(self, ids: tuple[str, ...], until: float | None) -> None:
        parking = self.flows.park(ids, until, self.waiter())
        self.suspend_if_stuck()
        self.notify()
        try:
            await self.wait(parking.waiter)
        finally:
            self.flows.unpark(parking)
        if self.state.is_suspended:
            raise Suspended

    def suspend_if_stuck(self) -> None:
        """Suspend the invocation if no flow can move: every parked one unwinds."""
        if self.flows.is_stuck():
            self.state.suspend()
            self._settle()

    def _settle(self) -> None:
        """Wake everybody who need wait no longer."""
        for waiter in self._waiters.settled(self.state):
            self.wake(waiter)
        over = self.state.error is not None or self.state.is_suspended
        for parking in self.flows.all_parked() if over else self.flows.changed(self._clock()):
            self.wake(parking.waiter)

    async def pump(self) -> None:
        """Talk to the service until cancelled. `open_execution` starts and ends it."""
        try:
            while True:
                await self._turn()
        finally:
            self._pumping = False

    async def _turn(self) -> None:
        """Send what is to be sent and take in the answer, or wait for something to do."""
        # While branches begin, only a full request leaves.
        is_held = self._beginning > 0 and not self.state.has_full_request
        request = None if is_held else self.state.next_request(self._clock())
        if request is None:
            await self._rest(None if is_held else self.state.next_deadline())
            self.state.handle_timer(self._clock())
            return
        try:
            await self._exchange(request)
        except Exception as error:
            # A fault of the client must not leave anybody waiting for ever.
            self.state.fail(DurableError(f"the service client failed: {error!r}"))
        self._settle()
        self.suspend_if_stuck()

    def hold(self) -> None:
        """A branch is about to begin: requests that are not full wait for what it has to send."""
        self._beginning += 1

    def release(self, branches: int) -> None:
        """So many have begun, or never will."""
        self._beginning -= branches
        if not self._beginning:
            self.notify()

    async def _exchange(self, request: Request) -> None:
        try:
            answer = await ask_async(self.service_client, request)
        except (ServiceError, RemoteProtocolError) as error:
            self.state.request_failed(error, self._clock(), self.sources.draw())
        else:
            self.state.receive(answer, self._clock())
