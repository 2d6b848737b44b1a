"""The service as an invocation sees it: two calls. Bring your own, or use the adapters'."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from .models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest

Request = CheckpointRequest | StateRequest
Answer = CheckpointResponse | StatePage


class DurableServiceClient(Protocol):
    """The two calls, for the sync adapter.

    Raise `ServiceError` from `perdure.classification.classify` for a refusal,
    `TransportError` where no answer came, `RemoteProtocolError` for one that is not of the
    protocol. Do not repeat a request: the state does that, with the same token.
    """

    def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """CheckpointDurableExecution."""
        ...

    def get_operations(self, request: StateRequest) -> StatePage:
        """GetDurableExecutionState."""
        ...


class AsyncDurableServiceClient(Protocol):
    """The two calls, for the asyncio and trio adapters; else as `DurableServiceClient`."""

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """CheckpointDurableExecution."""
        ...

    async def get_operations(self, request: StateRequest) -> StatePage:
        """GetDurableExecutionState."""
        ...


def ask(client: DurableServiceClient, request: Request) -> Answer:
    """Make the call that a request stands for."""
    if isinstance(request, StateRequest):
        return client.get_operations(request)
    return client.checkpoint(request)


def ask_async(client: AsyncDurableServiceClient, request: Request) -> Awaitable[Answer]:
    """Make the call that a request stands for."""
    if isinstance(request, StateRequest):
        return client.get_operations(request)
    return client.checkpoint(request)
