"""One invocation with I/O: the core's ExecutionState and the pump that serves it.

The pump is the only task that talks to the service. Whoever waits for durability waits
for the pump, so a task that is cancelled while it waits takes nothing with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from random import random
from time import time
from typing import Any, Final, cast

from perdure.batching import Batcher
from perdure.checkpointed import CheckpointedResult
from perdure.completion import execution_failed, execution_succeeded
from perdure.delivery import RequestRetries
from perdure.effects import Call, Effect, Park, Persist
from perdure.errors import DurableError, RemoteProtocolError, ServiceError, Suspended
from perdure.models.decode import decode_invocation
from perdure.models.invocation import InvocationInput
from perdure.models.operation import ErrorObject, Operation
from perdure.models.update import OperationUpdate
from perdure.modes import CheckpointingMode
from perdure.outbox import Ticket
from perdure.service_client import AsyncDurableServiceClient, ask_async
from perdure.state import ExecutionState
from perdure.waiters import Waiters

from .client import ServiceClient


class Execution:
    """The invocation's conversation with the service. Made by `open_execution`.

    Its methods may be called from any task of the event loop it was opened in.

    Args:
        state: the invocation's state.
        service_client: who makes the calls.
        queue_limit: how many updates may be queued before `checkpoint_async` waits.
    """

    def __init__(
        self,
        state: ExecutionState,
        service_client: AsyncDurableServiceClient,
        queue_limit: int,
    ) -> None:
        self.state: Final = state
        self.service_client: Final = service_client
        self._queue_limit: Final = queue_limit
        self._waiters: Final[Waiters[asyncio.Future[None]]] = Waiters()
        self._loop: Final = asyncio.get_running_loop()
        self._wake: asyncio.Future[None] | None = None
        self._pump_task: asyncio.Task[None] | None = None

    @property
    def has_checkpoint_sender(self) -> bool:
        """Whether the pump runs, so that queued updates leave by themselves."""
        return self._pump_task is not None and not self._pump_task.done()

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
        self._notify()
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

    async def persist(self, ticket: Ticket) -> None:
        """Wait until an update is durable and its answer merged.

        Cancelling the wait leaves the update on its way and everything else in order.
        """
        self.state.wait_for(ticket)
        self._notify()
        while not self.state.is_durable(ticket):
            waiter = self._loop.create_future()
            self._waiters.add(ticket, waiter)
            await waiter

    async def perform(self, effect: Effect) -> Any:
        """Carry out one effect of an operation."""
        match effect:
            case Call(func, args):
                # START was queued without anybody waiting: it must not linger with the pump.
                self._notify()
                value = func(*args)
                if isinstance(value, Awaitable):
                    return await cast("Awaitable[object]", value)
                return value
            case Persist(ticket):
                return await self.persist(ticket)
            case Park():
                self.state.suspend()
                raise Suspended

    # -- the pump ----------------------------------------------------------------

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def start_pump(self) -> asyncio.Task[None]:
        """Begin to talk to the service. `open_execution` does it, and ends it."""
        self._pump_task = self._loop.create_task(self._pump())
        return self._pump_task

    async def _pump(self) -> None:
        while True:
            await self._turn()

    async def _turn(self) -> None:
        """Send what is to be sent and take in the answer, or wait for something to do."""
        request = self.state.next_request(time())
        if request is None:
            await self._rest(self.state.next_deadline())
            self.state.handle_timer(time())
            return
        try:
            answer = await ask_async(self.service_client, request)
        except (ServiceError, RemoteProtocolError) as error:
            self.state.request_failed(error, time(), random())
        except Exception as error:
            # A fault of the client must not leave anybody waiting for ever.
            self.state.fail(DurableError(f"the service client failed: {error!r}"))
        else:
            self.state.receive(answer, time())
        self._settle()

    def _settle(self) -> None:
        for waiter in self._waiters.settled(self.state):
            if not waiter.done():
                waiter.set_result(None)

    async def _rest(self, until: float | None) -> None:
        self._wake = self._loop.create_future()
        timer = None
        if until is not None:
            timer = self._loop.call_later(max(0.0, until - time()), self._notify)
        try:
            await self._wake
        finally:
            self._wake = None
            if timer is not None:
                timer.cancel()


@asynccontextmanager
async def open_execution(
    invocation: InvocationInput | Mapping[str, Any],
    *,
    client: AsyncDurableServiceClient | None = None,
    mode: CheckpointingMode = CheckpointingMode.BATCHED,
    batcher: Batcher | None = None,
    retries: RequestRetries | None = None,
    deadline: float | None = None,
    queue_limit: int = 1000,
) -> AsyncGenerator[Execution]:
    """Open one invocation for framework authors: all pages loaded, the pump running.

    On leaving, whatever is queued becomes durable and the pump ends; nothing outlives the
    block. Close the state yourself (`ExecutionState.close`) to get the invocation's answer.
    Should loading fail, the error sticks: the first durable call raises it.

    Args:
        invocation: the event of the invocation, decoded or not.
        client: who makes the calls; by default one from the environment.
        mode: when callers wait for durability.
        batcher: the limits of one request.
        retries: how failed requests are repeated.
        deadline: when the invocation ends, UNIX seconds; nothing is repeated past it.
        queue_limit: how many updates may be queued before `checkpoint_async` waits.

    Raises:
        RemoteProtocolError: the event is not that of a durable invocation.
    """
    if not isinstance(invocation, InvocationInput):
        invocation = decode_invocation(invocation)
    own = ServiceClient() if client is None else None
    state = ExecutionState(
        invocation.durable_execution_arn,
        invocation.checkpoint_token,
        invocation.initial_execution_state,
        mode=mode,
        batcher=batcher,
        retries=retries,
        deadline=deadline,
    )
    execution = Execution(state, client or own or ServiceClient(), queue_limit)
    with suppress(DurableError):
        await execution.load_all_operations()
    pump = execution.start_pump()
    try:
        yield execution
        await execution.persist(state.flush())
    finally:
        pump.cancel()
        await asyncio.wait([pump])
        if own is not None:
            await own.aclose()
