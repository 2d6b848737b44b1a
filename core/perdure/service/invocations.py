"""The invocation loop of one execution: invoke, judge what came back, retry, go to sleep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from ..models.enums import ExecutionStatus
from ..models.history import InvocationCompletedDetails
from ..models.operation import ErrorObject
from .execution import Execution
from .history import error_of
from .identity import invocation_id
from .output import Failed, NothingPending, Refused, Succeeded, Suspended, judge
from .pauses import take_effect
from .standing import Invocation, Phase
from .state import invocation_event

LOST: Final = ErrorObject(
    "The service ended while this invocation was in flight", "Runtime.ExitError"
)
"""Why an invocation failed whose outcome nobody was there to receive."""


@dataclass(frozen=True, slots=True)
class InvocationToSend:
    """One invocation to make now.

    Args:
        arn: of the execution.
        function_name: of the function to invoke.
        qualifier: the version or alias to invoke, as the execution was started with.
        invocation_id: pass it back with what came of the invocation.
        request_id: Lambda's request id, as the function sees it and the history shows it.
        payload: the event, a JSON text.
        deadline: when the service gives up waiting for it, UNIX seconds.
        tenant_id: for the invocation's header, where the execution has a tenant.
        trace_id: likewise.
    """

    arn: str
    function_name: str
    qualifier: str
    invocation_id: str
    request_id: str
    payload: str
    deadline: float
    tenant_id: str | None = None
    trace_id: str | None = None


def begin_invocation(execution: Execution, now: float) -> InvocationToSend:
    """Put the next invocation of an execution that is owed one in flight."""
    origin = execution.origin
    execution.invocations += 1
    flight = Invocation(
        invocation_id(origin.arn, execution.invocations),
        now,
        now + execution.setting.policy.invocation_timeout_seconds,
    )
    execution.invocation = flight
    execution.phase = Phase.IN_FLIGHT
    execution.cut_off = False
    execution.renew_token()
    return InvocationToSend(
        origin.arn,
        origin.function_name,
        origin.qualifier,
        flight.id,
        flight.id,
        invocation_event(execution),
        flight.deadline,
        origin.tenant_id,
        origin.trace_id,
    )


def _complete(execution: Execution, now: float, error: ErrorObject | None = None) -> None:
    """The invocation in flight is no more: its token is void, its event recorded."""
    flight = execution.invocation
    assert flight is not None  # callers hold its id
    execution.invocation = None
    execution.phase = Phase.IDLE
    execution.renew_token()
    details = InvocationCompletedDetails(
        flight.started, now, flight.id, None if error is None else error_of(error)
    )
    execution.history.record(now, details)


def invocation_returned(execution: Execution, output: bytes | str, now: float) -> None:
    """The handler of the invocation in flight returned this."""
    if execution.is_over:
        _complete(execution, now)
        return
    ledger = execution.ledger
    # What changed unseen counts too: a timer fired while the handler suspended. So does a
    # pause that left the handler no other choice, and what its last checkpoints told it
    # when it had perhaps decided to suspend already.
    owed = ledger.has_unseen or execution.cut_off or (execution.told and not ledger.has_awaited)
    verdict = judge(output, may_suspend=ledger.has_awaited or owed)
    match verdict:
        case Succeeded(result):
            _complete(execution, now)
            execution.succeed(result, now)
        case Failed(error):
            _complete(execution, now)
            execution.finish(ExecutionStatus.FAILED, now, error=error)
        case Suspended():
            _complete(execution, now)
            execution.failed_attempts = 0
            execution.empty_suspensions = 0
            if owed:
                execution.wake()
        case NothingPending(error):
            _complete(execution, now, error)
            execution.empty_suspensions += 1
            again = execution.empty_suspensions < execution.setting.policy.empty_suspensions
            _try_again(execution, again, error, now)
        case Refused(error):
            _complete(execution, now, error)
            execution.finish(ExecutionStatus.FAILED, now, error=error)
        case _:
            assert_never(verdict)
    _pause_if_asked(execution, now)


def invocation_failed(
    execution: Execution, error: ErrorObject, now: float, *, retryable: bool
) -> None:
    """The invocation in flight failed: the function raised, crashed, or could not be reached."""
    _complete(execution, now, error)
    if execution.is_over:
        return
    execution.empty_suspensions = 0
    execution.failed_attempts += 1
    again = retryable and execution.failed_attempts < execution.setting.policy.invocation_attempts
    _try_again(execution, again, error, now)
    _pause_if_asked(execution, now)


def invocation_timed_out(execution: Execution, now: float) -> None:
    """The invocation in flight did not return in time; a later answer is ignored."""
    seconds = execution.setting.policy.invocation_timeout_seconds
    error = ErrorObject(f"Function timed out after {seconds} seconds", "Sandbox.Timedout")
    invocation_failed(execution, error, now, retryable=True)


def _try_again(execution: Execution, again: bool, error: ErrorObject, now: float) -> None:
    if again:
        execution.postpone(now + execution.setting.policy.invocation_retry_seconds)
    else:
        execution.finish(ExecutionStatus.FAILED, now, error=error)


def _pause_if_asked(execution: Execution, now: float) -> None:
    if execution.status is ExecutionStatus.PAUSING:
        take_effect(execution, now)
