"""The runner notices: whichever expectation of a vector is falsified, the vector fails."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from spec.runner import run
from spec.vector_files import Vector, read, vector_paths


def expectations(vector: Vector) -> Iterator[dict[str, Any]]:
    """Every `expect` of a vector."""
    yield vector.get("opened", {})
    for step in vector["script"]:
        yield step.get("expect", {})


def falsified(value: object) -> Any:
    """Something that is certainly not the value."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "!"
        case None:
            return {"ClientToken": "unheard", "class": "Nothing"}
        case list():
            return [*cast("list[object]", value), "!"]
        case dict():
            members = cast("dict[str, object]", value)
            name = "class" if "class" in members else min(members)
            return {**members, name: falsified(members[name])}
        case _:
            raise AssertionError(f"no expectation holds a {type(value).__name__}")


@pytest.mark.parametrize("path", vector_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_falsified_expectation_fails(path: Path) -> None:
    vector = read(path)
    names = [(i, name) for i, expect in enumerate(expectations(vector)) for name in expect]
    assert names, "a vector expects something"
    for index, name in names:
        wrong = copy.deepcopy(vector)
        expect = list(expectations(wrong))[index]
        expect[name] = falsified(expect[name])
        with pytest.raises(AssertionError):
            run(wrong)
