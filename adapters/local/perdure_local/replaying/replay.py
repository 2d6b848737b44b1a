"""``perdure replay``: each history through the handler, a report of each."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from perdure.errors import ValidationError
from perdure.handler import DurableHandler
from perdure.replaying import read_history, recorded_invocation

from ..functions.environment import function_environment, region_of
from ..functions.lambda_context import LambdaContext
from ..functions.loading import (
    chosen,
    function_name_of,
    handlers_of,
    load_module,
    named,
    split_target,
)
from ..terminal.output import prints_to_stderr, survive_any_text
from ..terminal.printable import printable
from ..terminal.refused import Refused, one_line
from .replay_report import Report, report_of
from .replay_text import print_report

AGREES: Final = 0
DIVERGES: Final = 1
UNREADABLE: Final = 2

# Nobody listens there, and nobody is asked: a replay has nothing to send.
_NOWHERE: Final = "http://127.0.0.1:9"
_SECONDS_LEFT: Final = 900.0


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What the command line asks for; see the options of ``perdure replay``."""

    histories: tuple[str, ...]
    target: str
    runtime: str | None
    as_json: bool


def replay_all(request: ReplayRequest) -> int:
    """Replay every history, and print what came of each.

    Returns:
        The exit code: 0 all agree, 1 one diverges, 2 one cannot be read.

    Raises:
        Refused: there is no such handler, or no history at all.
    """
    survive_any_text()
    path, name = split_target(request.target)
    files = list(_files(request.histories))
    reports: list[Report] = []
    unreadable: list[dict[str, str]] = []
    # What the function prints must not come between the reports.
    with prints_to_stderr() as out:
        handler = _handler(path, name, request.runtime)
        for file in files:
            try:
                report = _replay(file, handler, path)
            except Refused as refused:
                unreadable.append({"history": file, "reason": str(refused)})
                sys.stderr.write(f"perdure: {printable(f'{file}: {refused}')}\n")
                continue
            reports.append(report)
            if not request.as_json:
                print_report(report, out)
        _conclude(reports, unreadable, out, as_json=request.as_json)
    if unreadable:
        return UNREADABLE
    return AGREES if all(report.agrees for report in reports) else DIVERGES


def _conclude(
    reports: Sequence[Report],
    unreadable: Sequence[dict[str, str]],
    out: TextIO,
    *,
    as_json: bool,
) -> None:
    if as_json:
        whole = {
            "agrees": not unreadable and all(report.agrees for report in reports),
            "replays": [report.to_json() for report in reports],
            "unreadable": list(unreadable),
        }
        out.write(json.dumps(whole, ensure_ascii=False) + "\n")
    elif len(reports) + len(unreadable) > 1:
        agreeing = sum(report.agrees for report in reports)
        out.write(f"{agreeing} of {len(reports) + len(unreadable)} histories agree\n")
    out.flush()


def _files(histories: Sequence[str]) -> Iterator[str]:
    for each in histories:
        if not Path(each).is_dir():
            yield each
            continue
        inside = sorted(str(file) for file in Path(each).glob("*.json"))
        if not inside:
            raise Refused(f"there is no .json file in {each}")
        yield from inside


def _handler(path: Path, name: str | None, runtime: str | None) -> DurableHandler:
    function = function_name_of(name or path.stem)
    region = region_of(os.environ)
    os.environ.update(
        function_environment(os.environ, url=_NOWHERE, region=region, function_name=function)
    )
    module = load_module(path)
    if name is not None:
        return named(module, path, name, runtime)
    return chosen(handlers_of(module), path, runtime)[1]


def _replay(file: str, handler: DurableHandler, path: Path) -> Report:
    function = function_name_of(str(getattr(handler.func, "__name__", path.stem)))
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        recorded = recorded_invocation(read_history(raw.decode("utf-8-sig")), function)
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused("it is not UTF-8") from None
    except ValidationError as error:
        raise Refused(str(error)) from None
    context = LambdaContext(
        function_name=function,
        invoked_function_arn=recorded.durable_execution_arn.partition("/")[0],
        aws_request_id=str(uuid.uuid4()),
        seconds_left=_SECONDS_LEFT,
        tenant_id=None,
    )
    try:
        handler.replay(recorded, context)
    except SystemExit as error:
        raise Refused(f"{handler!r} ended the program: {one_line(error)}") from None
    return report_of(file, recorded, path)
