"""One invocation with I/O: the core's ExecutionState, served by whoever waits for it.

There is no pump thread on the way of a waiting caller: the first thread that waits sends,
and the others wait for it. Updates that nobody waits for are sent by a thread that sleeps
until their linger is over; it is started with the first such update and joined at the end.
One lock guards the state: it is held wherever the core's code runs, and free while the
user's runs, while a request is under way, and while a thread waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from threading import Condition, Lock, Thread
from typing import Final, TypeVar

from perdure.checkpointed import CheckpointedResult
from perdure.completion import execution_failed, execution_succeeded
from perdure.context import BaseContext
from perdure.drive import drive_sync
from perdure.effects import Call, Effect, Park, Persist, RunBranches
from perdure.errors import DurableError, RemoteProtocolError, ServiceError, Suspended
from perdure.flows import Flows
from perdure.models.operation import ErrorObject, Operation
from perdure.models.update import OperationUpdate
from perdure.outbox import Ticket
from perdure.service_client import Answer, DurableServiceClient, ask
from perdure.sources import Sources
from perdure.state import ExecutionState
from perdure_aws.sources import SYSTEM

from .branching import Branching, Workers
from .threads import SYSTEM_THREADS, Threads

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
        self._lock: Final = Lock()
        self._changed: Final = threads.condition(self._lock)
        self._sending = False
        self.flows: Final[Flows[None]] = Flows(state)
        self.workers: Final = Workers(self._lock, threads)
        self._ended = False
        self._lingering: Final = threads.condition(self._lock)
        self._lingerer: Thread | None = None
        self._idle = False
        self._look_again = 0.0
        self._coming = 0
        self._is_lingerer_held = False
        self._waiting: Final[list[_Waiting]] = []

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
        with self._changed:
            ticket = self.state.checkpoint(update)
        self.persist(ticket)
        return ticket

    create_checkpoint = checkpoint_sync

    def create_checkpoint_with_response(self, update: OperationUpdate) -> CheckpointedResult:
        """As `checkpoint_sync`; return what is recorded afterwards."""
        self.checkpoint_sync(update)
        with self._changed:
            return self.state.recorded(update.id)

    def checkpoint_async(self, update: OperationUpdate) -> Ticket:
        """Queue an update without waiting for it, except while the queue is full.

        It leaves with the next request, at the latest after the batcher's linger. Should
        that fail, the next call raises, and so does the end of the invocation.
        """
        with self._changed:
            while self.state.queued_updates >= self._queue_limit:
                self._persist(self.state.flush())
            ticket = self.state.checkpoint(update, sync=False)
            self._linger()
        return ticket

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
        with self._changed:
            if self.state.has_more_operations and self.state.error is None:
                self._turn(self._changed)
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
        """Wait until an update is durable and its answer merged."""
        with self._changed:
            self._persist(ticket)

    def flush(self) -> None:
        """Wait until everything that is queued is durable."""
        with self._changed:
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
        with self._changed:
            operation = begin()
            if context is None:
                return drive_sync(operation, self.perform)
            try:
                context.enter()
            except BaseException:
                operation.close()
                raise
            try:
                return drive_sync(operation, self.perform)
            finally:
                context.leave()

    def end(self) -> None:
        """Let the linger thread go. `open_execution` does it."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            self._lingering.notify_all()
            self.workers.end()
        self.workers.join()
        if self._lingerer is not None:
            self._lingerer.join()

    # -- the lock is held, except while a request or the user's function is under way ---

    def _persist(self, ticket: Ticket) -> None:
        self.state.wait_for(ticket)
        if self.state.is_durable(ticket):
            return
        waiting = _Waiting(ticket)
        self._waiting.append(waiting)
        try:
            while not self.state.is_durable(ticket):
                self._turn(self._changed)
        finally:
            if waiting.is_coming:
                self.arrived()
            else:
                self._waiting.remove(waiting)

    def perform(self, effect: Effect) -> object:
        """Carry out one effect of an operation."""
        match effect:
            case Call(func, args):
                # START was queued without anybody waiting: it must not wait for long.
                self._linger()
                self._changed.release()
                try:
                    return _value(func(*args))
                finally:
                    self._changed.acquire()
            case Persist(ticket):
                self._persist(ticket)
                return None
            case Park(ids, until):
                self._park(ids, until)
                return None
            case RunBranches(branches, run):
                Branching(self, branches, run).until_over()
                return None

    def _park(self, ids: tuple[str, ...], until: float | None) -> None:
        parking = self.flows.park(ids, until, None)
        self.workers.blocked()
        self.suspend_if_stuck()
        try:
            while parking.is_parked and self.state.error is None and not self._ended:
                self.turn()
        finally:
            self.flows.unpark(parking)
            self.workers.unblocked()
        if self.state.is_suspended or self._ended:
            raise Suspended

    def suspend_if_stuck(self) -> None:
        """Suspend the invocation if no flow can move: every parked one unwinds."""
        if self.flows.is_stuck():
            self.state.suspend()
            for _ in self.flows.all_parked():
                pass  # Each sees for itself that it is no longer parked.
            self._changed.notify_all()

    def turn(self) -> None:
        """Send what is to be sent and take in the answer, or wait for something to change."""
        self._turn(self._changed)

    def notify(self) -> None:
        """Something has changed that others may wait for. The lock is held."""
        self._changed.notify_all()
        self._linger()

    def _turn(self, bell: Condition) -> None:
        """Send what is to be sent and take in the answer, or wait for something to change."""
        is_held = self._sending or self._coming > 0
        request = None if is_held else self.state.next_request(self.sources.clock())
        if request is None:
            self._rest(bell)
            return
        self._sending = True
        self._changed.release()
        try:
            answer: Answer | Exception = ask(self.service_client, request)
        except Exception as error:
            answer = error
        finally:
            self._changed.acquire()
            self._sending = False
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
        for _ in self.flows.changed(self.sources.clock()):
            pass  # Each sees for itself that it is no longer parked.
        self.suspend_if_stuck()
        self._let_go()
        self._changed.notify_all()
        self._linger()

    def coming(self) -> None:
        """A thread will run at once: what it has to send goes with the next request."""
        self._coming += 1

    def arrived(self) -> None:
        """It runs, and holds the lock."""
        self._coming -= 1
        if not self._coming:
            self._changed.notify_all()
            if self._is_lingerer_held:
                self._lingering.notify()

    def _let_go(self) -> None:
        """Those whose updates are settled are on their way."""
        for waiting in tuple(self._waiting):
            if self.state.is_settled(waiting.ticket):
                waiting.is_coming = True
                self._waiting.remove(waiting)
                self._coming += 1

    def _rest(self, bell: Condition) -> None:
        until = None if self._coming else self.state.next_deadline()
        now = self.sources.clock()
        if bell is self._lingering:
            if until is None and now < self._look_again:
                until = self._look_again
            self._is_lingerer_held = self._coming > 0
            self._idle = until is None
        bell.wait(None if until is None else max(0.0, until - now))
        self.state.handle_timer(self.sources.clock())

    def _linger(self) -> None:
        """See that what is queued leaves in time, although nobody waits for it.

        The thread that does it wakes once in a linger, not once for each update.
        """
        if not self.state.has_pending or self._ended:
            return
        self.state.handle_timer(self.sources.clock())
        self._look_again = self.state.next_deadline() or 0.0
        if self._lingerer is None:
            self._lingerer = self._threads.thread(self._send_lingering, "perdure")
            self._lingerer.start()
        elif self._idle:
            self._idle = False
            self._lingering.notify()

    def _send_lingering(self) -> None:
        with self._changed:
            while not self._ended:
                self._turn(self._lingering)


class _Waiting:
    """A thread that waits for an update."""

    __slots__ = ("is_coming", "ticket")

    def __init__(self, ticket: Ticket) -> None:
        self.ticket: Final = ticket
        self.is_coming = False


def _value(value: object) -> object:
    if not isinstance(value, Awaitable):
        return value
    if isinstance(value, Coroutine):
        value.close()
    raise TypeError(
        "a function of the sync runtime returned an awaitable: it is an async function, "
        "which needs perdure_asyncio or perdure_trio"
    )
