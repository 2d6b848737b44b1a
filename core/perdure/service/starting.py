"""What an execution is started with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..models.encode import compact, to_wire
from ..models.executions import Qualifier
from ..models.fields import (
    MAX_DELAY_SECONDS,
    ExecutionName,
    TenantId,
    Text,
    TraceId,
    Whole,
    WireModel,
)
from .constraints import read_model
from .executions import Executions
from .faults import ServiceFault
from .identity import executed_version
from .origin import Origin
from .setting import Setting
from .sizes import is_longer


@dataclass(frozen=True, slots=True)
class StartedExecution:
    """The execution that was started, or the one of that name that exists."""

    arn: str
    existing: bool


@dataclass(frozen=True, slots=True, repr=False)
class StartRequest(WireModel):
    """Everything that starts an execution, with its limits."""

    SHOWN: ClassVar = ("function_name", "durable_execution_name", "qualifier")

    function_name: Annotated[str, Text(1, 64, "[a-zA-Z0-9_-]+")]
    execution_id: ExecutionName
    durable_execution_name: ExecutionName
    qualifier: Qualifier
    execution_timeout: Annotated[int, Whole(1, MAX_DELAY_SECONDS)]
    retention_period_in_days: Annotated[int, Whole(1, 90)]
    payload: str | None = None
    trace_id: TraceId | None = None
    tenant_id: TenantId | None = None


def originate(request: StartRequest, setting: Setting, now: float) -> Origin:
    """What the execution would be.

    Raises:
        ServiceFault: a member is out of its limits.
    """
    payload = request.payload
    limit = setting.policy.max_input_bytes
    if is_longer(payload, limit):
        raise input_too_large(limit)
    bare = to_wire(request)
    bare.pop("Payload", None)
    read_model(StartRequest, compact(bare))
    version = executed_version(request.qualifier)
    function_arn = setting.region.function_arn(request.function_name, version)
    return Origin(
        arn=f"{function_arn}/durable-execution/{request.durable_execution_name}/{request.execution_id}",
        id=request.execution_id,
        name=request.durable_execution_name,
        function_name=request.function_name,
        function_arn=function_arn,
        qualifier=request.qualifier,
        version=version,
        payload=payload,
        started=now,
        timeout_seconds=request.execution_timeout,
        retention_days=request.retention_period_in_days,
        trace_id=request.trace_id,
        tenant_id=request.tenant_id,
    )


def start(executions: Executions, origin: Origin, now: float) -> StartedExecution:
    """Start an execution, or join the one of the same name and input.

    Raises:
        ServiceFault: the name is taken by an execution with another input.
    """
    present = executions.named(origin)
    if present is not None:
        if present.origin.payload != origin.payload:
            raise _name_taken(origin.name)
        return StartedExecution(present.origin.arn, existing=True)
    executions.settle(executions.begin(origin), now)
    return StartedExecution(origin.arn, existing=False)


def _name_taken(name: str) -> ServiceFault:
    """Another execution has this name, and another input."""
    return ServiceFault(
        "DurableExecutionAlreadyStartedException",
        f"An execution named {name} already exists with another input",
    )


def input_too_large(limit: int) -> ServiceFault:
    """The input has more than `limit` bytes."""
    message = f"Request must be smaller than {limit} bytes for this operation"
    return ServiceFault("RequestTooLargeException", message)
