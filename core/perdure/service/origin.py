"""What an execution was started as, and by whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The CHAINED_INVOKE operation that waits for what it started."""

    arn: str
    operation_id: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What an execution was started as. It never changes."""

    arn: str
    id: str
    name: str
    function_name: str
    function_arn: str
    qualifier: str
    version: str
    payload: str | None
    started: float
    timeout_seconds: int
    retention_days: int
    trace_id: str | None = None
    tenant_id: str | None = None
    caller: Caller | None = None
