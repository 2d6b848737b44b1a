"""From ``FILE[:NAME]`` to a durable handler, with a clear refusal for all that can be wrong."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

from perdure.handler import DurableHandler

from ..terminal.refused import Refused, one_line
from .invocations import Function

RUNTIMES: Final = ("asyncio", "trio", "sync")
"""The runtimes there is an adapter for, the preferred first."""


def split_target(target: str) -> tuple[Path, str | None]:
    """Take ``FILE[:NAME]`` apart.

    Raises:
        Refused: there is no such file.
    """
    path, colon, name = target.rpartition(":")
    if Path(target).is_file() or not colon or not name.isidentifier():
        path, name = target, ""
    found = Path(path)
    if found.is_dir():
        raise Refused(f"{path} is a directory, not a Python file")
    if not found.is_file():
        raise Refused(f"there is no file {path}")
    if found.suffix != ".py":
        raise Refused(f"{path} is not a Python file (.py)")
    return found, name or None


def load_module(path: Path) -> ModuleType:
    """Import a file as Lambda would: by its own name, its folder first on the path.

    Raises:
        Refused: its import fails; the message holds the error and where it came from.
    """
    folder = str(path.resolve().parent)
    # A file named like a module that is already in use must not take its place.
    name = path.stem if path.stem not in sys.modules else f"perdure_run_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SystemExit as error:
        raise Refused(f"{path} ends the program when imported: {one_line(error)}") from None
    except Exception as error:
        raise Refused(
            f"{path} cannot be imported: {one_line(error)}{_hint(error)} ({_place(error, path)})"
        ) from None
    return module


def _hint(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == "trio":
        return "; pip install 'perdure[trio]'"
    return ""


def _place(error: Exception, path: Path) -> str:
    """``file:line`` of the error: in the user's file if it went through it."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{_shown(error.filename, path)}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(path.resolve())]
    last = (own or list(frames))[-1]
    return f"{_shown(last.filename, path)}:{last.lineno}"


def _shown(filename: str, path: Path) -> str:
    return str(path) if filename == str(path.resolve()) else filename


def function_name_of(name: str) -> str:
    """A name that Lambda would accept for a function."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]


def handlers_of(module: ModuleType) -> dict[str, DurableHandler]:
    """The durable handlers of a module by name; one with two names goes by the first."""
    found: dict[str, DurableHandler] = {}
    for name, value in vars(module).items():
        if isinstance(value, DurableHandler) and not any(value is one for one in found.values()):
            found[name] = value
    return found


def plain_functions_of(module: ModuleType) -> dict[str, Function]:
    """The other functions that a durable one of this module may invoke, by name.

    These are the public ones it defines that take an event and a context.
    """
    found: dict[str, Function] = {}
    for name, value in vars(module).items():
        if (
            inspect.isfunction(value)
            and value.__module__ == module.__name__
            and not name.startswith("_")
            and not inspect.iscoroutinefunction(value)
            and _takes_two(value)
        ):
            found[name] = value
    return found


def _takes_two(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def named(module: ModuleType, path: Path, name: str, runtime: str | None) -> DurableHandler:
    """The handler of that name.

    Raises:
        Refused: the name is not there, is no durable handler, or is of another runtime.
    """
    if not hasattr(module, name):
        raise Refused(f"{path} has no {name}{_offer(handlers_of(module))}")
    value: object = getattr(module, name)
    if not isinstance(value, DurableHandler):
        raise Refused(
            f"{name} in {path} is no durable handler, it is of type {type(value).__name__}; "
            "decorate it with @durable_execution"
        )
    if runtime is not None and value.runtime != runtime:
        raise Refused(f"{name} in {path} runs on {value.runtime}, not on {runtime}")
    return value


def chosen(
    handlers: Mapping[str, DurableHandler], path: Path, runtime: str | None
) -> tuple[str, DurableHandler]:
    """The handler that is meant when no name is given.

    Args:
        handlers: those of the file.
        path: of the file, for messages.
        runtime: which one to take; None takes the only one, or the one on asyncio.

    Raises:
        Refused: there is none, or more than one could be meant.
    """
    if not handlers:
        raise Refused(f"{path} has no durable handler; decorate one with @durable_execution")
    wanted = runtime or ("asyncio" if len(handlers) > 1 else None)
    fitting = [(n, h) for n, h in handlers.items() if wanted in (None, h.runtime)]
    if len(fitting) == 1:
        return fitting[0]
    if runtime is not None and not fitting:
        _demand_installed(runtime)
        raise Refused(f"{path} has no handler for {runtime}{_offer(handlers)}")
    raise Refused(f"{path} has several handlers, say which: {path}:NAME{_offer(handlers)}")


def _demand_installed(runtime: str) -> None:
    if runtime != "trio":
        return
    try:
        import trio  # noqa: F401  # pyright: ignore[reportUnusedImport]  # only whether it is there
    except ImportError:
        raise Refused("trio is not installed: pip install 'perdure[trio]'") from None


def _offer(handlers: Mapping[str, DurableHandler]) -> str:
    if not handlers:
        return ""
    return "; it has " + ", ".join(f"{name} ({one.runtime})" for name, one in handlers.items())
