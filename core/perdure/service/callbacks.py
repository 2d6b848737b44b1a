"""The three calls that answer a callback, or ask for patience."""

from __future__ import annotations

from typing import Final

from ..models.encode import compact, to_wire
from ..models.enums import OperationStatus, OperationType
from ..models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
)
from ..models.operation import ErrorObject
from .execution import Execution
from .executions import Executions
from .faults import ServiceFault, invalid_parameter
from .identity import read_callback_id
from .ledger import Record
from .operations.callback import answer, fail, heartbeat
from .sizes import is_longer

CLOSED: Final = (
    "The callback ID token has either expired or the callback associated with the token "
    "has already been closed."
)


def succeed_callback(executions: Executions, request: CallbackSuccessRequest, now: float) -> None:
    """SendDurableExecutionCallbackSuccess.

    Raises:
        ServiceFault: there is no such callback, or it is over.
    """
    execution, record = _open_callback(executions, request.callback_id, now)
    answer(execution, record, request.result, now)
    executions.settle(execution, now)


def fail_callback(executions: Executions, request: CallbackFailureRequest, now: float) -> None:
    """SendDurableExecutionCallbackFailure.

    Raises:
        ServiceFault: there is no such callback, it is over, or the error is too large.
    """
    execution, record = _open_callback(executions, request.callback_id, now)
    error = request.error or ErrorObject()
    limit = execution.setting.policy.max_payload_bytes
    if is_longer(compact(to_wire(error)), limit):
        raise invalid_parameter(f"Error object size must be less than {limit} bytes.")
    fail(execution, record, error, now)
    executions.settle(execution, now)


def heartbeat_callback(
    executions: Executions, request: CallbackHeartbeatRequest, now: float
) -> None:
    """SendDurableExecutionCallbackHeartbeat.

    Raises:
        ServiceFault: there is no such callback, or it is over.
    """
    execution, record = _open_callback(executions, request.callback_id, now)
    heartbeat(execution, record, now)
    executions.settle(execution, now)


def _open_callback(
    executions: Executions, callback_id: str, now: float
) -> tuple[Execution, Record]:
    named = read_callback_id(callback_id)
    execution = executions.get(named.arn)
    record = None if execution is None else execution.ledger.get(named.operation_id)
    if execution is None or record is None or record.operation.type != OperationType.CALLBACK:
        raise ServiceFault("ResourceNotFoundException", "Callback does not exist")
    # Its own timeout may be due; then it is too late.
    executions.catch_up(execution, now)
    executions.settle(execution, now)
    if execution.is_over or record.operation.status is not OperationStatus.STARTED:
        raise ServiceFault("CallbackTimeoutException", CLOSED)
    return execution, record
