"""The decorator that makes a Lambda handler of an asyncio function."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, overload
from weakref import finalize

from perdure.drive import drive_async
from perdure.handler import DurableHandler, InvocationEvent, invocation_deadline, no_client
from perdure.invocation import run_invocation
from perdure.models.encode import to_wire
from perdure.modes import CheckpointingMode
from perdure.service_client import AsyncDurableServiceClient
from perdure.sources import Sources
from perdure_aws import is_lambda
from perdure_aws.sources import SYSTEM

from .client import ServiceClient
from .context import DurableContext
from .execution import end_tasks, open_execution

if TYPE_CHECKING:
    from perdure.plugins.hooks import PluginFactory

T = TypeVar("T")
Function = Callable[[Any, DurableContext], Awaitable[object]]


class AsyncioHandler(DurableHandler):
    """A durable asyncio function. Call it as Lambda does, or await `invoke` in a loop.

    It keeps one event loop, and in it the connection to the service, over invocations;
    `close` gives both up (at the latest the end of the process does). Tasks that the function
    leaves behind in it are cancelled before the answer.
    """

    runtime: ClassVar = "asyncio"

    def __init__(
        self,
        func: Function,
        mode: CheckpointingMode,
        client: AsyncDurableServiceClient | None,
        plugins: Iterable[PluginFactory] = (),
    ) -> None:
        super().__init__(func, mode, plugins)
        self._client = client
        self._busy: Final = threading.Lock()
        self._runners: Final[list[asyncio.Runner]] = []
        self._own: Final[list[ServiceClient]] = []
        self.close: Final = finalize(self, _close, self._runners, self._own)
        if is_lambda():
            # INIT is where the imports, TLS and the connection cost the user least.
            self._runner().run(self._own_client().connect())

    def __call__(self, event: InvocationEvent, lambda_context: Any) -> dict[str, Any]:
        if _is_running():
            raise RuntimeError(
                "a durable asyncio function cannot be run() from a running event loop: "
                "there, await handler.invoke(event, lambda_context)"
            )
        if not self._busy.acquire(blocking=False):
            # Lambda never does this; a local server may call from several threads.
            return asyncio.run(self.invoke(event, lambda_context))
        try:
            client = no_client(event) or self._client or self._own_client()
            return self._runner().run(
                _alone(self.invoke(event, lambda_context, client=client)), context=copy_context()
            )
        finally:
            self._busy.release()

    def _runner(self) -> asyncio.Runner:
        if not self._runners:
            self._runners.append(asyncio.Runner())
        return self._runners[0]

    def _own_client(self) -> ServiceClient:
        if not self._own:
            self._own.append(ServiceClient())
        return self._own[0]

    async def invoke(
        self,
        event: InvocationEvent,
        lambda_context: Any = None,
        *,
        client: AsyncDurableServiceClient | None = None,
        sources: Sources = SYSTEM,
    ) -> dict[str, Any]:
        """Carry out one invocation in the running event loop; else as calling it.

        Args:
            event: the invocation event that the durable execution service sends.
            lambda_context: Lambda's context object.
            client: who talks to the service; by default the handler's own.
            sources: the clock and chance it goes by; by default those of this process.
        """
        async with open_execution(
            event,
            client=no_client(event) or client or self._client,
            mode=self.mode,
            deadline=invocation_deadline(lambda_context, sources.clock()),
            sources=sources,
        ) as execution:
            self.report(execution.state, lambda_context, sources.clock)
            context = DurableContext(execution, lambda_context)
            output = await drive_async(
                run_invocation(execution.state, self.func, context), execution.perform
            )
        return to_wire(output)


async def _alone(invocation: Coroutine[Any, Any, T]) -> T:
    """Run an invocation in a loop of its own, and end the tasks that its function left there.

    They would stand still with the loop, and go on in the middle of the next invocation.
    """
    try:
        return await invocation
    finally:
        await end_tasks(asyncio.all_tasks() - {asyncio.current_task()})


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _close(runners: list[asyncio.Runner], clients: list[ServiceClient]) -> None:
    if any(runner.get_loop().is_running() for runner in runners):
        return  # The process ends in the middle of an invocation; its thread goes with it.
    if _is_running():
        # Collected while a foreign loop runs in this thread, so it takes another one.
        thread = threading.Thread(target=_shut, args=(runners, clients))
        thread.start()
        thread.join()
    else:
        _shut(runners, clients)


def _shut(runners: list[asyncio.Runner], clients: list[ServiceClient]) -> None:
    for runner in runners:
        for client in clients:
            runner.run(client.aclose())
        runner.close()


@overload
def durable_execution(func: Function, /) -> AsyncioHandler: ...


@overload
def durable_execution(
    *,
    mode: CheckpointingMode = ...,
    client: AsyncDurableServiceClient | None = ...,
    plugins: Iterable[PluginFactory] = ...,
) -> Callable[[Function], AsyncioHandler]: ...


def durable_execution(
    func: Function | None = None,
    /,
    *,
    mode: CheckpointingMode = CheckpointingMode.BATCHED,
    client: AsyncDurableServiceClient | None = None,
    plugins: Iterable[PluginFactory] = (),
) -> AsyncioHandler | Callable[[Function], AsyncioHandler]:
    """Make a Lambda handler of an async function of (event, context).

    Args:
        func: the function, where the decorator is used without parentheses.
        mode: when its operations wait for durability.
        client: who talks to the service; by default signed HTTP, from the environment.
        plugins: what makes the plugins of each invocation; see `perdure.plugins`.
    """

    def decorate(func: Function) -> AsyncioHandler:
        return AsyncioHandler(func, mode, client, plugins)

    return decorate if func is None else decorate(func)
