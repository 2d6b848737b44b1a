"""The ``perdure`` command as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs.py")
EXAMPLES = Path(__file__).parents[2] / "examples"


def environment(**more: str) -> dict[str, str]:
    """This process's, without AWS settings, and with the import path of the tests.

    Executions are kept in memory, unless `more` says otherwise.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.pathsep.join(path for path in sys.path if path)
    return {**kept, "PYTHONPATH": path, "PERDURE_STORE": ":memory:", **more}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "perdure_local", *map(str, arguments)]


def listen_to_interrupts() -> None:
    """For a child process: what runs in the background is often born deaf to them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def perdure(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with both outputs captured."""
    return subprocess.run(
        command(*arguments),
        env=environment(**(env or {})),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
