"""What is run for a requirement is there, and is the same on every runtime."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SUITES = sorted(
    path.stem
    for path in (HERE / "async_functions").glob("*.py")
    if path.stem not in ("__init__", "runtime")
)


def functions(runtime: str) -> dict[str, str]:
    """What the map of a runtime names: an id or a name, and ``folder/suite.py:function``."""
    entries: dict[str, Any] = json.loads((HERE / f"{runtime}.json").read_text())
    named = {key: value for key, value in entries.items() if not key.startswith("_")}
    named.update(entries["_functions"])
    return {
        key: value if isinstance(value, str) else value["handler"] for key, value in named.items()
    }


def decorated(path: Path) -> set[str]:
    """The functions of a file that are durable."""
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.decorator_list
    }


class WithoutAwait(ast.NodeTransformer):
    """An async program as a plain one."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        fields = dict(ast.iter_fields(node))
        return ast.FunctionDef(**fields)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        self.generic_visit(node)
        return node.value


@pytest.mark.parametrize("runtime", ["asyncio", "trio", "sync", "official"])
def test_every_function_of_a_map_is_durable_and_every_durable_one_is_in_it(runtime: str) -> None:
    named: dict[Path, set[str]] = {}
    for handler in functions(runtime).values():
        path, _, function = handler.rpartition(":")
        named.setdefault(HERE / path, set()).add(function)
    assert named == {path: decorated(path) for path in named}
    assert {path.stem for path in named} == set(SUITES)


def test_the_maps_hold_the_same() -> None:
    asyncio_map = functions("asyncio")
    assert functions("trio") == asyncio_map
    assert functions("sync") == {
        key: handler.replace("async_", "sync_") for key, handler in asyncio_map.items()
    }
    assert functions("official") == {
        key: handler.replace("async_functions", "official") for key, handler in asyncio_map.items()
    }


@pytest.mark.parametrize("suite", SUITES)
def test_the_sync_functions_are_the_async_ones_without_await(suite: str) -> None:
    asynchronous = ast.parse((HERE / "async_functions" / f"{suite}.py").read_text())
    plain = ast.parse((HERE / "sync_functions" / f"{suite}.py").read_text())
    assert ast.dump(WithoutAwait().visit(asynchronous)) == ast.dump(plain)
