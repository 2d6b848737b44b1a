"""Tests of pure code need no mock, no patch and no sleep; so they have none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PURE = sorted(
    path for folder in ("core", "spec", "service") for path in (TESTS / folder).rglob("*.py")
)


def tricks(tree: ast.AST) -> Iterator[str]:
    """Mocks, patches and sleeps in a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (each.name for each in names if "mock" in each.name)
            case ast.ImportFrom(module=str(module), names=names):
                dotted = [f"{module}.{each.name}" for each in names]
                yield from (name for name in dotted if "mock" in name or name == "time.sleep")
            case ast.arg(arg="monkeypatch" | "mocker"):
                yield node.arg
            case ast.Attribute(attr="sleep", value=ast.Name(id="time")):
                yield "time.sleep"
            case _:
                pass


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(TESTS)))
def test_module_needs_no_tricks(path: Path) -> None:
    assert list(tricks(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import Mock",
        "def test(monkeypatch): ...",
        "async def test(*, mocker): ...",
        "import time; time.sleep(1)",
        "from time import sleep",
    ],
)
def test_a_trick_is_found(source: str) -> None:
    assert list(tricks(ast.parse(source))) != []
