"""Whatever is wrong, the command says so in one line, and its exit code tells a script."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

import pytest

from local.running import EXAMPLES, command, environment, listen_to_interrupts, perdure

ORDER: Final = EXAMPLES / "order.py"
ARN: Final = "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST/durable-execution/a/b"
ASKING: Final = [
    ["start", "f"],
    ["list"],
    ["list", "f", "--json"],
    ["show", ARN],
    ["history", ARN, "--json"],
    ["stop", ARN],
    ["callback", "succeed", "YQ=="],
    ["callback", "fail", "YQ=="],
    ["callback", "heartbeat", "YQ=="],
]
HANGS: Final = """
import time
from perdure_sync import durable_execution

@durable_execution
def handler(event, ctx):
    time.sleep(100)
"""


class Stranger(BaseHTTPRequestHandler):
    """A server of something else."""

    def do_GET(self) -> None:
        self.send_error(404)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("arguments", ASKING, ids=" ".join)
def test_no_service_is_there(arguments: list[str]) -> None:
    done = perdure(*arguments, "--endpoint", "http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "perdure: the service at http://127.0.0.1:9 cannot be reached: Connection refused; "
        "is `perdure dev` running?\n"
    )


@pytest.mark.parametrize("arguments", ASKING[1:4], ids=" ".join)
def test_another_service_is_there(arguments: list[str], stranger: str) -> None:
    done = perdure(*arguments, "--endpoint", stranger)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "perdure: what answers there is not this service: HTTP status 404\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frob"], "No such command 'frob'"),
        (["--frob"], "No such option '--frob'"),
        (["run"], "Missing argument 'FILE[:NAME]'"),
        (["run", "absent.py"], "there is no file absent.py"),
        (["run", "."], ". is a directory"),
        (["run", str(ORDER), "--input", "{"], "--input is not JSON"),
        (["run", str(ORDER), "--history", "/proc/no/such"], "cannot write the history"),
        (["dev"], "say what to serve"),
        (["dev", "absent.py"], "there is no file absent.py"),
        (["dev", str(ORDER), "--port", "70000"], "Invalid value for '--port'"),
        (["dev", str(ORDER), "--host", "0.0.0.0"], "--host 0.0.0.0 serves other machines too"),
        (["start", "f", "--input", "@absent"], "cannot read the input absent"),
        (["list", "--status", "GOOD"], "Invalid value for '--status'"),
        (["show", ARN, "--endpoint", "nonsense"], "an endpoint is a URL"),
        (["callback", "frob"], "No such command 'frob'"),
        (["callback", "succeed", "YQ==", "--result", "{"], "--result is not JSON"),
        (
            ["callback", "succeed", "YQ==", "--result", "1", "--text", "1"],
            "--result and --text",
        ),
        (["replay", "absent.json", str(ORDER)], "absent.json: cannot be read"),
        (["completion"], "Missing argument"),
    ],
    ids=str,
)
def test_bad_input_is_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = perdure(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"perdure: {said}")
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("history") / "history.json"
    done = perdure("run", ORDER, "--skip-time", "--history", file)
    assert done.returncode == 0
    return file


@pytest.mark.parametrize("what", ["run", "run --json", "replay", "replay --json", "help", "script"])
def test_a_reader_that_goes_away_is_no_fault(what: str, history: Path) -> None:
    arguments: dict[str, list[str | Path]] = {
        "run": ["run", ORDER, "--skip-time"],
        "run --json": ["run", ORDER, "--skip-time", "--json"],
        "replay": ["replay", history, ORDER],
        "replay --json": ["replay", history, ORDER, "--json"],
        "help": ["--help"],
        "script": ["completion", "bash"],
    }
    writer = subprocess.Popen(
        command(*arguments[what]),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert writer.stdout is not None
    writer.stdout.close()
    assert writer.stderr is not None
    assert writer.stderr.read() == ""
    assert writer.wait(60) == 1
    writer.stderr.close()


@pytest.mark.parametrize("what", ["run", "run --json", "replay"])
def test_an_interrupt_ends_it_at_once(what: str, history: Path, tmp_path: Path) -> None:
    program = tmp_path / "hangs.py"
    begun = tmp_path / "begun"
    program.write_text(
        HANGS.replace("    time.sleep", f"    open({str(begun)!r}, 'w')\n    time.sleep")
    )
    arguments: dict[str, list[str | Path]] = {
        "run": ["run", program],
        "run --json": ["run", program, "--json"],
        "replay": ["replay", history, program],
    }
    hanging = subprocess.Popen(
        command(*arguments[what]),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=listen_to_interrupts,
    )
    deadline = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    hanging.send_signal(signal.SIGINT)
    _, said = hanging.communicate(timeout=30)
    assert (hanging.returncode, said.strip()) == (130, "perdure: interrupted")
