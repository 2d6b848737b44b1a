"""From the event of an invocation to its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .batching import Batcher
from .delivery import RequestRetries
from .models.decode import decode_invocation
from .models.invocation import InvocationInput
from .modes import CheckpointingMode
from .state import ExecutionState


def state_for(
    invocation: InvocationInput | Mapping[str, Any],
    mode: CheckpointingMode,
    batcher: Batcher | None,
    retries: RequestRetries | None,
    deadline: float | None,
) -> ExecutionState:
    """Begin the state of an invocation. Arguments: see `ExecutionState`.

    Raises:
        RemoteProtocolError: the event is not that of a durable invocation.
    """
    if not isinstance(invocation, InvocationInput):
        invocation = decode_invocation(invocation)
    else:
        # Imported here, for an event of Lambda has no use for it, nor for the service role.
        from .replaying.invocation import RecordedInvocation

        if isinstance(invocation, RecordedInvocation):
            from .replaying.state import ReplayOnlyState

            return ReplayOnlyState(invocation, mode)
    state = ExecutionState(
        invocation.durable_execution_arn,
        invocation.checkpoint_token,
        invocation.initial_execution_state,
        mode=mode,
        batcher=batcher,
        retries=retries,
        deadline=deadline,
    )
    state.updated_operation_ids = invocation.updated_operation_ids
    return state
