"""The functions of some Python files, loaded again when a file changes."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar

from perdure.service.functions import DURABLE, PLAIN, FunctionConfig

from ..embedded import AnyFunction
from ..terminal.refused import Refused
from .loading import (
    chosen,
    function_name_of,
    handlers_of,
    load_module,
    named,
    plain_functions_of,
    split_target,
)

_Stamp = tuple[int, int] | None
_Value = TypeVar("_Value")


class LocalFunctions:
    """Loads files and keeps two mappings up to date with them.

    Its modules are imported again as a whole: the files named, and whatever of their
    folders they import. An invocation that is under way goes on with what it began with.

    Args:
        targets: each ``FILE`` (all its functions) or ``FILE:NAME`` (that one alone).

    Raises:
        Refused: there is no such file.
    """

    def __init__(self, targets: Sequence[str]) -> None:
        self.functions: Final[dict[str, AnyFunction]] = {}
        """By the names that they are invoked under."""
        self.configs: Final[dict[str, FunctionConfig]] = {}
        """Likewise: which of them are durable."""
        self._targets: Final = [split_target(target) for target in targets]
        self._folders: Final = {path.resolve().parent for path, _ in self._targets}
        self._foreign: Final = set(sys.modules)
        self._files: set[Path | None] = set()
        self._stamps: dict[Path, _Stamp] = {}

    def load(self) -> None:
        """Import all files, and replace the functions by theirs.

        Raises:
            Refused: a file cannot be imported or does not hold what it should. The
                functions are then those of before.
        """
        # A bytecode file only knows seconds; an edit in the same second would not be seen.
        sys.dont_write_bytecode = True
        before = {name: sys.modules.pop(name) for name in self._own_modules()}
        importlib.invalidate_caches()
        try:
            functions, configs = self._loaded()
        except Refused:
            sys.modules.update(before)
            raise
        finally:
            self._files |= {_file_of(sys.modules[name]) for name in self._own_modules()}
            self._stamps = self._stamped()
        _replace(self.configs, configs)
        _replace(self.functions, functions)

    def has_changed(self) -> bool:
        """Whether a file is not any more as `load` found it, or is new in their folders."""
        return self._stamped() != self._stamps

    def _loaded(self) -> tuple[dict[str, AnyFunction], dict[str, FunctionConfig]]:
        functions: dict[str, AnyFunction] = {}
        configs: dict[str, FunctionConfig] = {}
        places: dict[str, Path] = {}
        for path, name in self._targets:
            for function_name, (function, config) in _functions_of(path, name).items():
                if function_name in places:
                    raise Refused(
                        f"{function_name} is in {places[function_name]} and in {path}; "
                        "say which one with FILE:NAME"
                    )
                places[function_name] = path
                functions[function_name], configs[function_name] = function, config
        return functions, configs

    def _own_modules(self) -> list[str]:
        return [
            name
            for name, module in list(sys.modules.items())
            if name not in self._foreign
            and not name.startswith("perdure")
            and self._is_own(_file_of(module))
        ]

    def _is_own(self, file: Path | None) -> bool:
        if file is None or "site-packages" in file.parts:
            return False
        return any(folder in file.parents for folder in self._folders)

    def _stamped(self) -> dict[Path, _Stamp]:
        # What cannot be imported is in no list of modules, so look into the folders too.
        beside = {file for folder in self._folders for file in folder.glob("*.py")}
        return {file: _stamp(file) for file in self._files | beside if file is not None}


def _functions_of(path: Path, name: str | None) -> dict[str, tuple[AnyFunction, FunctionConfig]]:
    module = load_module(path)
    if name is not None:
        return {function_name_of(name): (named(module, path, name, None), DURABLE)}
    handlers = handlers_of(module)
    if not handlers:
        chosen(handlers, path, None)  # it says what is missing
    found: dict[str, tuple[AnyFunction, FunctionConfig]] = {
        function_name_of(each): (function, PLAIN)
        for each, function in plain_functions_of(module).items()
    }
    for each, handler in handlers.items():
        found[function_name_of(each)] = (handler, DURABLE)
    return found


def _replace(present: dict[str, _Value], wanted: dict[str, _Value]) -> None:
    """Change a mapping that another thread looks into, never leaving it empty."""
    present.update(wanted)
    for name in set(present) - set(wanted):
        del present[name]


def _file_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if isinstance(file, str) else None


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
