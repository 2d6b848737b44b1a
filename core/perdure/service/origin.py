"""What an execution was started as, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..models.fields import WireModel


@dataclass(frozen=True, slots=True, repr=False)
class Caller(WireModel):
    """The CHAINED_INVOKE operation that waits for what it started."""

    SHOWN: ClassVar = ("arn", "operation_id")

    arn: str
    operation_id: str


@dataclass(frozen=True, slots=True, repr=False)
class Origin(WireModel):
    """What an execution was started as. It never changes."""

    SHOWN: ClassVar = ("arn", "qualifier", "started")

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
