"""A report of a replay as text: the recorded beside the attempted."""

from __future__ import annotations

from typing import Final, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..terminal.printable import printable
from .replay_report import Difference, Halt, Kind, Report, Spot, Verdict

_WIDTH: Final = 120
_LONGEST: Final = 300
_SIGNS: Final = {
    Verdict.AGREES: ("✓", "green"),
    Verdict.AGREES_SO_FAR: ("✓", "green"),
    Verdict.DIVERGES: ("✗", "bold red"),
}
_NOTHING: Final = {
    Kind.NEW: ("nothing is recorded here", None),
    Kind.MISSING: (None, "never asked for"),
}


def print_report(report: Report, out: TextIO) -> None:
    """Print what came of one history.

    Args:
        report: what to say.
        out: where to; coloured where it is a terminal.
    """
    console = Console(
        file=out, highlight=False, soft_wrap=True, width=None if out.isatty() else _WIDTH
    )
    sign, style = _SIGNS[report.verdict]
    count = f"{report.operations} operation{'' if report.operations == 1 else 's'}"
    ended = f", {report.end}" if report.end is not None else ""
    console.print(
        Text.assemble(
            (sign, style),
            " ",
            (printable(report.history), "bold"),
            ": ",
            (report.verdict.value, style),
            (f"  ({count}{ended})", "dim"),
        )
    )
    for halt in report.halts:
        console.print(Text(f"  there it stops: {_halt(halt)}"))
    if report.note is not None:
        console.print(Text(f"  {printable(report.note)}"))
    if report.difference is not None:
        _print_difference(report.difference, console)


def _print_difference(difference: Difference, console: Console) -> None:
    where = _where(difference.spot)
    console.print(Text(f"  {difference.kind.value}{where}"))
    if difference.kind is Kind.FAULT:
        console.print(Text(f"  {printable(difference.message)}"))
        return
    table = Table("", "recorded", "attempted", box=SIMPLE_HEAD, pad_edge=False)
    left_blank, right_blank = _NOTHING.get(difference.kind, (None, None))
    names = dict.fromkeys((*difference.recorded, *difference.attempted))
    for index, name in enumerate(names):
        recorded, attempted = difference.recorded.get(name), difference.attempted.get(name)
        if recorded is None and attempted is None and name in ("error", "result"):
            continue
        differs = recorded != attempted
        left = left_blank or "" if left_blank is not None else _cell(recorded)
        right = right_blank or "" if right_blank is not None else _cell(attempted)
        if name == "error" and right_blank is not None and attempted is not None:
            right = _cell(attempted)
        elif index > 0:
            left = "" if left_blank is not None else left
            right = "" if right_blank is not None else right
        table.add_row(
            Text(f"  {name}", "bold" if differs else "dim"),
            Text(left, "green" if differs else "dim"),
            Text(right, "red" if differs else "dim"),
        )
    console.print(table)


def _cell(value: str | None) -> str:
    if value is None:
        return "–"
    shown = printable(value)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _halt(halt: Halt) -> str:
    what = halt.asked.get("name") or halt.asked.get("subtype") or ""
    kind = halt.asked.get("type")
    state = "not recorded" if halt.status is None else f"recorded as {halt.status}"
    return printable(f"{what} ({kind}, {state})") + _where(halt.spot)


def _where(spot: Spot) -> str:
    words = ""
    if spot.position is not None:
        context = "the function" if spot.context is None else spot.context
        words = f", the {ordinal(spot.position)} operation of {printable(context)}"
    if spot.file is not None:
        words += f", {printable(spot.file)}:{spot.line}"
    return words


def ordinal(number: int) -> str:
    """Such as 1st and 12th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
