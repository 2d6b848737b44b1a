"""The vector files: where they are and how to read one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

SPEC: Final = Path(__file__).parents[2] / "spec"
VECTORS: Final = SPEC / "vectors"

Vector = dict[str, Any]


def vector_paths() -> list[Path]:
    """Every vector file, in the order of their ids."""
    return sorted(VECTORS.glob("*/*.json"))


def read(path: Path) -> Vector:
    """One vector, with its long texts written out."""
    return cast("Vector", expand(json.loads(path.read_text("utf-8"))))


def every_vector() -> Iterator[Vector]:
    """All of them."""
    return map(read, vector_paths())


def expand(value: object) -> Any:
    """Write out ``{"$repeat": [text, times]}`` and ``{"$join": [text, …]}``: long texts."""
    if isinstance(value, list):
        return [expand(each) for each in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, Any]", value)
    if "$repeat" in members:
        text, times = members["$repeat"]
        return text * times
    if "$join" in members:
        return "".join(expand(members["$join"]))
    return {name: expand(each) for name, each in members.items()}
