"""Ending an execution from outside, and getting rid of it."""

from __future__ import annotations

from ..models.enums import ExecutionStatus
from ..models.executions import DeleteResponse, StopRequest, StopResponse
from ..models.operation import ErrorObject
from .execution import Execution
from .faults import ServiceFault


def stop(execution: Execution, request: StopRequest, now: float) -> StopResponse:
    """StopDurableExecution. One that has ended stays as it is."""
    if execution.ended is not None:
        return StopResponse(execution.ended)
    error = request.error
    if error is None or error == ErrorObject():
        error = ErrorObject("Execution stopped by user request")
    execution.finish(ExecutionStatus.STOPPED, now, error=error)
    return StopResponse(now)


def delete(execution: Execution, now: float) -> DeleteResponse:
    """DeleteDurableExecution. Asked again, it tells when it was asked first.

    Raises:
        ServiceFault: it has not ended.
    """
    if not execution.is_over:
        message = f"Cannot delete a durable execution that is {execution.status}."
        raise ServiceFault("ResourceConflictException", message)
    if execution.deletion_asked is None:
        execution.deletion_asked = now
        execution.status = ExecutionStatus.DELETING
    return DeleteResponse(execution.deletion_asked)
