"""``perdure run``: one execution from its start to its end, watched."""

from __future__ import annotations

import json
import os
import queue
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from perdure.models.enums import EventType
from perdure.models.history import Event
from perdure.service.functions import DURABLE, PLAIN, FunctionConfig
from perdure.service.policy import ServicePolicy
from perdure.service.service import Service

from .client import LocalClient
from .clock import Clock, RealClock, SkippingClock
from .embedded import EmbeddedService
from .functions.environment import function_environment, region_of
from .functions.invocations import Function
from .functions.loading import (
    chosen,
    function_name_of,
    handlers_of,
    load_module,
    named,
    plain_functions_of,
    split_target,
)
from .server.served import Served
from .terminal.input_json import read_input
from .terminal.output import (
    decoded,
    on_terminal,
    prints_to_stderr,
    survive_any_text,
    writable,
    write_history,
)
from .terminal.plain import PlainProgress
from .terminal.printable import printable
from .terminal.progress import TERMINAL
from .terminal.refused import Refused

SUCCEEDED: Final = 0
FAILED: Final = 1

# Nothing is forgotten while it still may be asked for, and the input may be a large one.
_POLICY: Final = ServicePolicy(
    forgetting=False, max_event_input_bytes=ServicePolicy().max_input_bytes
)
_LAST_WORD_SECONDS: Final = 2.0
_CHECK_SECONDS: Final = 1.0

_Feed = queue.SimpleQueue[tuple[str, Event]]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the command line asks for; see the options of ``perdure run``."""

    target: str
    input: str
    runtime: str | None
    skip_time: bool
    history: str | None
    as_json: bool


class Display(Protocol):
    """Whoever shows the events of the execution."""

    def receive_event(self, event: Event) -> None:
        """Show the next event."""
        ...


class Silence:
    """Shows nothing."""

    def receive_event(self, event: Event) -> None:
        """Ignore the event."""


@dataclass(frozen=True, slots=True, repr=False)
class Ending:
    """How an execution ended, as its service tells it over HTTP."""

    arn: str
    status: str
    result: str | None
    error: dict[str, Any] | None
    history: list[dict[str, Any]]


def run_to_end(request: RunRequest) -> int:
    """Run one execution and print what came of it.

    Returns:
        The exit code: 0 if it succeeded, 1 if not.

    Raises:
        Refused: it cannot even be started; the message is one line.
    """
    survive_any_text()
    payload = read_input(request.input)
    path, name = split_target(request.target)
    history = writable(request.history) if request.history else None
    with prints_to_stderr() if request.as_json else nullcontext(sys.stdout) as out:
        ending = _execute(request, path, name, payload)
        if history is not None:
            write_history(history, ending.history)
        return _report(ending, out, as_json=request.as_json)


def _execute(request: RunRequest, path: Path, name: str | None, payload: str) -> Ending:
    clock = SkippingClock() if request.skip_time else RealClock()
    region = region_of(os.environ)
    functions: dict[str, Function] = {}
    configs: dict[str, FunctionConfig] = {}
    feed: _Feed = queue.SimpleQueue()

    def tell(arn: str, event: Event) -> None:
        feed.put((arn, event))

    service = Service(region=region, policy=_POLICY, functions=configs)
    embedded = EmbeddedService(service, functions, clock, tell)
    with Served(embedded) as served:
        os.environ.update(
            function_environment(
                os.environ,
                url=served.url,
                region=region,
                function_name=function_name_of(name or path.stem),
            )
        )
        module = load_module(path)
        handlers = handlers_of(module)
        if name is None:
            name, handler = chosen(handlers, path, request.runtime)
        else:
            handler = named(module, path, name, request.runtime)
        # All of them, so that one can invoke another.
        for each, function in plain_functions_of(module).items():
            functions[function_name_of(each)] = function
            configs[function_name_of(each)] = PLAIN
        for each, one in (*handlers.items(), (name, handler)):
            functions[function_name_of(each)] = one
            configs[function_name_of(each)] = DURABLE
        client = LocalClient(served.url, region)
        with _display(request, clock, f"{name} on {handler.runtime}") as display:
            arn = client.start(function_name_of(name), payload)
            _follow(feed, arn, display, served)
        return _ending(client, arn)


def _display(request: RunRequest, clock: Clock, title: str) -> AbstractContextManager[Display]:
    if request.as_json:
        return nullcontext(Silence())
    if on_terminal():
        from .terminal.live import LiveProgress

        return LiveProgress(title, clock.now)
    return nullcontext(PlainProgress(title))


def _follow(feed: _Feed, arn: str, display: Display, served: Served) -> None:
    """Show the events of one execution until it has ended and its last invocation too."""
    ended = working = False
    while not ended or working:
        try:
            whose, event = feed.get(timeout=_LAST_WORD_SECONDS if ended else _CHECK_SECONDS)
        except queue.Empty:
            if ended:
                return
            if not served.alive:
                raise Refused("the embedded service has stopped") from None
            continue
        if whose != arn:
            continue
        display.receive_event(event)
        if event.event_type in TERMINAL:
            ended = True
        else:
            # A result too large to return is recorded before its invocation is over.
            working = event.event_type is not EventType.INVOCATION_COMPLETED


def _ending(client: LocalClient, arn: str) -> Ending:
    found = client.execution(arn)
    return Ending(
        arn, found["Status"], found.get("Result"), found.get("Error"), client.history(arn)
    )


def _report(ending: Ending, out: TextIO, *, as_json: bool) -> int:
    good = ending.status == "SUCCEEDED"
    if as_json:
        outcome = {"result": decoded(ending.result)} if good else {"error": ending.error or {}}
        whole = {"status": ending.status, **outcome, "arn": ending.arn, "history": ending.history}
        out.write(json.dumps(whole, ensure_ascii=False) + "\n")
    elif good:
        out.write(json.dumps(decoded(ending.result), indent=2, ensure_ascii=False) + "\n")
    out.flush()
    if not good:
        sys.stderr.write(f"{_error_line(ending)}\n")
    return SUCCEEDED if good else FAILED


def _error_line(ending: Ending) -> str:
    error = ending.error or {}
    kind = error.get("ErrorType") or ending.status
    message = error.get("ErrorMessage") or f"the execution ended {ending.status}"
    return printable(f"{kind}: {message}")
