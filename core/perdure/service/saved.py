"""What a store keeps, and what changes at once in it. Everything here is frozen.

A change holds what one call of the service changed and no more, so saving it costs what
the call cost, however long the history. What is None, empty or absent has not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..models.enums import ExecutionStatus
from ..models.history import Event
from ..models.operation import Operation
from .effects import FunctionToCall
from .ledger import Options, Unseen
from .origin import Origin
from .standing import Answer, Standing
from .timers import TimerKey


@dataclass(frozen=True, slots=True)
class SavedOperation:
    """One operation.

    Args:
        place: in the order of creation, from 0.
        operation: as it stands.
        options: what it was started with.
        unseen: None if the handler knows it as it stands.
    """

    place: int
    operation: Operation
    options: Options | None
    unseen: Unseen | None


@dataclass(frozen=True, slots=True)
class SavedTimer:
    """One timer that is armed; `count` orders those that are due at the same time."""

    key: TimerKey
    due: float
    count: int


class Stage(StrEnum):
    """Where the call of a plain function stands."""

    HELD = "held"
    """Until its caller suspends, or `SavedCall.due`."""
    QUEUED = "queued"
    """To be made now."""
    SENT = "sent"
    """In flight, given up at `SavedCall.due`."""


@dataclass(frozen=True, slots=True)
class SavedCall:
    """The call of a plain function that is not over; `count` orders those of one stage."""

    call: FunctionToCall
    stage: Stage
    due: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What lists, queues and deadlines need to know of an execution.

    Args:
        arn: its ARN.
        function_name: the bare name of its function.
        version: of the function.
        name: its own.
        started: UNIX seconds.
        status: where it stands.
        ended: UNIX seconds, or None.
        deadline: when something happens to it by itself, or None.
        kept_until: when it is to be forgotten, or None.
        owed: its place in the queue of invocations to make, or None.
        flight: the id of its invocation in flight, or None.
        held_by: the ARN of the caller whose suspension it waits for, or None.
        named: whether it has its name for itself.
    """

    arn: str
    function_name: str
    version: str
    name: str
    started: float
    status: ExecutionStatus
    ended: float | None
    deadline: float | None
    kept_until: float | None
    owed: int | None
    flight: str | None
    held_by: str | None
    named: bool


@dataclass(frozen=True, slots=True)
class ExecutionChange:
    """What changed of one execution.

    Args:
        number: of the execution, in the order of the starts of all.
        origin: None unless it is new.
        entry: None unless it changed.
        standing: always, and whole.
        answer: the answer of its last checkpoint.
        answered: whether `answer` changed.
        operations: those that are new or changed.
        seen: the places of others that the handler got to know.
        events: the new ones.
        cleared: all timers were disarmed, before `armed` were armed.
        armed: timers, in place of those with the same key.
        disarmed: timers that are there no more.
    """

    number: int
    origin: Origin | None
    entry: Entry | None
    standing: Standing
    answer: Answer | None
    answered: bool
    operations: Sequence[SavedOperation]
    seen: Sequence[int]
    events: Sequence[Event]
    cleared: bool
    armed: Sequence[SavedTimer]
    disarmed: Sequence[TimerKey]


@dataclass(frozen=True, slots=True)
class Change:
    """What one call of the service changed: all of it is saved, or nothing.

    Args:
        executions: those that are new or changed.
        forgotten: the numbers of those that are gone, with all that belongs to them.
        calls: of plain functions, new or in another stage.
        ended_calls: the ids of those that are over.
    """

    executions: Sequence[ExecutionChange] = ()
    forgotten: Sequence[int] = ()
    calls: Sequence[SavedCall] = ()
    ended_calls: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SavedExecution:
    """One execution as it was saved last.

    Args:
        number: see `ExecutionChange`.
        origin: likewise.
        entry: likewise.
        standing: likewise.
        answer: likewise.
        operations: all, in the order of creation.
        timers: all that are armed.
        events: how many it has.
    """

    number: int
    origin: Origin
    entry: Entry
    standing: Standing
    answer: Answer | None
    operations: Sequence[SavedOperation]
    timers: Sequence[SavedTimer]
    events: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which executions a list shows.

    Args:
        function_name: the bare name of their function; None is all.
        version: of the function; None is all.
        name: None is all.
        name_contains: a part of the name.
        statuses: none is all.
        started_after: UNIX seconds, included; None is no bound.
        started_before: likewise.
        forwards: the oldest first.
        first: the number to begin with; None begins at the end that comes first.
        count: how many at most.
    """

    function_name: str | None = None
    version: str | None = None
    name: str | None = None
    name_contains: str = ""
    statuses: tuple[ExecutionStatus, ...] = ()
    started_after: float | None = None
    started_before: float | None = None
    forwards: bool = False
    first: int | None = None
    count: int = 100


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a service has to know from the start on.

    Args:
        owed: the ARNs of those that are owed an invocation, by their places in the queue.
        in_flight: the ARN of each execution by the id of its invocation in flight.
        held: the ARNs of new executions, each with that of the caller it waits for, in the
            order of their starts.
        calls: of plain functions, by their counts.
    """

    owed: Sequence[tuple[int, str]]
    in_flight: dict[str, str]
    held: Sequence[tuple[str, str]]
    calls: Sequence[SavedCall]
