"""What to say of one replay: plain data, for a person and for a program."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import perdure
from perdure.errors import ReplayError
from perdure.models.operation import Operation
from perdure.outcome import Failed, Pending
from perdure.replaying import RecordedInvocation

from ..terminal.refused import one_line

_OWN: Final = Path(perdure.__file__).resolve().parent
_SHORT_ID: Final = 8


class Verdict(StrEnum):
    """What came of a replay."""

    AGREES = "agrees"
    """To the end of the execution."""
    AGREES_SO_FAR = "agrees as far as it was recorded"
    """The recorded execution had not ended, or not by its function."""
    DIVERGES = "diverges"


class Kind(StrEnum):
    """How the function of today differs."""

    OTHER = "another operation"
    NEW = "an operation that was not recorded"
    MISSING = "a recorded operation that is not reached"
    ENDING = "another end"
    FAULT = "a record that cannot be replayed"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: which operation of which context, and the line in the user's file."""

    position: int | None
    context: str | None
    file: str | None
    line: int | None

    def to_json(self) -> dict[str, Any]:
        """For programs; what is not known is left out."""
        members = {
            "position": self.position,
            "context": self.context,
            "file": self.file,
            "line": self.line,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where and how a replay diverges: what was recorded beside what was attempted."""

    kind: Kind
    operation_id: str | None
    spot: Spot
    recorded: Mapping[str, str | None]
    attempted: Mapping[str, str | None]
    message: str

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "kind": self.kind.value,
            "operationId": self.operation_id,
            **self.spot.to_json(),
            "recorded": dict(self.recorded),
            "attempted": dict(self.attempted),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Halt:
    """Where the function waits for what is not recorded."""

    asked: Mapping[str, str | None]
    status: str | None
    spot: Spot

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {**self.asked, "status": self.status, **self.spot.to_json()}


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one history.

    Args:
        history: its file.
        verdict: in a word.
        operations: how many are recorded.
        end: how the recorded execution ended, if it did.
        difference: the first one, if there is one.
        halts: where the function stopped, if it did.
        note: what the function would do where the history ends, if that is no stop.
    """

    history: str
    verdict: Verdict
    operations: int
    end: str | None
    difference: Difference | None
    halts: tuple[Halt, ...]
    note: str | None

    @property
    def agrees(self) -> bool:
        """Whether it does not diverge."""
        return self.verdict is not Verdict.DIVERGES

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "history": self.history,
            "agrees": self.agrees,
            "verdict": self.verdict.value,
            "operations": self.operations,
            "end": self.end,
            "divergence": None if self.difference is None else self.difference.to_json(),
            "stops": [halt.to_json() for halt in self.halts],
            "note": self.note,
        }


def report_of(history: str, recorded: RecordedInvocation, path: Path) -> Report:
    """What to say after a handler has replayed.

    Args:
        history: the file it came from.
        recorded: what was replayed, with its findings.
        path: of the user's file: lines are told of it, or of its folder.
    """
    reader = _Reader(recorded, path)
    findings, end = recorded.findings, recorded.end
    difference = reader.difference()
    halts = tuple(
        Halt(
            reader.readable(stop.asked),
            stop.status,
            reader.spot(stop.operation_id, stop.unwinding),
        )
        for stop in findings.stops
    )
    if difference is not None:
        verdict = Verdict.DIVERGES
    elif end is not None and end.by_function:
        verdict = Verdict.AGREES
    else:
        verdict = Verdict.AGREES_SO_FAR
    note = None
    outcome = findings.outcome
    if verdict is Verdict.AGREES_SO_FAR and not isinstance(outcome, Pending):
        note = "there the function returns"
        if isinstance(outcome, Failed):
            note = "there the function fails"
            if outcome.cause is not None:
                note += f" with {one_line(outcome.cause)}{reader.line_of(outcome.cause)}"
    operations = len(recorded.initial_execution_state.operations) - 1
    return Report(
        history,
        verdict,
        operations,
        None if end is None else end.status.value,
        difference,
        () if difference is not None else halts,
        note,
    )


