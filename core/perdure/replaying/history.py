"""Reading a history as AWS, boto3, the AWS CLI and perdure print it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final, cast

from ..errors import ValidationError
from ..models.history import Event, EventError, EventInput, EventResult
from ..models.validate import validate_json

_DECODER: Final = json.JSONDecoder()
_WHOLE: Final = "; fetch all of it (follow NextMarker) with IncludeExecutionData=true"


def read_history(text: str) -> tuple[Event, ...]:
    """Read the events of one execution.

    Args:
        text: JSON: a list of events; an answer of GetDurableExecutionHistory; several of
            them, one after the other or in a list, in any order; or what ``perdure run
            --json`` printed.

    Returns:
        The events in their order, which may still be those of a running execution.

    Raises:
        ValidationError: it is no history, events are missing, or their data are. The
            message is one line.
    """
    events: dict[int, Event] = {}
    follows = 0
    for page in _pages(text):
        found = _events(page)
        ids = [event.event_id for event in found]
        if page.get("NextMarker") and ids == sorted(ids):
            # Of a page in reverse order the ones before it follow; those are missed anyway.
            follows = max(follows, *ids, 1)
        for event in found:
            known = events.setdefault(event.event_id, event)
            if known != event:
                raise ValidationError(f"two different events have the id {event.event_id}")
    ordered = tuple(events[each] for each in sorted(events))
    _check_whole(ordered, follows)
    for event in ordered:
        _check_data(event)
    return ordered


def _pages(text: str) -> Iterator[Mapping[str, Any]]:
    position, text = 0, text.strip().removeprefix("\ufeff")
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except RecursionError:
            raise ValidationError("it is not JSON: nested too deeply") from None
        except ValueError as error:
            raise ValidationError(f"it is not JSON: {error}") from None
        while position < len(text) and text[position].isspace():
            position += 1
        yield from _pages_of(value)


def _pages_of(value: Any) -> Iterator[Mapping[str, Any]]:
    match value:
        case {"Events": list()}:
            yield cast("Mapping[str, Any]", value)
        case {"history": list()}:
            yield {"Events": value["history"]}
        case [{"EventType": _}, *_]:
            yield {"Events": value}
        case [{"Events": _}, *_]:
            for page in cast("list[Any]", value):
                yield from _pages_of(page)
        case _:
            raise ValidationError(
                "it is no history: a list of events, or answers of GetDurableExecutionHistory"
            )


def _events(page: Mapping[str, Any]) -> tuple[Event, ...]:
    try:
        return validate_json(tuple[Event, ...], json.dumps(page["Events"]))
    except ValidationError as error:
        first = str(error).splitlines()[0]
        raise ValidationError(f"an event is not as it should be: {first}") from None


def _check_whole(events: tuple[Event, ...], follows: int) -> None:
    if not events:
        raise ValidationError("it holds no events")
    for expected, event in enumerate(events, start=1):
        if event.event_id != expected:
            raise ValidationError(f"event {expected} is missing{_WHOLE}")
    if follows >= len(events):
        raise ValidationError(f"what follows event {follows} is missing{_WHOLE}")


def _check_data(event: Event) -> None:
    for field in fields(event):
        details: Any = getattr(event, field.name)
        for name in ("input", "result", "error"):
            wrapper = getattr(details, name, None)
            if isinstance(wrapper, (EventInput, EventResult, EventError)) and wrapper.truncated:
                raise ValidationError(
                    f"event {event.event_id} ({event.event_type}) is without its data{_WHOLE}"
                )
