"""Both type checkers see what the examples say they see: types revealed, mistakes refused.

In an example, the comment of a line names the revealed type, or begins with ``error``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE / "examples").glob("*.py"))
COMMENTED = re.compile(r".*(reveal_type|ctx\.).*  # (?P<said>.+)")


def expected(example: Path) -> dict[int, str]:
    lines = example.read_text().splitlines()
    found = {number: COMMENTED.fullmatch(line) for number, line in enumerate(lines, 1)}
    return {number: match["said"] for number, match in found.items() if match}


def compare(example: Path, revealed: dict[int, str], errors: set[int]) -> None:
    said = expected(example)
    assert errors == {number for number, text in said.items() if text.startswith("error")}
    for number, text in said.items():
        if not text.startswith("error"):
            assert text in revealed[number], f"line {number}: {revealed[number]}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_mypy(example: Path) -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run(
        [*command, str(example)], capture_output=True, text=True, cwd=HERE.parents[1], check=False
    )
    revealed: dict[int, str] = {}
    errors: set[int] = set()
    for line in done.stdout.splitlines():
        match = re.fullmatch(r".*?:(\d+): (note: Revealed type is (.*)|error: .*)", line)
        if match is None:
            continue
        number = int(match[1])
        if match[3] is None:
            errors.add(number)
        else:
            revealed[number] = match[3]
    compare(example, revealed, errors)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_pyright(example: Path) -> None:
    pytest.importorskip("pyright")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "--project", str(HERE)], capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout[done.stdout.index("{") :])
    revealed: dict[int, str] = {}
    errors: set[int] = set()
    for each in report["generalDiagnostics"]:
        if Path(each["file"]) != example:
            continue
        number = each["range"]["start"]["line"] + 1
        if each["severity"] == "error":
            errors.add(number)
        else:
            revealed[number] = each["message"]
    compare(example, revealed, errors)
