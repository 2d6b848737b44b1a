"""The history of one execution: events, recorded as they happen and never changed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final, get_args

from ..models.enums import EventType
from ..models.history import (
    Details,
    Event,
    EventError,
    EventInput,
    EventReason,
    EventResult,
)
from ..models.operation import ErrorObject, Operation


def _snake(words: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in words).lstrip("_")


# Details class: (its event type, the field of Event that holds it). Both follow from its name.
_MEMBERS: Final[dict[type, tuple[EventType, str]]] = {
    kind: (EventType(kind.__name__.removesuffix("Details")), _snake(kind.__name__))
    for kind in get_args(Details)
}


def input_of(payload: str | None) -> EventInput:
    """An input as an event carries it."""
    return EventInput(payload, False)


def result_of(payload: str | None) -> EventResult:
    """A result as an event carries it; the wrapper is there even without a payload."""
    return EventResult(payload, False)


def error_of(error: ErrorObject | None) -> EventError:
    """An error as an event carries it; the wrapper is there even without an error."""
    return EventError(error, False)


def reason_of(text: str | None) -> EventReason | None:
    """A reason as an event carries it. Without one there is no wrapper either."""
    return None if text is None else EventReason(text, False)


class History:
    """The events of one execution: how many there are, and those that are not saved yet."""

    __slots__ = ("_count", "fresh")

    def __init__(self, count: int = 0) -> None:
        self._count = count
        self.fresh: Final[list[Event]] = []

    def __len__(self) -> int:
        return self._count

    def record(self, now: float, details: Details, operation: Operation | None = None) -> None:
        """Append one event: what happened, and to which operation (None: an invocation)."""
        kind, member = _MEMBERS[type(details)]
        about: dict[str, Any] = {member: details}  # the member depends on the kind of details
        if operation is not None:
            about["id"] = operation.id
            about["parent_id"] = operation.parent_id
            about["name"] = operation.name
            about["sub_type"] = operation.sub_type
        self._count += 1
        self.fresh.append(Event(kind, self._count, now, **about))


def without_data(event: Event) -> Event:
    """The event without payloads: they are left out and marked as truncated."""
    member = _MEMBERS_OF[event.event_type]
    details: Details = getattr(event, member)
    bare: dict[str, Any] = {}  # fields of whichever details this is
    for field in fields(details):
        match getattr(details, field.name):
            case EventInput() | EventResult() | EventError() | EventReason() as wrapper:
                bare[field.name] = type(wrapper)(None, True)
            case _:
                pass
    if not bare:
        return event
    changed: dict[str, Any] = {member: replace(details, **bare)}  # as in `record`
    return replace(event, **changed)


_MEMBERS_OF: Final[dict[EventType, str]] = dict(_MEMBERS.values())
