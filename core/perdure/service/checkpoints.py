"""CheckpointDurableExecution: tokens, idempotency, applying a batch, the answer."""

from __future__ import annotations

from ..models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage
from .due import complete_due
from .execution import Answer, Execution
from .operations.table import RULES
from .policy import ServicePolicy
from .validation import validate_batch


def checkpoint(
    execution: Execution, request: CheckpointRequest, policy: ServicePolicy, now: float
) -> CheckpointResponse:
    """Accept a batch, or answer the last one again.

    Costs what its updates and the operations it returns cost, however long the history.

    Raises:
        ServiceFault: the token is not the current one, or the batch is not legal; then
            nothing has changed and the token is still good.
    """
    last = execution.last_answer
    if (
        last is not None
        and last.client_token == request.client_token
        and last.checkpoint_token == request.checkpoint_token
    ):
        return last.response
    execution.require_token(request.checkpoint_token)
    validate_batch(request.updates, execution.ledger, policy)

    for update in request.updates:
        RULES[update.type].actions[update.action].apply(execution, update, now)
    execution.token_sequence += 1
    if not execution.is_over:
        # So every checkpoint, an empty one too, serves as a poll.
        complete_due(execution, now)
        execution.renew_token()

    response = CheckpointResponse(StatePage(execution.ledger.take_unseen()), execution.token)
    execution.last_answer = (
        None
        if request.client_token is None
        else Answer(request.client_token, request.checkpoint_token, response)
    )
    return response
