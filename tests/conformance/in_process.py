"""Run conformance requirements in this process, on virtual time, without their runner.

The functions are those of the maps; what a requirement asks for, and whether a history
meets it, say the requirements' own ``validator.py``. What they print is kept, as their
runner keeps it.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from perdure.handler import DurableHandler
from perdure.replaying import read_history, recorded_invocation
from perdure_local.testing import Callback, Durable, Failure, Run, Signal

HERE: Final = Path(__file__).parent
_TIMEOUT_SECONDS: Final = 300
_HEARTBEAT_SECONDS: Final = 2.0  # after a sign of life their runner lets as much time pass
_ARN: Final = re.compile(r"\$\{([\w-]+)\.Arn\}")
_copies: Final = count(1)


@dataclass(frozen=True, slots=True)
class Target:
    """A function that a map names: ``folder/suite.py:function``, and its environment."""

    file: Path
    function: str
    environment: Mapping[str, str]


def load_by_path(path: Path) -> ModuleType:
    """Import a file that is in no package of ours."""
    spec = importlib.util.spec_from_file_location(f"conformance_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Functions:
    """The functions of one runtime, imported as often as their environments differ."""

    def __init__(self, runtime: str) -> None:
        self._runtime: Final = runtime
        self._map: Final[dict[str, Any]] = json.loads((HERE / f"{runtime}.json").read_text())
        self._packages: Final[dict[tuple[tuple[str, str], ...], str]] = {}

    def of(self, requirement: str) -> DurableHandler | None:
        """The function of a requirement, or None if the map has none."""
        entry = self._map.get(requirement)
        return None if entry is None else self._load(entry)

    def targets(self) -> dict[str, DurableHandler]:
        """What they can invoke."""
        return {name: self._load(entry) for name, entry in self._map["_functions"].items()}

    def _load(self, entry: str | dict[str, Any]) -> DurableHandler:
        members: dict[str, Any] = {"handler": entry} if isinstance(entry, str) else entry
        path, _, function = members["handler"].rpartition(":")
        environment = {
            name: _ARN.sub(r"arn:aws:lambda:us-east-1:123456789012:function:\1", value)
            for name, value in members.get("env", {}).items()
        }
        environment["CONFORMANCE_RUNTIME"] = self._runtime
        package = self._package(tuple(sorted(environment.items())))
        with _environment(environment):
            module = importlib.import_module(f"{package}.{path[:-3].replace('/', '.')}")
        handler = getattr(module, function)
        assert isinstance(handler, DurableHandler)
        return handler

    def _package(self, environment: tuple[tuple[str, str], ...]) -> str:
        """This folder under a name of its own, so that its modules are imported anew."""
        if environment not in self._packages:
            name = f"conformance_copy_{next(_copies)}"
            spec = importlib.util.spec_from_file_location(
                name, HERE / "__init__.py", submodule_search_locations=[str(HERE)]
            )
            assert spec is not None
            sys.modules[name] = importlib.util.module_from_spec(spec)
            self._packages[environment] = name
        return self._packages[environment]


class Conformance:
    """The requirements of a folder.

    Args:
        folder: with ``requirements`` and ``validator.py``.
    """

    def __init__(self, folder: Path) -> None:
        self._validator: Final = load_by_path(folder / "validator.py")
        self._formatter: Final[Callable[[], logging.Formatter]] = load_by_path(
            folder / "lambda_worker.py"
        ).JsonFormatter
        paths = sorted((folder / "requirements").glob("*/*.yaml"))
        loaded = [self._validator.Requirement.load(path) for path in paths]
        self.requirements: Final = sorted(loaded, key=lambda each: each.sort_key)

    def failures(self, requirement: Any, functions: Functions) -> list[str]:
        """What is wrong with the function of a requirement; nothing, if it passes."""
        handler = functions.of(requirement.id)
        if handler is None:
            return ["the map has no function for it"]
        validator, data = self._validator, requirement.data
        bound = validator.Bindings.from_variables(data.get("Variables"))
        durable = Durable()
        for name, target in functions.targets().items():
            durable.function(name, target)
        self._answer(durable, requirement, bound)
        with self._printed() as lines:
            run = durable.run(handler, bound.fill(data.get("Input")), timeout=_TIMEOUT_SECONDS)
        errors = _differences(handler, run)
        events = validator.inherit_callback_names(run.history())
        errors += validator.match_history(data.get("ExpectedExecutionHistory") or [], events, bound)
        errors += validator.match_result(data.get("ExpectedResult"), _execution(run), bound)
        logs = [
            validator.LogLine(number, number, line)
            for number, line in enumerate(lines.getvalue().splitlines())
        ]
        errors += validator.match_logs(data.get("ExpectedLogs"), logs, run.arn, bound)
        return errors

    def _answer(self, durable: Durable, requirement: Any, bound: Any) -> None:
        """Let each action of a requirement answer one callback, in their order."""
        answered: set[str] = set()
        gap = 0.0
        for action in requirement.actions:
            durable.answer(None, _answer_of(action, bound, answered), after=gap + action.delay)
            if action.operation == "heartbeat":
                gap += _HEARTBEAT_SECONDS + action.delay

    @contextmanager
    def _printed(self) -> Generator[io.StringIO]:
        """Standard output and the log, as lines, the log in the form of Lambda's JSON."""
        lines = io.StringIO()
        handler = logging.StreamHandler(lines)
        handler.setFormatter(self._formatter())
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            with redirect_stdout(lines):
                yield lines
        finally:
            root.setLevel(level)
            root.removeHandler(handler)


def _differences(handler: DurableHandler, run: Run) -> list[str]:
    """What a replay of the history with the same function finds: nothing."""
    recorded = recorded_invocation(read_history(json.dumps(run.history())))
    findings = handler.replay(recorded)
    found = findings.divergence or findings.fault
    return [] if found is None else [f"its history does not replay: {found}"]


def _answer_of(action: Any, bound: Any, answered: set[str]) -> Callable[[Callback], object]:
    used: list[str] = []

    def decide(callback: Callback) -> object:
        if used or callback.id in answered or not action.accepts(callback.name or "", bound):
            return Signal.SILENCE
        used.append(callback.id)
        if action.operation == "heartbeat":
            return Signal.HEARTBEAT
        answered.add(callback.id)
        payload = bound.fill(action.payload)
        if action.operation == "success":
            return None if payload is None else json.dumps(payload)
        error: dict[str, Any] = payload or {}
        return Failure(error.get("ErrorMessage"), error.get("ErrorType"), error.get("ErrorData"))

    return decide


def _execution(run: Run) -> dict[str, Any]:
    """What the validator asks of GetDurableExecution."""
    return {"Status": run.status, "Result": run.description.result}


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Generator[None]:
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
