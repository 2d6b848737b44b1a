"""The envelope: what the service invokes a function with, and what it wants back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .checkpoint import StatePage
from .enums import InvocationStatus
from .fields import ExecutionArnText, OperationId, Token, WireModel
from .operation import ErrorObject


@dataclass(frozen=True, slots=True, repr=False)
class InvocationInput(WireModel):
    """The event of one invocation."""

    SHOWN: ClassVar = ("durable_execution_arn",)

    durable_execution_arn: ExecutionArnText
    checkpoint_token: Token
    initial_execution_state: StatePage
    updated_operation_ids: tuple[OperationId, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class InvocationOutput(WireModel):
    """What the function returns: a Result with SUCCEEDED, an Error with FAILED."""

    SHOWN: ClassVar = ("status",)

    status: InvocationStatus
    result: str | None = None
    error: ErrorObject | None = None
