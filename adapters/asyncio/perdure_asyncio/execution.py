"""One invocation with I/O on asyncio: how its tasks wait, and `open_execution`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

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


def current_flow() -> object:
    """The task that is running; None in a thread without an event loop, which is nobody's."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


class Execution(AsyncExecution[asyncio.Future[None]]):
    """The invocation's conversation with the service; see `AsyncExecution`."""

    SIGNALS = (asyncio.CancelledError, GeneratorExit)

    def __init__(
        self,
        state: ExecutionState,
        service_client: AsyncDurableServiceClient,
        queue_limit: int,
        sources: Sources = SYSTEM,
    ) -> None:
        super().__init__(state, service_client, queue_limit, sources, current_flow)
        self._loop: Final = asyncio.get_running_loop()
        self._wake: asyncio.Future[None] | None = None

    def notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _rest(self, until: float | None) -> None:
        self._wake = self._loop.create_future()
        timer = None
        if until is not None:
            timer = self._loop.call_later(max(0.0, until - self.sources.clock()), self.notify)
        try:
            await self._wake
        finally:
            self._wake = None
            if timer is not None:
                timer.cancel()

    def waiter(self) -> asyncio.Future[None]:
        return self._loop.create_future()

    def wait(self, waiter: asyncio.Future[None]) -> asyncio.Future[None]:
        return waiter

    def wake(self, waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            waiter.set_result(None)

    async def _run_branches(self, branching: Branching[asyncio.Future[None]]) -> None:
        # Not a TaskGroup: a branch reports its own errors, and a callback for each costs.
        tasks: list[asyncio.Task[None]] = []
        create_task = self._loop.create_task
        branching.spawn = lambda branch, index: tasks.append(create_task(branch(index)))
        try:
            await branching.until_over()
        finally:
            try:
                await end_tasks(tasks)
            finally:
                # A cancelled task keeps how it was cancelled, with every frame of it.
                while tasks:
                    with suppress(asyncio.CancelledError, asyncio.InvalidStateError):
                        tasks.pop().exception()


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are gone, however often that is cancelled itself."""
    left: list[asyncio.Task[Any]] = [task for task in tasks if not task.done()]
    for task in left:
        task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while left:
        try:
            await asyncio.wait(left)
        except asyncio.CancelledError as error:
            cancelled = error
        left = [task for task in left if not task.done()]
    if cancelled is not None:
        raise cancelled


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
    pump = asyncio.create_task(execution.pump())
    try:
        yield execution
        await execution.persist(state.flush())
    finally:
        pump.cancel()
        await asyncio.wait([pump])
        if own is not None:
            await own.aclose()
