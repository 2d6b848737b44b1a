"""One invocation with I/O on trio: how its tasks wait, and `open_execution`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import Any

import trio

from perdure.async_branching import Branching
from perdure.async_execution import AsyncExecution
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import DurableError
from perdure.models.invocation import InvocationInput
from perdure.modes import CheckpointingMode
from perdure.service_client import AsyncDurableServiceClient
from perdure.sources import Sources
from perdure.state import ExecutionState
from perdure.state_for import state_for
from perdure_aws.sources import SYSTEM

from .client import ServiceClient
from .waiter import Waiter


def current_flow() -> object:
    """The task that is running; None in a thread outside of trio, which is nobody's."""
    try:
        return trio.lowlevel.current_task()
    except RuntimeError:
        return None


class Execution(AsyncExecution[Waiter]):
    """The invocation's conversation with the service; see `AsyncExecution`."""

    # Cancellations may come out of a nursery as a group.
    SIGNALS = (trio.Cancelled, GeneratorExit, BaseExceptionGroup)

    def __init__(
        self,
        state: ExecutionState,
        service_client: AsyncDurableServiceClient,
        queue_limit: int,
        sources: Sources = SYSTEM,
    ) -> None:
        super().__init__(state, service_client, queue_limit, sources, current_flow)
        self._wake: trio.Event | None = None

    def notify(self) -> None:
        if self._wake is not None:
            self._wake.set()

    async def _rest(self, until: float | None) -> None:
        self._wake = trio.Event()
        try:
            with trio.move_on_after(
                inf if until is None else max(0.0, until - self.sources.clock())
            ):
                await self._wake.wait()
        finally:
            self._wake = None

    def waiter(self) -> Waiter:
        return Waiter()

    def wait(self, waiter: Waiter) -> Awaitable[None]:
        return waiter.wait()

    def wake(self, waiter: Waiter) -> None:
        waiter.wake()

    async def _run_branches(self, branching: Branching[Waiter]) -> None:
        async with trio.open_nursery() as nursery:
            branching.spawn = lambda branch, index: nursery.start_soon(branch, index)
            await branching.until_over()
            nursery.cancel_scope.cancel()


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
    sources: Sources = SYSTEM,
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
        sources: the clock and chance it goes by; by default those of this process.

    Raises:
        RemoteProtocolError: the event is not that of a durable invocation.
    """
    own = ServiceClient() if client is None else None
    state = state_for(invocation, mode, batcher, retries, deadline)
    execution = Execution(state, client or own or ServiceClient(), queue_limit, sources)
    with suppress(DurableError):
        await execution.load_all_operations()
    failure: BaseException | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(execution.pump)
        try:
            yield execution
            await execution.persist(state.flush())
        except BaseException as error:
            # Raised outside of the nursery, which would wrap it in a group.
            failure = error
        nursery.cancel_scope.cancel()
    if own is not None:
        own.close()
    if failure is not None:
        raise failure
