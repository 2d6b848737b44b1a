"""The two calls an invocation makes: CheckpointDurableExecution and GetDurableExecutionState."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .fields import ClientToken, ExecutionArnText, PageSize, Token, WireModel
from .operation import Operation
from .update import OperationUpdate


@dataclass(frozen=True, slots=True, repr=False)
class StatePage(WireModel):
    """Some operations, and the marker of the next page.

    None, ``""`` and absent markers all mean that there is no further page.
    """

    SHOWN: ClassVar = ()

    operations: tuple[Operation, ...] = ()
    next_marker: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CheckpointRequest(WireModel):
    """CheckpointDurableExecution. Without updates it is a poll."""

    SHOWN: ClassVar = ("durable_execution_arn",)

    durable_execution_arn: ExecutionArnText
    checkpoint_token: Token
    updates: tuple[OperationUpdate, ...] = ()
    client_token: ClientToken | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CheckpointResponse(WireModel):
    """The answer. Without a token this invocation may not checkpoint again."""

    SHOWN: ClassVar = ()

    new_execution_state: StatePage
    checkpoint_token: Token | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StateRequest(WireModel):
    """GetDurableExecutionState: one page of the recorded operations."""

    SHOWN: ClassVar = ("durable_execution_arn", "marker", "max_items")

    durable_execution_arn: ExecutionArnText
    checkpoint_token: Token
    marker: str | None = None
    max_items: PageSize = 1000
