"""The core is pure: no runtime, no socket, no clock, no chance, no environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = sorted((ROOT / "core").rglob("*.py"))
ADAPTERS = sorted((ROOT / "adapters").rglob("*.py"))

FORBIDDEN_MODULES = {
    "asyncio",
    "logging.handlers",
    "multiprocessing",
    "random",
    "secrets",
    "select",
    "selectors",
    "socket",
    "ssl",
    "subprocess",
    "threading",
    "time",
    "trio",
    "uuid",
}

FORBIDDEN_CALLS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.getpid",
    "os.urandom",
}


def impurities(tree: ast.AST) -> Iterator[str]:
    """Whatever a module does that the core may not do."""
    for node in _executed(tree):
        match node:
            case ast.Import(names):
                yield from (each.name for each in names if _is_forbidden(each.name))
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for name in (f"{module}.{each.name}" for each in names):
                    if _is_forbidden(name) or name in FORBIDDEN_CALLS:
                        yield name
            case ast.Attribute():
                name = ".".join(ast.unparse(node).split(".")[-2:])
                if name in FORBIDDEN_CALLS:
                    yield name
            case _:
                pass


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those for type checkers only, which nothing is done for at run time."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _executed(child)


def _is_forbidden(module: str) -> bool:
    parts = module.split(".")
    prefixes = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return bool(prefixes & FORBIDDEN_MODULES) or parts[0].startswith("perdure_")


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_pure(path: Path) -> None:
    assert list(impurities(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import asyncio.events as e",
        "from random import random",
        "from logging import handlers",
        "from logging.handlers import SocketHandler",
        "from time import monotonic as m",
        "import perdure_asyncio",
        "from perdure_aws.client import connect",
        "import datetime; datetime.datetime.now()",
        "from datetime import datetime; x = datetime.utcnow()",
        "import os; os.environ['A']",
        "import os; os.getenv('A')",
        "from os import environ",
        "def f():\n    import socket",
    ],
)
def test_an_impure_module_is_found(source: str) -> None:
    assert list(impurities(ast.parse(source))) != []


@pytest.mark.parametrize(
    "source",
    [
        "from .time import x",
        "import timeit",
        "if TYPE_CHECKING:\n    from uuid import UUID",
        "import logging",
        "from datetime import UTC, datetime",
    ],
)
def test_a_pure_module_is_not_blamed(source: str) -> None:
    assert list(impurities(ast.parse(source))) == []


@pytest.mark.parametrize("path", CORE + ADAPTERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 400
