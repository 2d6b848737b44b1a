"""What became of an execution, for a test to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from perdure.checkpointed import CheckpointedResult
from perdure.errors import DurableError
from perdure.models.encode import to_wire
from perdure.models.enums import ExecutionStatus, OperationType
from perdure.models.executions import ExecutionDescription
from perdure.models.history import Event
from perdure.models.operation import Operation
from perdure.models.update import OperationUpdate
from perdure.serdes import TAGGED

from ..terminal.output import decoded
from .failure import Failure, failure_of, hides_frames, listed

__tracebackhide__ = hides_frames


class ExecutionFailed(AssertionError):
    """The result of an execution was asked for, and it did not succeed."""


@dataclass(frozen=True, slots=True)
class Request:
    """One checkpoint that the function made.

    Args:
        invocation: in which of its invocations, from 1.
        at: when, UNIX seconds.
        updates: what it told; none is a look for news.
    """

    invocation: int
    at: float
    updates: tuple[OperationUpdate, ...]

    def __str__(self) -> str:
        told = (f"{each.type} {each.name or each.id} {each.action}" for each in self.updates)
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One time that the function was called.

    Args:
        number: from 1.
        started: UNIX seconds.
        ended: likewise.
        status: what it answered: ``SUCCEEDED``, ``FAILED``, ``PENDING``; ``CRASHED`` if it
            died, or raised, or took too long.
        error: why it crashed.
    """

    number: int
    started: float
    ended: float
    status: str
    error: Failure | None = None


@dataclass(slots=True, eq=False, repr=False)
class Recorded:
    """One operation as it is recorded at the end.

    Args:
        operation: as on the wire, with all its details.
        parent: the operation that it is part of; None at the top.
        children: those that are part of it, in the order they began.
    """

    operation: Operation
    parent: Recorded | None = None
    children: list[Recorded] = field(default_factory=list["Recorded"])

    @property
    def id(self) -> str:
        """Its id, derived from its place in the program."""
        return self.operation.id

    @property
    def name(self) -> str | None:
        """The name that the function gave it."""
        return self.operation.name

    @property
    def type(self) -> str:
        """``STEP``, ``WAIT``, ``CALLBACK``, ``CHAINED_INVOKE`` or ``CONTEXT``."""
        return str(self.operation.type)

    @property
    def sub_type(self) -> str | None:
        """What kind of its type, such as ``Parallel``."""
        return self.operation.sub_type

    @property
    def status(self) -> str:
        """``SUCCEEDED``, ``FAILED``, ``STARTED``, …"""
        return str(self.operation.status)

    @property
    def payload(self) -> str | None:
        """The recorded result, a text."""
        return self._recorded.result

    @property
    def result(self) -> Any:
        """The recorded result, decoded; the text where it is not in the default encoding."""
        payload = self.payload
        if payload is None:
            return None
        try:
            return TAGGED.decode(payload)
        except (ValueError, TypeError, DurableError):
            return decoded(payload)

    @property
    def error(self) -> Failure | None:
        """The recorded error; of a step that is retried, that of its last attempt."""
        return failure_of(self._recorded.error)

    @property
    def attempts(self) -> int:
        """How many attempts of a step have ended."""
        return self._recorded.attempt

    @property
    def started(self) -> float:
        """When it began, UNIX seconds."""
        return self.operation.start_timestamp

    @property
    def ended(self) -> float | None:
        """When it ended, UNIX seconds."""
        return self.operation.end_timestamp

    @property
    def duration(self) -> float | None:
        """How long it took, in seconds of virtual time; None while it is open."""
        return None if self.ended is None else self.ended - self.started

    @property
    def _recorded(self) -> CheckpointedResult:
        return CheckpointedResult(self.operation)

    def __repr__(self) -> str:
        return f"<{self.sub_type or self.type} {self.name!r} {self.status}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Run:
    """One execution that has ended.

    Args:
        description: as GetDurableExecution tells it.
        events: its history.
        operations: all its operations, in the order they began.
        invocations: the times that the function was called.
        requests: the checkpoints it made.
    """

    description: ExecutionDescription
    events: Sequence[Event]
    operations: Sequence[Recorded]
    invocations: Sequence[Invocation]
    requests: Sequence[Request]

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        return self.description.durable_execution_arn

    @property
    def status(self) -> str:
        """``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``STOPPED``."""
        return str(self.description.status)

    @property
    def result(self) -> Any:
        """What the function returned, as its caller sees it: decoded JSON.

        Raises:
            ExecutionFailed: it did not succeed; the message says why.
        """
        if self.description.status is not ExecutionStatus.SUCCEEDED:
            raise ExecutionFailed(f"the execution {self.status}: {self.error}\n{self.outline()}")
        return decoded(self.description.result)

    @property
    def error(self) -> Failure | None:
        """Why it did not succeed; None if it did."""
        return failure_of(self.description.error)

    @property
    def duration(self) -> float:
        """How long it took, in seconds of virtual time."""
        ended = self.description.end_timestamp
        assert ended is not None  # a run is given to a test when it is over
        return ended - self.description.start_timestamp

    def operation(self, name: str) -> Recorded:
        """The operation of this name.

        Raises:
            LookupError: there is none, or more than one: see `operations_named`.
        """
        __tracebackhide__ = True
        found = self.operations_named(name)
        if len(found) == 1:
            return found[0]
        if found:
            raise LookupError(f"{len(found)} operations are named {name!r}: use operations_named")
        names = listed(each.name or "(without a name)" for each in self.operations)
        raise LookupError(f"no operation is named {name!r}; there are: {names}")

    def operations_named(self, name: str) -> list[Recorded]:
        """All operations of this name, in the order they began."""
        return [each for each in self.operations if each.name == name]

    def told(self) -> list[str]:
        """The history in short: ``StepStarted charge``, ``InvocationCompleted``, …"""
        return [told(str(event.event_type), event.name) for event in self.events]

    def history(self) -> list[dict[str, Any]]:
        """The events as GetDurableExecutionHistory sends them."""
        return [to_wire(event) for event in self.events]

    def outline(self) -> str:
        """The operations as an indented list, for people."""
        top = [each for each in self.operations if each.parent is None]
        return "\n".join(line for each in top for line in _lines(each, 1))

    def __repr__(self) -> str:
        return f"<{self.status} run of {len(self.operations)} operations>"


def told(kind: str, name: str | None) -> str:
    """An event in short: its type, and the name of its operation."""
    return kind if name is None or kind.startswith("Execution") else f"{kind} {name}"


def _lines(operation: Recorded, depth: int) -> list[str]:
    kind = operation.sub_type or operation.type
    words = (kind, operation.name, operation.status, operation.error)
    said = "  " * depth + " ".join(str(word) for word in words if word)
    return [said, *(line for child in operation.children for line in _lines(child, depth + 1))]


def recorded(operations: Sequence[Operation]) -> list[Recorded]:
    """The operations of an execution without the one that stands for itself, linked."""
    all_of_them: list[Recorded] = []
    by_id: dict[str, Recorded] = {}
    for operation in operations:
        if operation.type is OperationType.EXECUTION:
            continue
        one = by_id[operation.id] = Recorded(operation)
        one.parent = by_id.get(operation.parent_id or "")
        if one.parent is not None:
            one.parent.children.append(one)
        all_of_them.append(one)
    return all_of_them


def status_of(output: str) -> str:
    """What an invocation answered."""
    match json.loads(output):
        case {"Status": str(status)}:
            return status
        case _:
            return "?"
