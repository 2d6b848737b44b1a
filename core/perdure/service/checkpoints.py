"""CheckpointDurableExecution: tokens, idempotency, applying a batch, the answer."""

from __future__ import annotations

from ..models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage
from ..models.enums import ExecutionStatus
from ..models.operation import ErrorObject, Operation
from .due import complete_due
from .execution import Execution
from .operations.table import RULES
from .pauses import take_effect
from .standing import Answer
from .validation import validate_batch


def checkpoint(execution: Execution, request: CheckpointRequest, now: float) -> CheckpointResponse:
    """Accept a batch, or answer the last one again.

    Costs what its updates and the operations it returns cost, however long the history.

    Raises:
        ServiceFault: the token is not the current one, or the batch is not legal; then
            nothing has changed and the token is still good.
    """
    last = execution.last_answer
    if last is not None and _is_repeated(last, execution, request, now):
        return last.response
    execution.require_token(request.checkpoint_token)
    validate_batch(request.updates, execution)

    for update in request.updates:
        RULES[update.type].actions[update.action].apply(execution, update, now)
    execution.token_sequence += 1
    _keep_to_quota(execution, now)
    if not execution.is_over:
        # So every checkpoint, an empty one too, serves as a poll.
        complete_due(execution, now)
        execution.renew_token()

    response = CheckpointResponse(StatePage(_delta(execution, now)), execution.token)
    execution.last_answer = (
        None
        if request.client_token is None
        else Answer(request.client_token, request.checkpoint_token, response, now)
    )
    return response


def _is_repeated(
    last: Answer, execution: Execution, request: CheckpointRequest, now: float
) -> bool:
    return (
        last.client_token == request.client_token
        and last.checkpoint_token == request.checkpoint_token
        and now - last.given <= execution.setting.policy.idempotency_seconds
    )


def _keep_to_quota(execution: Execution, now: float) -> None:
    limit = execution.setting.policy.max_operations
    # The EXECUTION operation itself does not count.
    if len(execution.ledger) > limit + 1 and not execution.is_over:
        message = f"The execution has more than {limit} operations."
        error = ErrorObject(message, "ServiceQuotaExceededException")
        execution.finish(ExecutionStatus.FAILED, now, error=error)


def _delta(execution: Execution, now: float) -> tuple[Operation, ...]:
    """What the handler has not seen yet; nothing if a pause cuts it off here."""
    if execution.status is ExecutionStatus.PAUSING:
        execution.cut_off = True
        take_effect(execution, now)
        execution.token = None
        return ()
    execution.told = execution.told or execution.ledger.is_changed_outside
    return execution.ledger.take_unseen()
