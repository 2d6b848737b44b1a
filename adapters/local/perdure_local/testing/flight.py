"""One invocation under way: what its handler is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perdure.models.checkpoint import (
    CheckpointRequest,
    CheckpointResponse,
    StatePage,
    StateRequest,
)
from perdure.service_client import DurableServiceClient
from perdure.sources import Sources

from ..functions.lambda_context import LambdaContext
from .strangers import Strangers
from .turns import Turn, Turns

if TYPE_CHECKING:
    from .run import Request


@dataclass(slots=True, eq=False)
class Flight:
    """One invocation under way.

    Args:
        arn: of the execution.
        number: which of its invocations, from 1.
        deadline: when the service gives it up, UNIX seconds.
        turns: the time it lives in.
        sources: the same, and chance.
        strangers: who does not live in it.
        lambda_context: the handler's second argument.
        requests: where what it asks is noted.

    Its `client` is set before it takes off. Make it in the thread that it runs in.
    """

    arn: str
    number: int
    deadline: float
    turns: Turns
    sources: Sources
    strangers: Strangers
    lambda_context: LambdaContext
    requests: list[Request]
    client: DurableServiceClient = field(init=False)
    has_crashed: bool = False
    is_given_up: bool = False
    turn: Turn = field(init=False)

    def __post_init__(self) -> None:
        self.turn = self.turns.turn

    @property
    def is_over(self) -> bool:
        """Whether nothing that it does counts any more."""
        return self.has_crashed or self.is_given_up

    @property
    def async_client(self) -> AsyncClient:
        """The client, for the runtimes with async functions."""
        return AsyncClient(self.client)


class AsyncClient:
    """A client that answers at once, for the runtimes with async functions.

    Args:
        client: who answers.
    """

    def __init__(self, client: DurableServiceClient) -> None:
        self._client = client

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """CheckpointDurableExecution."""
        return self._client.checkpoint(request)

    async def get_operations(self, request: StateRequest) -> StatePage:
        """GetDurableExecutionState."""
        return self._client.get_operations(request)
