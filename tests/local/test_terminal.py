"""``perdure run`` on a terminal: a moving part, what is over above it, no traces at the end."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

from local.running import PROGRAMS, command, environment

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def _on_terminal(*arguments: str | Path, **env: str) -> tuple[int, str]:
    """Run the command on a terminal of its own; its exit code and all it wrote there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(*arguments),
        env=environment(**{"TERM": "xterm-256color", "COLUMNS": "100", **env}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        written = b""
        while True:
            try:
                chunk = os.read(ours, 65_536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not chunk:
                break
            written += chunk
        os.close(ours)
        status = running.wait(30)
    return status, written.decode().replace("\r\n", "\n")


def test_waits_count_down_and_results_scroll_by() -> None:
    status, written = _on_terminal("run", f"{PROGRAMS}:nap", "--input", '{"seconds": 1}')
    assert status == 0
    shown = ESCAPES.sub("", written)
    assert "✓ nap  over (" in shown
    assert re.search(r"nap  waiting 1 s  [\d.]+ s left", shown)
    assert "✓ nap on sync  succeeded after " in shown
    result = shown[shown.index("{\n") :]
    assert json.loads(result) == {"waited": {"seconds": 1}}
    assert "\x1b[?25h" in written  # the cursor is back


def test_what_the_function_prints_stays_readable() -> None:
    status, written = _on_terminal("run", f"{PROGRAMS}:chatter")
    assert status == 0
    assert "printed by the function\n" in ESCAPES.sub("", written)


def test_a_failure_does_not_reach_the_terminal_raw() -> None:
    status, written = _on_terminal("run", f"{PROGRAMS}:fail")
    assert status == 1
    assert written.endswith("OutOfStock: no mugs\\nat all \\x1b[31m\n")


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines() -> None:
    status, written = _on_terminal("run", f"{PROGRAMS}:chatter", TERM="dumb")
    assert status == 0
    assert "\x1b" not in written
    assert "chatter on sync: succeeded after " in written
