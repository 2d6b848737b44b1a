"""What plugins are told, as data. Times are aware datetimes in UTC.

Mappings of operations are views of what is recorded, by id, in the order in which it was
first seen. They are not copies: they change while the invocation goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..models.enums import OperationStatus, OperationType
from ..models.operation import ErrorObject, Operation


class InvocationEndStatus(StrEnum):
    """How an invocation ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    PENDING = "PENDING"
    """It is suspended: the service invokes again when something can move."""
    RETRY = "RETRY"
    """It broke off with an error: Lambda invokes again."""


class UserFunctionOutcome(StrEnum):
    """How a function of the user's ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    INCOMPLETE = "INCOMPLETE"
    """It was suspended or broken off: it will run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationStartInfo:
    """An invocation begins; everything recorded is loaded, and no user code has run.

    Args:
        request_id: Lambda's; None where there is no Lambda context.
        execution_arn: of the durable execution.
        is_first_invocation: whether nothing is recorded yet.
        execution_start_time: when the execution was started.
        execution_input: its input, as the JSON text that started it.
        operations: what is recorded, the EXECUTION included.
        updated_operations: what the service moved since the last invocation.
    """

    request_id: str | None
    execution_arn: str
    is_first_invocation: bool
    execution_start_time: datetime | None
    execution_input: str | None = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)
    updated_operations: Mapping[str, Operation] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationEndInfo(InvocationStartInfo):
    """An invocation is over.

    Args:
        status: how it ended.
        error: what it failed with, or what broke it off.
        execution_result: what the function returned, as JSON text.
    """

    status: InvocationEndStatus
    error: ErrorObject | None
    execution_result: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationInfo:
    """One operation.

    Args:
        operation_id: its id in the history.
        operation_type: STEP, WAIT, …
        sub_type: Step, Parallel, …
        name: its name, if it has one.
        parent_id: the context that it belongs to; None at the root.
        start_time: when it was begun.
        end_time: when it ended; None while it has not.
        result: its recorded result as text, if it succeeded.
        error: its recorded error, if it did not.
        attempt: of a step, from 1; always 1 for everything else.
        is_replayed: whether an earlier invocation recorded it.
        status: as recorded, or as it is about to be.
    """

    operation_id: str
    operation_type: OperationType | str
    sub_type: str | None
    name: str | None
    parent_id: str | None
    start_time: datetime
    end_time: datetime | None = None
    result: str | None = field(default=None, repr=False)
    error: ErrorObject | None = None
    attempt: int
    is_replayed: bool
    status: OperationStatus | str


class OperationStartInfo(OperationInfo):
    """An operation was begun, or is still open from an earlier invocation (`is_replayed`)."""

    __slots__ = ()


class OperationEndInfo(OperationInfo):
    """An operation ended for good. A failed attempt that will be repeated is no end."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFunctionStartInfo(OperationInfo):
    """The body of a step, a check, a child context or a branch is about to run.

    Args:
        is_replay_children: it runs again over what it recorded, for its result was too
            large to be kept.
    """

    is_replay_children: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFunctionEndInfo(UserFunctionStartInfo):
    """It ran. `error` is what it raised.

    Args:
        outcome: how it ended.
    """

    outcome: UserFunctionOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationChangeInfo:
    """An answer of the service was merged.

    Args:
        execution_arn: of the durable execution.
        updated_operations: what the answer brought.
        operations: everything that is recorded now.
    """

    execution_arn: str
    updated_operations: Mapping[str, Operation] = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)


Info = (
    InvocationStartInfo
    | InvocationEndInfo
    | OperationStartInfo
    | OperationEndInfo
    | UserFunctionStartInfo
    | UserFunctionEndInfo
    | OperationChangeInfo
)
