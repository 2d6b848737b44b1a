"""A store that is gone with the process."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from ..models.history import Event
from .deadlines import Deadlines
from .origin import Origin
from .saved import (
    Change,
    Entry,
    ExecutionChange,
    SavedCall,
    SavedExecution,
    SavedOperation,
    SavedTimer,
    Selection,
    Unfinished,
)
from .standing import Answer, Standing
from .timers import TimerKey

_Name = tuple[str, str, str]


@dataclass(slots=True)
class _Row:
    """One execution. Its parts are frozen, so they are shared and not copied."""

    origin: Origin
    entry: Entry
    standing: Standing
    answer: Answer | None = None
    operations: dict[int, SavedOperation] = field(default_factory=dict[int, SavedOperation])
    timers: dict[TimerKey, SavedTimer] = field(default_factory=dict[TimerKey, SavedTimer])
    events: list[Event] = field(default_factory=list[Event])


class MemoryStore:
    """Keeps everything in dicts; see `Store`."""

    def __init__(self) -> None:
        self._rows: Final[dict[int, _Row]] = {}
        self._numbers: Final[dict[str, int]] = {}
        self._names: Final[dict[_Name, int]] = {}
        # By function, and under None for all: the numbers in order, and the latest ever.
        self._lists: Final[dict[str | None, list[int]]] = {}
        self._latest: Final[dict[str | None, int]] = {}
        self._deadlines: Final = Deadlines()
        self._ends: Final = Deadlines()
        self._busy: Final[dict[int, None]] = {}
        self._calls: Final[dict[str, SavedCall]] = {}

    def save(self, change: Change) -> None:
        """Keep this change."""
        for each in change.executions:
            self._save(each)
        for number in change.forgotten:
            self._forget(number)
        for call in change.calls:
            self._calls[call.call.call_id] = call
        for call_id in change.ended_calls:
            self._calls.pop(call_id, None)

    def _save(self, change: ExecutionChange) -> None:
        number, entry = change.number, change.entry
        if entry is not None:
            self._index(number, change.origin, entry, change.standing)
        row = self._rows[number]
        row.standing = change.standing
        row.answer = change.answer
        for operation in change.operations:
            row.operations[operation.place] = operation
        for place in change.seen:
            row.operations[place] = replace(row.operations[place], unseen=None)
        row.events += change.events
        if change.cleared:
            row.timers.clear()
        for key in change.disarmed:
            row.timers.pop(key, None)
        for timer in change.armed:
            row.timers[timer.key] = timer

    def _index(self, number: int, origin: Origin | None, entry: Entry, standing: Standing) -> None:
        name = entry.function_name, entry.version, entry.name
        if origin is not None:
            self._rows[number] = _Row(origin, entry, standing)
            self._numbers[entry.arn] = number
            for each in (entry.function_name, None):
                self._lists.setdefault(each, []).append(number)
                self._latest[each] = number
        self._rows[number].entry = entry
        if entry.named:
            self._names[name] = number
        elif self._names.get(name) == number:
            del self._names[name]
        self._deadlines.tell(number, entry.deadline)
        self._ends.tell(number, entry.kept_until)
        if entry.owed is None and entry.flight is None and entry.held_by is None:
            self._busy.pop(number, None)
        else:
            self._busy[number] = None

    def _forget(self, number: int) -> None:
        entry = self._rows.pop(number).entry
        name = entry.function_name, entry.version, entry.name
        if self._names.get(name) == number:
            del self._names[name]
        del self._numbers[entry.arn]
        for each in (entry.function_name, None):
            del self._lists[each][bisect_left(self._lists[each], number)]
        self._deadlines.tell(number, None)
        self._ends.tell(number, None)

    def load(self, arn: str) -> SavedExecution | None:
        """The execution with this ARN, or None."""
        number = self._numbers.get(arn)
        if number is None:
            return None
        row = self._rows[number]
        return SavedExecution(
            number,
            row.origin,
            row.entry,
            row.standing,
            row.answer,
            tuple(row.operations.values()),
            tuple(row.timers.values()),
            len(row.events),
        )

    def find_named(self, function_name: str, version: str, name: str) -> str | None:
        """The ARN of the execution that has this name for itself, or None."""
        number = self._names.get((function_name, version, name))
        return None if number is None else self._rows[number].entry.arn

    def events(
        self, number: int, first: int, count: int | None, *, backwards: bool = False
    ) -> tuple[Event, ...]:
        """Some events of an execution."""
        events = self._rows[number].events
        if backwards:
            after = 0 if count is None else max(0, first - count)
            return tuple(reversed(events[after:first]))
        return tuple(events[first - 1 : None if count is None else first - 1 + count])

    def select(self, selection: Selection) -> list[tuple[int, Entry]]:
        """Some executions, the latest first unless it says otherwise."""
        numbers = self._lists.get(selection.function_name, [])
        first = selection.first
        if selection.forwards:
            places = range(0 if first is None else bisect_left(numbers, first), len(numbers))
        else:
            after = len(numbers) if first is None else bisect_right(numbers, first)
            places = range(after - 1, -1, -1)
        entries = ((numbers[place], self._rows[numbers[place]].entry) for place in places)
        matching = (each for each in entries if _matches(each[1], selection))
        return list(islice(matching, selection.count))

    def latest(self, function_name: str | None) -> int:
        """The number of the latest start of a function, or of all; -1 if there was none."""
        return self._latest.get(function_name, -1)

    def due(self) -> tuple[float, str] | None:
        """The earliest deadline of all, and whose."""
        first = self._deadlines.first()
        return None if first is None else (first[0], self._rows[first[1]].entry.arn)

    def to_forget(self) -> tuple[float, int, str] | None:
        """Who is to be forgotten next."""
        first = self._ends.first()
        return None if first is None else (*first, self._rows[first[1]].entry.arn)

    def unfinished(self) -> Unfinished:
        """What a service has to know that begins to work with this store."""
        entries = [self._rows[number].entry for number in sorted(self._busy)]
        return Unfinished(
            sorted((each.owed, each.arn) for each in entries if each.owed is not None),
            {each.flight: each.arn for each in entries if each.flight is not None},
            [(each.arn, each.held_by) for each in entries if each.held_by is not None],
            sorted(self._calls.values(), key=lambda each: each.count),
        )


def _matches(entry: Entry, selection: Selection) -> bool:
    after, before = selection.started_after, selection.started_before
    return (
        (selection.version is None or entry.version == selection.version)
        and (selection.name is None or entry.name == selection.name)
        and selection.name_contains in entry.name
        and (not selection.statuses or entry.status in selection.statuses)
        and (after is None or entry.started >= after)
        and (before is None or entry.started <= before)
    )
