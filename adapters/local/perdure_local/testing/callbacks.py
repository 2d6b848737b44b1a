"""Those outside who answer callbacks, each at its own time after the callback began."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from itertools import count
from typing import Final

from perdure.models.enums import EventType, OperationStatus
from perdure.models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
)
from perdure.models.history import Event
from perdure.service.faults import ServiceFault
from perdure.service.service import Service

from .failure import Failure, listed

_CLOSED: Final = "CallbackTimeoutException"


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback that waits for its answer.

    Args:
        name: its own, or that of the `wait_for_callback` it belongs to.
        id: what outsiders answer with.
        execution_arn: of the execution that waits.
        started: when it began, UNIX seconds.
        waits_for_ever: it has neither timeout.
    """

    name: str | None
    id: str
    execution_arn: str
    started: float
    waits_for_ever: bool = False


class Signal(Enum):
    """What may be done with a callback instead of ending it."""

    HEARTBEAT = "heartbeat"
    """A sign of life."""
    SILENCE = "silence"
    """Nothing; another answer may come later."""


Outcome = Failure | Signal | str | None
"""What is sent: a text as the result, None for no result."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a test says that somebody outside does with the callbacks of one name.

    Args:
        name: of the callbacks; None for all.
        after: how many seconds after one began.
        decide: says what is sent.
    """

    name: str | None
    after: float
    decide: Callable[[Callback], Outcome]


def text_of(value: object) -> str | None:
    """A value as it is sent: text as it is, None as nothing, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


@dataclass(slots=True)
class Outsiders:
    """Sees callbacks begin, and answers them when it is time.

    Args:
        service: who is answered.
    """

    service: Service
    answers: list[Answer] = field(default_factory=list[Answer])
    seen: list[Callback] = field(default_factory=list[Callback])
    _names: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _agenda: list[tuple[float, int, Answer, Callback]] = field(
        default_factory=list[tuple[float, int, Answer, Callback]]
    )
    _order: count[int] = field(default_factory=count)

    def next_due(self) -> float | None:
        """When there is something to answer, UNIX seconds."""
        return self._agenda[0][0] if self._agenda else None

    def act(self, now: float) -> None:
        """Send the answers that are due. One for a callback that is over is not sent."""
        while self._agenda and self._agenda[0][0] <= now:
            _, _, answer, callback = heappop(self._agenda)
            outcome = answer.decide(callback)
            try:
                self._send(callback.id, outcome, now)
            except ServiceFault as fault:
                if fault.code != _CLOSED:
                    raise

    def waiting(self) -> list[str]:
        """The callbacks that are open, and have no time at which they would not be."""
        return [
            callback.name or callback.id
            for callback in self.seen
            if self._status(callback) == OperationStatus.STARTED and callback.waits_for_ever
        ]

    def answered(self) -> list[str]:
        """The names that there are answers for."""
        return [each.name or "(any)" for each in self.answers]

    def unused(self) -> list[str]:
        """A complaint for each answer that nobody waited for."""
        names = [callback.name for callback in self.seen]
        wanted = dict.fromkeys(each.name for each in self.answers if each.name is not None)
        there = listed(name or "(without a name)" for name in names)
        return [
            f"no callback named {name!r} began; there were: {there}"
            for name in wanted
            if name not in names
        ]

    def receive_event(self, arn: str, event: Event) -> None:
        """Take note of what happened in an execution."""
        if event.sub_type == "WaitForCallback" and event.id and event.name:
            self._names[arn, event.id] = event.name
        details = event.callback_started_details
        if event.event_type is not EventType.CALLBACK_STARTED or details is None:
            return
        # That of a wait_for_callback has a name that nobody has given it.
        name = self._names.get((arn, event.parent_id or ""), event.name)
        for_ever = not (details.timeout or details.heartbeat_timeout)
        callback = Callback(name, details.callback_id, arn, event.event_timestamp, for_ever)
        self.seen.append(callback)
        for answer in self.answers:
            if answer.name in (None, name):
                when = callback.started + answer.after
                heappush(self._agenda, (when, next(self._order), answer, callback))

    def _status(self, callback: Callback) -> str | None:
        for operation in self.service.operations(callback.execution_arn):
            details = operation.callback_details
            if details is not None and details.callback_id == callback.id:
                return operation.status
        return None

    def _send(self, callback_id: str, outcome: Outcome, now: float) -> None:
        match outcome:
            case Signal.SILENCE:
                pass
            case Signal.HEARTBEAT:
                self.service.heartbeat_callback(CallbackHeartbeatRequest(callback_id), now)
            case Failure():
                request = CallbackFailureRequest(callback_id, outcome.to_error())
                self.service.fail_callback(request, now)
            case _:
                self.service.succeed_callback(CallbackSuccessRequest(callback_id, outcome), now)
