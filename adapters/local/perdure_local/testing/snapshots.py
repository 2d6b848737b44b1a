"""Histories kept beside the tests: written on request, compared ever after."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final, cast

from .failure import MisuseError, hides_frames
from .run import Run, told

__tracebackhide__ = hides_frames

FOLDER: Final = "__histories__"
"""Beside the file of the test."""

_MOST_LINES: Final = 80


class SnapshotMismatch(AssertionError):
    """A history is not what it was."""


@dataclass(slots=True)
class Snapshots:
    """The snapshots of one test.

    Args:
        file: of the test.
        test: its name, with what it is parametrised by.
        update: write instead of compare.
    """

    file: Path
    test: str
    update: bool
    written: list[Path] = field(default_factory=list[Path])
    _names: list[str | None] = field(default_factory=list[str | None])

    def check(self, run: Run, name: str | None) -> None:
        """Compare the history of a run with the snapshot, or write it.

        Raises:
            SnapshotMismatch: it differs, or there is none yet.
            MisuseError: the test has another snapshot of this name.
        """
        if name in self._names:
            raise MisuseError("a test with several snapshots gives each a name")
        self._names.append(name)
        path = self._path(name)
        now = [_lasting(event) for event in run.history()]
        if self.update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(_text(now), encoding="utf-8")
            self.written.append(path)
            return
        if not path.exists():
            raise SnapshotMismatch(f"there is no snapshot {path}: --durable-update writes it")
        before = json.loads(path.read_text(encoding="utf-8"))
        if before != now:
            raise SnapshotMismatch(_difference(path, before, now))

    def _path(self, name: str | None) -> Path:
        whole = f"{self.file.stem}.{self.test}" + (f".{name}" if name else "")
        stem = re.sub(r"[^\w.-]+", "_", whole).strip("_")
        return self.file.parent / FOLDER / f"{stem}.json"


def _lasting(value: Any) -> Any:
    """A part of an event without what another machine, or the next edit, would change."""
    match value:
        case dict():
            members = cast("dict[str, Any]", value)
            return {name: _lasting(each) for name, each in members.items() if name != "StackTrace"}
        case list():
            return [_lasting(each) for each in cast("Sequence[Any]", value)]
        case _:
            return value


def _text(events: list[Any]) -> str:
    return json.dumps(events, indent=1, ensure_ascii=False) + "\n"


def _difference(path: Path, before: list[Any], now: list[Any]) -> str:
    pairs = enumerate(zip(before, now, strict=False), 1)
    first = next((i for i, (a, b) in pairs if a != b), min(len(before), len(now)) + 1)
    lines = list(
        unified_diff(
            _text(before).splitlines(), _text(now).splitlines(), "the snapshot", "now", lineterm=""
        )
    )
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"… and {len(lines) - _MOST_LINES} more lines"]
    return "\n".join(
        (
            f"the history differs from {path}; if it should, --durable-update takes the new one",
            f"first at event {first}: {_named(before, first)} in the snapshot, "
            f"{_named(now, first)} now",
            *lines,
        )
    )


def _named(events: list[Any], number: int) -> str:
    if number > len(events):
        return "nothing"
    event = events[number - 1]
    return told(event["EventType"], event.get("Name"))
