"""The decorator that makes a Lambda handler of a plain function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, overload
from weakref import finalize

from perdure.handler import DurableHandler, InvocationEvent, invocation_deadline, no_client
from perdure.invocation import run_invocation
from perdure.models.encode import to_wire
from perdure.modes import CheckpointingMode
from perdure.service_client import DurableServiceClient
from perdure.sources import Sources
from perdure_aws import is_lambda
from perdure_aws.sources import SYSTEM

from .client import ServiceClient
from .context import DurableContext
from .opening import open_execution
from .threads import SYSTEM_THREADS, Threads

if TYPE_CHECKING:
    from perdure.plugins.hooks import PluginFactory

Function = Callable[[Any, DurableContext], object]


class SyncHandler(DurableHandler):
    """A durable plain function. It keeps the connection to the service over invocations.

    `close` gives the connection up (at the latest the end of the process does).
    """

    runtime: ClassVar = "sync"

    def __init__(
        self,
        func: Function,
        mode: CheckpointingMode,
        client: DurableServiceClient | None,
        plugins: Iterable[PluginFactory] = (),
    ) -> None:
        super().__init__(func, mode, plugins)
        self._client = client
        self._own: Final[list[ServiceClient]] = []
        self.close: Final = finalize(self, _close, self._own)
        if is_lambda():
            # INIT is where the imports, TLS and the connection cost the user least.
            self._own_client().connect()

    def __call__(self, event: InvocationEvent, lambda_context: Any) -> dict[str, Any]:
        return self.invoke(event, lambda_context)

    def invoke(
        self,
        event: InvocationEvent,
        lambda_context: Any = None,
        *,
        client: DurableServiceClient | None = None,
        sources: Sources = SYSTEM,
        threads: Threads = SYSTEM_THREADS,
    ) -> dict[str, Any]:
        """Carry out one invocation in the calling thread; else as calling it.

        Args:
            event: the invocation event that the durable execution service sends.
            lambda_context: Lambda's context object.
            client: who talks to the service; by default the handler's own.
            sources: the clock and chance it goes by; by default those of this process.
            threads: how its threads begin and wait; by default in real time.
        """
        with open_execution(
            event,
            client=no_client(event) or client or self._client or self._own_client(),
            mode=self.mode,
            deadline=invocation_deadline(lambda_context, sources.clock()),
            sources=sources,
            threads=threads,
        ) as execution:
            self.report(execution.state, lambda_context, sources.clock)
            context = DurableContext(execution, lambda_context)
            output = execution.run(lambda: run_invocation(execution.state, self.func, context))
        return to_wire(output)

    def _own_client(self) -> ServiceClient:
        if not self._own:
            self._own.append(ServiceClient())
        return self._own[0]


def _close(clients: list[ServiceClient]) -> None:
    for client in clients:
        client.close()


@overload
def durable_execution(func: Function, /) -> SyncHandler: ...


@overload
def durable_execution(
    *,
    mode: CheckpointingMode = ...,
    client: DurableServiceClient | None = ...,
    plugins: Iterable[PluginFactory] = ...,
) -> Callable[[Function], SyncHandler]: ...


def durable_execution(
    func: Function | None = None,
    /,
    *,
    mode: CheckpointingMode = CheckpointingMode.BATCHED,
    client: DurableServiceClient | None = None,
    plugins: Iterable[PluginFactory] = (),
) -> SyncHandler | Callable[[Function], SyncHandler]:
    """Make a Lambda handler of a plain function of (event, context).

    Args:
        func: the function, where the decorator is used without parentheses.
        mode: when its operations wait for durability.
        client: who talks to the service; by default signed HTTP, from the environment.
        plugins: what makes the plugins of each invocation; see `perdure.plugins`.
    """

    def decorate(func: Function) -> SyncHandler:
        return SyncHandler(func, mode, client, plugins)

    return decorate if func is None else decorate(func)
