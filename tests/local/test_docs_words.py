"""What the pages and the docstrings speak of exists: no argument or error of another version."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

import perdure_asyncio
import perdure_sync
import perdure_trio
from perdure import errors, retries, serdes
from perdure.batch_completion import Completion
from perdure.batch_result import BatchResult

PAGES: Final = sorted((Path(__file__).parents[2] / "docs" / "operations").glob("*.md"))
CONTEXT: Final = perdure_asyncio.DurableContext
CONTEXTS: Final = (CONTEXT, perdure_trio.DurableContext, perdure_sync.DurableContext)
OPERATIONS: Final = (
    *("step", "wait", "run_in_child_context", "with_retry", "parallel", "map", "invoke"),
    *("wait_for_condition", "create_callback", "wait_for_callback"),
)

_FENCED: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
# A name alone, called, or as an argument with its value.
_NAME: Final = re.compile(r"([A-Za-z_]\w*)(?:=.*|\(.*\))?$")
_ENTRY: Final = re.compile(r"^    (\w+(?:, \w+)*): ", re.MULTILINE)


def parameters(func: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(func).parameters) - {"self"}


def public(*modules: ModuleType) -> set[str]:
    return {name for module in modules for name in vars(module) if not name.startswith("_")}


def strategies() -> set[str]:
    """The arguments of whatever makes a retry strategy."""
    made = inspect.getmembers(retries, inspect.isfunction)
    return {name for _, func in made for name in parameters(func)}


def called(example: str) -> set[str]:
    """The operations that an example calls."""
    nodes = (node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes} & set(OPERATIONS)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_names_nothing_that_is_not_there(page: Path) -> None:
    """Pages told of an argument that could not be given and of an error that nothing raised."""
    text = page.read_text()
    [example] = [body for language, body in _FENCED.findall(text) if language == "python"]
    known = {"finally", "result", *dir(CONTEXT), *dir(BatchResult)}
    known |= public(builtins, errors, retries, serdes) | parameters(errors.OperationError)
    # Arguments are those of this operation, of its strategy and of its rule, not of any.
    known |= strategies() | {"Completion", *(each.name for each in fields(Completion))}
    for name in called(example):
        known |= parameters(getattr(CONTEXT, name))
    spans = _SPAN.findall(_FENCED.sub("", text))
    names = [match[1] for span in spans if (match := _NAME.match(span)) is not None]
    assert [name for name in names if name not in known] == []


def section(docstring: str, title: str) -> list[str]:
    """The names that a section of a docstring explains."""
    _, _, after = docstring.partition(f"\n{title}:\n")
    [text] = re.findall(r"\A((?:    .*\n?|\n(?=    ))*)", after)
    return [name for entry in _ENTRY.findall(text) for name in entry.split(", ")]


@pytest.mark.parametrize("context", CONTEXTS, ids=["asyncio", "trio", "sync"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_docstring_explains_the_arguments_there_are_and_errors_that_exist(
    context: type[Any], operation: str
) -> None:
    """Docstrings kept what an earlier version had."""
    method = getattr(context, operation)
    docstring = inspect.getdoc(method) or ""
    assert set(section(docstring, "Args")) == parameters(method)
    for name in section(docstring, "Raises"):
        assert issubclass(getattr(errors, name), errors.DurableError)
