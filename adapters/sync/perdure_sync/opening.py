"""Opening one invocation for framework authors, on threads."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import DurableError
from perdure.models.invocation import InvocationInput
from perdure.modes import CheckpointingMode
from perdure.service_client import DurableServiceClient
from perdure.sources import Sources
from perdure.state_for import state_for
from perdure_aws.sources import SYSTEM

from .client import ServiceClient
from .execution import Execution
from .threads import SYSTEM_THREADS, Threads


@contextmanager
def open_execution(
    invocation: InvocationInput | Mapping[str, Any],
    *,
    client: DurableServiceClient | None = None,
    mode: CheckpointingMode = CheckpointingMode.BATCHED,
    batcher: Batcher | None = None,
    retries: RequestRetries | None = None,
    deadline: float | None = None,
    queue_limit: int = 1000,
    sources: Sources = SYSTEM,
    threads: Threads = SYSTEM_THREADS,
) -> Generator[Execution]:
    """Open one invocation for framework authors: all pages loaded, ready to send.

    On leaving, whatever is queued becomes durable; nothing outlives the block. Close the
    state yourself (`ExecutionState.close`) to get the invocation's answer. Should loading
    fail, the error sticks: the first durable call raises it.

    Args:
        invocation: the event of the invocation, decoded or not.
        client: who makes the calls; by default one from the environment.
        mode: when callers wait for durability.
        batcher: the limits of one request.
        retries: how failed requests are repeated.
        deadline: when the invocation ends, UNIX seconds; nothing is repeated past it.
        queue_limit: how many updates may be queued before `checkpoint_async` waits.
        sources: the clock and chance it goes by; by default those of this process.
        threads: how its threads begin and wait; by default in real time.

    Raises:
        RemoteProtocolError: the event is not that of a durable invocation.
    """
    own = ServiceClient() if client is None else None
    state = state_for(invocation, mode, batcher, retries, deadline)
    execution = Execution(state, client or own or ServiceClient(), queue_limit, sources, threads)
    with suppress(DurableError):
        execution.load_all_operations()
    try:
        yield execution
        execution.flush()
    finally:
        execution.end()
        if own is not None:
            own.close()
