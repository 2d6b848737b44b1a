"""One invocation with I/O: the core's ExecutionState, served by whoever waits for it.

There is no pump thread on the way of a waiting caller: the first thread that waits sends,
and the others wait for it. Updates that nobody waits for are sent by a thread that sleeps
until their linger is over; it is started with the first such update and joined at the end.
One lock guards the state: it is held wherever the core's code runs, and free while the
user's runs, while a request is under way, and while a thread waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from math import inf
from threading import Thread
from typing import Final, TypeVar

from perdure.checkpointed import CheckpointedResult
from perdure.completion import execution_failed, execution_succeeded
from perdure.context import BaseContext
from perdure.drive import drive_sync
from perdure.effects import Call, Effect, Park, Persist, RunBranches
from perdure.errors import DurableError, RemoteProtocolError, ServiceError, Suspended
from perdure.flows import Flows
from perdure.models.checkpoint import StateRequest
from perdure.models.operation import ErrorObject, Operation
from perdure.models.update import OperationUpdate
from perdure.outbox import Ticket
from perdure.service_client import Answer, DurableServiceClient, ask
from perdure.sources import Sources
from perdure.state import ExecutionState
from perdure.waiters import Waiters
from perdure_aws.sources import SYSTEM

from .branching import Branching
from .sleeper import Sleeper
from .threads import SYSTEM_THREADS, Threads
from .turns import Turns

T = TypeVar("T")


class Execution:
    """The invocation's conversation with the service. Made by `open_execution`.

    Its methods may be called from any thread.

    Args:
        state: the invocation's state. Touch it only through this object while other
            threads use it.
        service_client: who makes the calls.
        queue_limit: how many updates may be queued before `checkpoint_async` waits.
        sources: the clock and chance it goes by.
        threads: how its threads begin and wait.
    """

    def __init__(
        self,
        state: ExecutionState,
        service_client: DurableServiceClient,
        queue_limit: int,
        sources: Sources = SYSTEM,
        threads: Threads = SYSTEM_THREADS,
    ) -> None:
        self.state: Final = state
        self.service_client: Final = service_client
        self.sources: Final = sources
        self._threads: Final = threads
        self._queue_limit: Final = queue_limit
        self.turns: Final = Turns(state, sources.clock, threads, self._linger)
        self.flows: Final[Flows[Sleeper]] = Flows(state)
        self._waiters: Final[Waiters[Sleeper]] = Waiters()
        self._ended = False
        self._lingerer: Thread | None = None
        self._lingering: Final = self.sleeper()
        self._look_again = 0.0

    @property
    def has_checkpoint_sender(self) -> bool:
        """Whether queued updates leave by themselves: always, until the end."""
        return not self._ended

    def checkpoint_sync(self, update: OperationUpdate) -> Ticket:
        """Queue an update and wait until it is durable.

        Raises:
            DurableError: it was not admitted (see `ExecutionState.checkpoint`), or the
                service failed for good; it is not recorded.
        """
        with self.turns:
            ticket = self.state.checkpoint(update)
            self._persist(ticket)
        return ticket

    create_checkpoint = checkpoint_sync

    def create_checkpoint_with_response(self, update: OperationUpdate) -> CheckpointedResult:
        """As `checkpoint_sync`; return what is recorded afterwards."""
        self.checkpoint_sync(update)
        with self.turns:
            return self.state.recorded(update.id)

    def checkpoint_async(self, update: OperationUpdate) -> Ticket:
        """Queue an update without waiting for it, except while the queue is full.

        It leaves with the next request, at the latest after the batcher's linger. Should
        that fail, the next call raises, and so does the end of the invocation.
        """
        with self.turns:
            while self.state.queued_updates >= self._queue_limit:
                self._persist(self.state.flush())
            return self.state.checkpoint(update, sync=False)

    def checkpoint_optimal(self, update: OperationUpdate) -> Ticket:
        """Queue an update, and wait for it only where the mode says so."""
        if self.state.should_use_async_checkpoint:
            return self.checkpoint_async(update)
        return self.checkpoint_sync(update)

    def complete_execution_success(self, result: str) -> None:
        """End the execution by checkpoint, with a result as JSON text."""
        self.checkpoint_sync(execution_succeeded(result))

    def complete_execution_failure(self, error: ErrorObject) -> None:
        """End the execution by checkpoint, with an error."""
        self.checkpoint_sync(execution_failed(error))

    def load_more_operations(self) -> bool:
        """Fetch one page, if one is missing; True while more are."""
        with self.turns:
            if self.state.has_more_operations and self.state.error is None:
                self.turn(self.sleeper())
            return self.state.has_more_operations

    def load_all_operations(self) -> None:
        """Fetch every page that is missing. `open_execution` has done that.

        Raises:
            ServiceError: a page could not be had.
        """
        while self.state.error is None and self.load_more_operations():
            pass
        if self.state.error is not None:
            raise self.state.error

    def load_child_operations(self, parent_id: str | None) -> tuple[Operation, ...]:
        """The recorded operations right below a context, all pages loaded."""
        self.load_all_operations()
        return self.state.get_child_operations(parent_id)

    def persist(self, ticket: Ticket) -> None:
        """Wait until an update is durable and its answer merged.

        Raises:
            ServiceError: it is not recorded, and never will be by this invocation.
        """
        with self.turns:
            self._persist(ticket)

    def flush(self) -> None:
        """Wait until everything that is queued is durable."""
        with self.turns:
            self._persist(self.state.flush())

    def run(
        self,
        begin: Callable[[], Coroutine[Effect, object, T]],
        context: BaseContext | None = None,
    ) -> T:
        """Begin an operation and carry it out to its end, in the calling thread.

        Args:
            begin: mints its id and makes its coroutine.
            context: the context it belongs to, which is busy until then.
        """
        with self.turns:
            operation = begin()
            if context is None:
                return drive_sync(operation, self.perform)
            context.enter(operation)
            try:
                return drive_sync(operation, self.perform)
            finally:
                context.leave()

    def end(self) -> None:
        """Let all threads go that were started. `open_execution` does it."""
        with self.turns:
            self._ended = True
            self.turns.wake_all()
            self.turns.workers.end()
            self._lingering.ring()
        self.turns.workers.join()
        if self._lingerer is not None:
            self._lingerer.join()
        self.turns.end()

    # -- the lock is held, except while a request or the user's function is under way ---

    def _persist(self, ticket: Ticket) -> None:
        self._until_settled(ticket)
        self.state.check_durable(ticket)

    def _until_settled(self, ticket: Ticket) -> None:
        if self.state.is_settled(ticket):
            return
        self.state.wait_for(ticket)
        me = self.sleeper()
        self._waiters.add(ticket, me)
        while not self.state.is_settled(ticket):
            self.turn(me)

    def perform(self, effect: Effect) -> object:
        """Carry out one effect of an operation."""
        match effect:
            # By class alone: taking them apart in the pattern costs as much again.
            case Call():
                self.turns.pass_on()
                self.turns.lock.release()
                try:
                    return _value(effect.func(*effect.args))
                finally:
                    self.turns.lock.acquire()
            case Persist():
                self._until_settled(effect.ticket)
                return None
            case Park():
                self._park(effect.ids, effect.until)
                return None
            case RunBranches():
                Branching(self, effect.branches, effect.run).until_over()
                return None

    def _park(self, ids: tuple[str, ...], until: float | None) -> None:
        me = self.sleeper()
        parking = self.flows.park(ids, until, me)
        # Branches that found no thread begin now: while there are any, nothing is stuck.
        self.turns.workers.parked()
        self.suspend_if_stuck()
        try:
            while parking.is_parked and self.state.error is None and not self._ended:
                self.turn(me)
        finally:
            self.flows.unpark(parking)
            self.turns.workers.unparked()
        if self.state.is_suspended or self._ended:
            raise Suspended

    def suspend_if_stuck(self) -> None:
        """Suspend the invocation if no flow can move: every parked one unwinds."""
        if self.flows.is_stuck():
            self.state.suspend()
            for parking in self.flows.all_parked():
                self.turns.wake(parking.waiter)

    def sleeper(self) -> Sleeper:
        """How the calling thread waits."""
        return Sleeper(self._threads.bell())

    def turn(self, me: Sleeper) -> None:
        """Send what is to be sent and take in the answer, or wait for something to change.

        Args:
            me: how the calling thread is woken, by whoever brings about what it waits for.
        """
        request = None
        if not self.turns.call_next() and not self.turns.is_sending:
            request = self.state.next_request(self.sources.clock())
        if request is None:
            self._rest(me)
            return
        self.turns.is_sending = True
        self.turns.lock.release()
        try:
            answer: Answer | Exception = ask(self.service_client, request)
        except Exception as error:
            answer = error
        finally:
            self.turns.lock.acquire()
            self.turns.is_sending = False
        try:
            if isinstance(answer, (ServiceError, RemoteProtocolError)):
                self.state.request_failed(answer, self.sources.clock(), self.sources.draw())
            elif isinstance(answer, Exception):
                raise answer
            else:
                self.state.receive(answer, self.sources.clock())
        except Exception as error:
            # A fault of the client must not leave anybody waiting for ever.
            self.state.fail(DurableError(f"the service client failed: {error!r}"))
        if isinstance(request, StateRequest):
            self.turns.wake_all()  # Somebody may wait for pages alone.
        for waiter in self._waiters.settled(self.state):
            self.turns.wake(waiter)
        for parking in self.flows.changed(self.sources.clock()):
            self.turns.wake(parking.waiter)
        self.suspend_if_stuck()

    # -- what lingers ----------------------------------------------------------------

    def _linger(self) -> None:
        """See that what is queued leaves in time, although nobody waits for it.

        The thread that does it wakes once in a linger, not once for each update.
        """
        if not self.state.queued_updates or self._ended:
            return
        self.state.handle_timer(self.sources.clock())
        self._look_again = self.state.next_deadline() or 0.0
        if self._lingerer is None:
            self._lingerer = self._threads.thread(self._send_lingering, "perdure")
            self._lingerer.start()
        elif self._lingering.until == inf:
            self._lingering.ring()

    def _send_lingering(self) -> None:
        with self.turns:
            while not self._ended:
                self.turn(self._lingering)

    def _rest(self, me: Sleeper) -> None:
        if me is not self._lingering:
            self.turns.rest(me)
            return
        self.turns.pass_on()
        until = inf if self.turns.is_busy else self.state.next_deadline() or inf
        if until == inf and self.sources.clock() < self._look_again:
            until = self._look_again
        me.sleep(self.turns.lock, self.sources.clock(), until)
        self.state.handle_timer(self.sources.clock())


def _value(value: object) -> object:
    if not isinstance(value, Awaitable):
        return value
    if isinstance(value, Coroutine):
        value.close()
    raise TypeError(
        "a function of the sync runtime returned an awaitable: it is an async function, "
        "which needs perdure_asyncio or perdure_trio"
    )
