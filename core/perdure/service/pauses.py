"""Pausing an execution: no invocations, while what it waits for goes on completing.

With an invocation in flight a pause takes effect at its next checkpoint or at its end,
whichever comes first.
"""

from __future__ import annotations

from dataclasses import replace

from ..models.enums import ExecutionStatus
from ..models.executions import PauseRequest, ResumeRequest
from ..models.fields import MAX_DELAY_SECONDS
from ..models.history import ExecutionPausedDetails, ExecutionResumedDetails
from .execution import Execution
from .faults import ServiceFault
from .history import reason_of
from .standing import Accepted, Pause, Phase


def pause(execution: Execution, request: PauseRequest, now: float) -> None:
    """PauseDurableExecution.

    Raises:
        ServiceFault: it does not run.
    """
    if _is_repeated(execution, request, now):
        return
    if execution.status is not ExecutionStatus.RUNNING:
        raise _conflict("pause", execution)
    _accept(execution, request, now)
    execution.pause = Pause(now, request.reason, request.execution_timeout_paused)
    if execution.phase is Phase.IN_FLIGHT:
        execution.status = ExecutionStatus.PAUSING
    else:
        take_effect(execution, now)


def take_effect(execution: Execution, now: float) -> None:
    """Here the pause that was asked for begins."""
    asked = execution.pause
    assert asked is not None  # it is PAUSING
    execution.status = ExecutionStatus.PAUSED
    if asked.stops_timeout and execution.timeout_at is not None:
        execution.pause = replace(asked, timeout_left=execution.timeout_at - now)
        execution.timeout_at = _last_second(execution)
    details = ExecutionPausedDetails(asked.asked, asked.stops_timeout, reason_of(asked.reason))
    execution.history.record(now, details, execution.operation)


def resume(execution: Execution, request: ResumeRequest, now: float) -> None:
    """ResumeDurableExecution. A pause that has not taken effect is as if it had never been.

    Raises:
        ServiceFault: it is neither paused nor pausing.
    """
    if _is_repeated(execution, request, now):
        return
    asked = execution.pause
    if asked is None:
        raise _conflict("resume", execution)
    _accept(execution, request, now)
    if execution.status is ExecutionStatus.PAUSED:
        details = ExecutionResumedDetails(now, reason_of(request.reason))
        execution.history.record(now, details, execution.operation)
    if asked.timeout_left is not None:
        execution.timeout_at = min(now + asked.timeout_left, _last_second(execution))
    execution.status = ExecutionStatus.RUNNING
    execution.pause = None


def _last_second(execution: Execution) -> float:
    """No pause lets an execution live longer than this."""
    return execution.origin.started + MAX_DELAY_SECONDS


def _is_repeated(execution: Execution, request: PauseRequest | ResumeRequest, now: float) -> bool:
    recent = now - execution.setting.policy.idempotency_seconds
    return any(each.request == request and each.at >= recent for each in execution.accepted)


def _accept(execution: Execution, request: PauseRequest | ResumeRequest, now: float) -> None:
    if request.client_token is None:
        return
    recent = now - execution.setting.policy.idempotency_seconds
    kept = (each for each in execution.accepted if each.at >= recent and each.request != request)
    accepted = (
        Accepted(now, pause=request)
        if isinstance(request, PauseRequest)
        else Accepted(now, resume=request)
    )
    execution.accepted = (*kept, accepted)


def _conflict(what: str, execution: Execution) -> ServiceFault:
    message = f"Cannot {what} a durable execution that is {execution.status}."
    return ServiceFault("ResourceConflictException", message)
