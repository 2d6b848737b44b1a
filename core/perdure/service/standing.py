"""Where an execution stands: all that is known of it but its operations, events and timers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ..models.checkpoint import CheckpointResponse
from ..models.enums import ExecutionStatus
from ..models.executions import PauseRequest, ResumeRequest
from ..models.fields import WireModel
from ..models.operation import ErrorObject


class Phase(StrEnum):
    """Where an execution stands towards its next invocation."""

    IDLE = "idle"
    """Nothing to do until a timer or an answer comes."""
    OWED = "owed"
    """Something changed that the handler has not seen: invoke it."""
    IN_FLIGHT = "in flight"
    """Its handler runs. There is never more than one."""
    POSTPONED = "postponed"
    """The next invocation waits for `Standing.invoke_at`: the last attempt failed, or the
    caller of a new execution has not suspended yet."""


@dataclass(frozen=True, slots=True, repr=False)
class Invocation(WireModel):
    """One invocation in flight."""

    SHOWN: ClassVar = ("id", "started", "deadline")

    id: str
    started: float
    deadline: float


@dataclass(frozen=True, slots=True, repr=False)
class Answer(WireModel):
    """What the last accepted checkpoint was answered, in case the client asks again."""

    SHOWN: ClassVar = ("given",)

    client_token: str
    checkpoint_token: str
    response: CheckpointResponse
    given: float


@dataclass(frozen=True, slots=True, repr=False)
class Pause(WireModel):
    """A pause that was asked for. `timeout_left` is set once the clock of the timeout stands."""

    SHOWN: ClassVar = ("asked", "stops_timeout", "timeout_left")

    asked: float
    reason: str | None
    stops_timeout: bool
    timeout_left: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Accepted(WireModel):
    """A pause or resumption of late, in case the client asks again. One of the two is set."""

    SHOWN: ClassVar = ("at",)

    at: float
    pause: PauseRequest | None = None
    resume: ResumeRequest | None = None

    @property
    def request(self) -> PauseRequest | ResumeRequest | None:
        """Whichever it was."""
        return self.pause or self.resume


@dataclass(slots=True, kw_only=True, repr=False, eq=False)
class Standing(WireModel):
    """The scalars of one execution. Stores keep them as one."""

    SHOWN: ClassVar = ("status", "phase")

    status: ExecutionStatus = ExecutionStatus.RUNNING
    timeout_at: float | None = None
    ended: float | None = None
    result: str | None = None
    error: ErrorObject | None = None
    phase: Phase = Phase.OWED
    # Its place in the queue of those that are owed an invocation.
    owed: int | None = None
    invocation: Invocation | None = None
    invocations: int = 0
    invoke_at: float | None = None
    failed_attempts: int = 0
    empty_suspensions: int = 0
    token_sequence: int = 0
    token: str | None = None
    # The handler learned from a checkpoint's answer of a change from outside.
    told: bool = False
    pause: Pause | None = None
    # A pause took the token of the invocation that was in flight: it owes another one.
    cut_off: bool = False
    accepted: tuple[Accepted, ...] = ()
    deletion_asked: float | None = None
    # When it will be forgotten, once that is planned.
    kept_until: float | None = None
    # Its caller, if any, knows that it is over.
    reported: bool = False
