"""Shell completion, in a real bash; the scripts of zsh and fish as they are printed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from local.running import environment, perdure
from local.serving import Peer, serving
from local.test_asking import Asks

ASK: Final = r"""
source <(perdure completion bash)
compopt() { printf 'compopt %s %s\n' "$@"; }
COMP_LINE=$1 COMP_POINT=${#1}
_perdure_completion perdure
for each in "${COMPREPLY[@]}"; do echo "$each"; done
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the command in it."""
    script = tmp_path / "bin" / "perdure"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m perdure_local "$@"\n')
    script.chmod(0o755)
    return tmp_path


def variables(home: Path, **more: str) -> dict[str, str]:
    return environment(PATH=f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}", **more)


def offered(home: Path, line: str, **more: str) -> list[str]:
    """What bash offers at the end of a line."""
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK, "bash", line],
        env=variables(home, **more),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_shell_that_does_not_say_what_was_typed_is_offered_the_commands() -> None:
    done = perdure(env={"_PERDURE_COMPLETE": "bash_complete"})
    assert "plain,dev" in done.stdout.splitlines()
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("perdure c", ["callback", "completion"]),
        ("perdure replay --", ["--runtime", "--json", "--help"]),
        ("perdure run --runtime t", ["trio"]),
        ("perdure callback s", ["succeed"]),
        ("perdure completion z", ["zsh"]),
        ("perdure run ", ["compopt -o default"]),
        ("perdure run exam", ["compopt -o default"]),
        ("perdure replay histories/one.json ", ["compopt -o default"]),
        ("perdure dev --functions ", ["compopt -o default"]),
        ("perdure show ", []),
    ],
)
def test_bash_is_offered_what_fits(home: Path, line: str, words: list[str]) -> None:
    nobody = "http://127.0.0.1:9"
    assert offered(home, line, AWS_ENDPOINT_URL_LAMBDA=nobody) == words


@pytest.fixture
def peer() -> Iterator[Peer]:
    program = Asks()
    with serving({"asks": program}) as served:
        program.port = served.port
        yield served


def test_bash_is_offered_what_the_service_knows(home: Path, peer: Peer) -> None:
    arn = peer.start("asks")
    where = f"http://127.0.0.1:{peer.port}"

    def at(line: str) -> list[str]:
        return offered(home, line, AWS_ENDPOINT_URL_LAMBDA=where)

    quoted = arn.replace("$", r"\$")
    assert at("perdure start ") == ["asks"]
    assert at("perdure list as") == ["asks"]
    assert at("perdure show ") == [quoted]
    assert at("perdure history arn") == [quoted]
    # bash keeps what stands before the last colon.
    head, _, tail = quoted.rpartition(":")
    assert at(f"perdure stop {head}:") == [tail]
    assert at(f"perdure stop {head}:{tail[:12]}") == [tail]
    assert at("perdure stop arn:nothing") == []
    started = time.monotonic()
    while not (ids := at("perdure callback fail ")):
        assert time.monotonic() < started + 30, "there is no callback"
    events = peer.of(arn, "GET", "/history")["Events"]
    [known] = [e["CallbackStartedDetails"]["CallbackId"] for e in events if "Callback" in str(e)]
    assert ids == [known]
    peer.of(arn, "POST", "/stop", {})
    assert at("perdure stop ") == []
    assert at(f"perdure show --endpoint {where} ") == [quoted]


def test_the_tabulator_key_completes(home: Path) -> None:
    main, side = pty.openpty()
    bash = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=side,
        stdout=side,
        stderr=side,
        env=variables(home, TERM="dumb", PS1="$ ", HISTFILE="/dev/null"),
        start_new_session=True,
    )
    os.close(side)
    seen = ""

    def until(text: str) -> None:
        nonlocal seen
        end = time.monotonic() + 60
        while text not in seen:
            ready, _, _ = select.select([main], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"bash showed only {seen!r}"
            seen += os.read(main, 4096).decode()
        seen = seen.partition(text)[2]

    try:
        os.write(main, b"source <(perdure completion bash); echo rea''dy\n")
        until("ready")
        os.write(main, b"perdure compl\tzs\t | wc -l && echo do''ne\n")
        until("completion zsh")
        until("done")
        os.write(main, b"exit\n")
        assert bash.wait(30) == 0
    finally:
        bash.kill()
        bash.wait()
        os.close(main)


@pytest.mark.parametrize(
    ("shell", "line"),
    [("zsh", "#compdef perdure"), ("fish", "complete --no-files --command perdure")],
)
def test_the_script_of_other_shells_is_printed(shell: str, line: str) -> None:
    done = perdure("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert line in done.stdout


def test_another_shell_is_refused() -> None:
    done = perdure("completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("perdure: Invalid value")
    assert done.stderr.count("\n") == 1