class _Reader:
    """Reads the findings of one replay as a person would."""

    def __init__(self, recorded: RecordedInvocation, path: Path) -> None:
        self._findings: Final = recorded.findings
        self._path: Final = path
        self._operations: Final[dict[str, Operation]] = {
            operation.id: operation for operation in recorded.initial_execution_state.operations
        }

    def difference(self) -> Difference | None:
        """The first difference, if there is one."""
        error, fault = self._findings.divergence, self._findings.fault
        if error is None:
            if fault is None:
                return None
            spot = self.spot(None, fault)
            return Difference(Kind.FAULT, None, spot, {}, {}, one_line(fault))
        kind = _kind(error)
        cause: BaseException = error
        outcome = self._findings.outcome
        if kind in (Kind.ENDING, Kind.MISSING) and isinstance(outcome, Failed) and outcome.cause:
            cause = outcome.cause
        return Difference(
            kind,
            error.operation_id,
            self.spot(error.operation_id, cause),
            self.readable(error.recorded),
            self.readable(error.attempted),
            str(error),
        )

    def readable(self, members: Mapping[str, str | None]) -> dict[str, str | None]:
        """The members with the name of the parent in place of its id."""
        return {
            name: self.context(value) if name == "parent" and value else value
            for name, value in members.items()
        }

    def context(self, context_id: str) -> str:
        """What a person calls a context."""
        operation = self._operations.get(context_id)
        name = None if operation is None else operation.name or operation.sub_type
        return name or f"{context_id[:_SHORT_ID]}…"

    def spot(self, operation_id: str | None, error: BaseException) -> Spot:
        """Where an operation is called: its place, and the line that `error` went through."""
        place = self._findings.places.get(operation_id or "")
        file, line = self._line(error)
        if place is None:
            return Spot(*self._recorded_place(operation_id), file, line)
        context = None if place.owner is None else self.context(place.owner)
        return Spot(place.position, context, file, line)

    def _recorded_place(self, operation_id: str | None) -> tuple[int | None, str | None]:
        """Of an operation that was not called: its place among its recorded siblings."""
        operation = self._operations.get(operation_id or "")
        if operation is None or operation.type == "EXECUTION":
            return None, None
        siblings = [
            each.id
            for each in self._operations.values()
            if each.parent_id == operation.parent_id and each.type != "EXECUTION"
        ]
        context = None if operation.parent_id is None else self.context(operation.parent_id)
        return siblings.index(operation.id) + 1, context

    def line_of(self, error: BaseException) -> str:
        """The line that an error went through, in brackets; nothing if it is not known."""
        file, line = self._line(error)
        return "" if file is None else f" ({file}:{line})"

    def _line(self, error: BaseException) -> tuple[str | None, int | None]:
        frames = [
            (Path(frame.filename).resolve(), frame.lineno)
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        folder = self._path.resolve().parent
        theirs = [(file, line) for file, line in frames if not _is_foreign(file)]
        own = [(file, line) for file, line in theirs if folder in file.parents] or theirs
        if not own:
            return None, None
        file, line = own[-1]
        shown = str(self._path) if file == self._path.resolve() else str(file)
        return shown, line


def _is_foreign(file: Path) -> bool:
    """Whether a file is of perdure, of the standard library, or of a library."""
    if "site-packages" in file.parts or not file.is_file():
        return True
    if Path(sysconfig.get_path("stdlib")).resolve() in file.parents:
        return True
    return _OWN in file.parents or any(part.startswith("perdure_") for part in file.parts)


def _kind(error: ReplayError) -> Kind:
    if "type" not in error.recorded:
        return Kind.ENDING
    if error.recorded["type"] is None:
        return Kind.NEW
    if error.attempted.get("type") is None:
        return Kind.MISSING
    return Kind.OTHER
