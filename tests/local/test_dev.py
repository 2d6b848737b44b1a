"""``perdure dev``: what it serves, how it follows changes, what it refuses, how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.asking import Asker
from local.lambda_endpoint import Answer, lambda_endpoint
from local.running import PROGRAMS, command, environment, listen_to_interrupts, perdure
from local.serving import Peer
from perdure.models.enums import EventType
from perdure.models.executions import GetExecutionRequest, StopRequest
from perdure.service import Service
from perdure_local.command import cli
from perdure_local.stores.sqlite_store import SqliteStore
from perdure_local.terminal.refused import Refused

SECRET = "a-secret-of-some-length"

FILE = """
from collections.abc import Mapping
from typing import Any, ClassVar
from perdure.handler import DurableHandler
from perdure.modes import CheckpointingMode
from words import WORD

class Sync(DurableHandler):
    runtime: ClassVar[str] = "sync"

    def __call__(self, event, lambda_context):
        return self.func(event, lambda_context)

def plain(event, context):
    print("plain was here")
    return WORD

def _answer(event, context):
    return {"Status": "SUCCEEDED", "Result": WORD}

greet = Sync(_answer, CheckpointingMode.EAGER)
"""


class Dev:
    """A running ``perdure dev --json``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(str(self.said("serving")).rpartition(":")[2])
        self.functions = self.said("functions")

    def said(self, what: str) -> Any:
        """The next message of this kind; what comes before it is passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = json.loads(line)
            if what in message:
                return message[what]
        raise AssertionError(f"it ended without saying {what!r}")


@contextmanager
def dev(*arguments: str | Path, printed: str = "", **env: str) -> Generator[Dev]:
    """Run it; in the end it is interrupted, and functions must have `printed` this."""
    with subprocess.Popen(
        command("dev", *arguments, "--port", "0", "--json"),
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=listen_to_interrupts,
    ) as process:
        try:
            running = Dev(process)
            yield running
            process.send_signal(signal.SIGINT)
            assert running.said("ended") == "interrupted"
            _, errors = process.communicate(timeout=20)
            assert (process.returncode, errors) == (0, printed)
        finally:
            process.kill()


def test_it_serves_the_functions_of_files_and_loads_what_changes(tmp_path: Path) -> None:
    path, words = tmp_path / "greeting.py", tmp_path / "words.py"
    path.write_text(FILE, encoding="utf-8")
    words.write_text("WORD = '1'\n", encoding="utf-8")
    said = "plain was here\n"
    with (
        dev(path, f"{PROGRAMS}:nap", printed=said) as running,
        closing(Peer(running.port)) as peer,
    ):
        assert running.functions == "greet, nap, plain (plain)"
        assert peer.invoke("greet").json() == 1
        assert running.said("event")["EventType"] == "ExecutionStarted"
        words.write_text("WORD = '2'\n", encoding="utf-8")
        assert running.said("reloaded") == "greet, nap, plain (plain)"
        assert peer.invoke("greet").json() == 2
        assert peer.invoke("plain").json() == "2"
        path.write_text("def f(:\n", encoding="utf-8")
        assert "SyntaxError: invalid syntax" in running.said("not reloaded")
        assert peer.invoke("greet").json() == 2
        path.write_text("import broken\n" + FILE.replace("greet =", "hail ="), encoding="utf-8")
        assert "No module named 'broken'" in running.said("not reloaded")
        (tmp_path / "broken.py").write_text("1 / 0\n", encoding="utf-8")
        assert "ZeroDivisionError" in running.said("not reloaded")
        (tmp_path / "broken.py").write_text("", encoding="utf-8")
        assert running.said("reloaded") == "hail, nap, plain (plain)"
        assert peer.invoke("greet").status == 404
        assert peer.invoke("nap", {"seconds": 1}).json() == {"waited": {"seconds": 1}}


def test_what_waits_for_a_function_begins_once_its_file_is_loaded(tmp_path: Path) -> None:
    path, store = tmp_path / "greeting.py", tmp_path / "store.db"
    (tmp_path / "words.py").write_text("WORD = '1'\n", encoding="utf-8")
    with closing(SqliteStore(store)) as kept:
        Service(region="us-west-2", store=kept).start(
            function_name="greet", payload="1", now=time.time(), execution_id="e-1"
        )
    path.write_text(FILE.replace("greet =", "hail ="), encoding="utf-8")
    with dev(path, "--store", store) as running:
        path.write_text(FILE, encoding="utf-8")
        assert running.said("reloaded") == "greet, plain (plain)"
        # Nobody asks the server anything, so nothing else can have set it going.
        assert running.said("event")["EventType"] == "InvocationCompleted"
        assert running.said("event")["EventType"] == "ExecutionSucceeded"


def test_it_invokes_functions_at_a_lambda_endpoint(tmp_path: Path) -> None:
    configs = tmp_path / "functions.json"
    durable = {"DurableConfig": {"ExecutionTimeout": 60, "RetentionPeriodInDays": 3}}
    configs.write_text(json.dumps({"f": durable, "g": {}}), encoding="utf-8")
    done = json.dumps({"Status": "SUCCEEDED", "Result": "7"}).encode()
    with (
        lambda_endpoint(Answer(200, done)) as endpoint,
        dev("--lambda-endpoint", endpoint.url, "--functions", configs) as running,
        closing(Peer(running.port)) as peer,
    ):
        assert running.functions == "f, g (plain)"
        assert peer.invoke("f").json() == 7
        assert peer.invoke("g").json() == {"Status": "SUCCEEDED", "Result": "7"}
        [one] = Asker(running.port).json("list")
        assert ":lambda:us-west-2:" in one["DurableExecutionArn"]
        found = Asker(running.port).json("show", one["DurableExecutionArn"])
        assert found["DurableConfig"] == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 3}


def test_others_are_served_if_they_show_the_token() -> None:
    arguments = (f"{PROGRAMS}:nap", "--host", "0.0.0.0", "--expose")
    with dev(*arguments, PERDURE_TOKEN=SECRET) as running, closing(Peer(running.port)) as peer:
        refused = peer.invoke("nap", {"seconds": 1})
        assert refused.status == 403
        assert refused.headers["x-amzn-errortype"] == "UnrecognizedClientException"
        with pytest.raises(Refused, match="show the token"):
            Asker(running.port, "another secret, a wrong one")("list")
        assert Asker(running.port, SECRET).json("list") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say what to serve"),
        ([str(PROGRAMS), "--lambda-endpoint", "http://h"], "say what to serve"),
        (["--lambda-endpoint", "http://h"], "--lambda-endpoint and --functions go together"),
        ([str(PROGRAMS), "--functions", "x.json"], "--lambda-endpoint and --functions go together"),
        (["--lambda-endpoint", "h", "--functions", "{file}"], "an endpoint is a URL"),
        (["--lambda-endpoint", "http://h", "--functions", "/none"], "cannot read the functions"),
        (["--lambda-endpoint", "http://h", "--functions", "{file}"], "not JSON"),
        (["nowhere.py"], "there is no file nowhere.py"),
        ([str(PROGRAMS), "--region", "Eu West"], "is no name of a region"),
        ([str(PROGRAMS), "--host", "0.0.0.0"], "that needs --expose and --token"),
        ([str(PROGRAMS), "--host", "0.0.0.0", "--expose"], "that needs --expose and --token"),
        (
            [str(PROGRAMS), "--host", "0.0.0.0", "--token", SECRET],
            "that needs --expose and --token",
        ),
        ([str(PROGRAMS), "--token", "short"], "a token has 16 to 128"),
        ([str(PROGRAMS), "--port", "{taken}"], "Address already in use"),
        (
            [str(PROGRAMS), "--host", "192.0.2.1", "--port", "0", "--expose", "--token", SECRET],
            "cannot listen on 192.0.2.1:0: Cannot assign requested address",
        ),
    ],
)
def test_what_it_cannot_serve_is_refused(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    file = tmp_path / "functions.json"
    file.write_text("{\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        places = {"{file}": str(file), "{taken}": str(taken.getsockname()[1])}
        given = [places.get(each, each) for each in arguments]
        with pytest.raises(Refused) as refused:
            cli.main(["dev", *given], prog_name="perdure", standalone_mode=False)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_loaded_ends_it_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "nothing.py"
    path.write_text("x = 1\n", encoding="utf-8")
    done = perdure("dev", path, "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"perdure: {path} has no durable handler; decorate one with @durable_execution\n"
    )


def test_a_name_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text("WORD = '1'\n", encoding="utf-8")
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(FILE, encoding="utf-8")
    done = perdure("dev", tmp_path / "one.py", tmp_path / "two.py", "--port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith("perdure: plain is in ")
    assert done.stderr.count("\n") == 1


def test_what_it_prints_for_people_names_the_execution() -> None:
    with subprocess.Popen(
        command("dev", f"{PROGRAMS}:chatter", "--port", "0"),
        env=environment(),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("serving: http://127.0.0.1:")
        assert process.stdout.readline() == "functions: chatter\n"
        arn = Asker(int(first.rpartition(":")[2]))("start", "chatter", "--name", "hello").strip()
        lines = [line for line in (process.stdout.readline() for _ in range(4)) if "hello" in line]
        assert lines[0] == f"chatter hello  execution: started: {arn}\n"
        assert lines[1].startswith("chatter hello  execution: succeeded after ")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout.read() == "ended: interrupted\n"


def test_executions_outlive_the_server(tmp_path: Path) -> None:
    target, store = f"{PROGRAMS}:nap", tmp_path / "kept" / "a.db"
    kept = ("dev", target, "--port", "0", "--store", store)
    with subprocess.Popen(
        command(*kept, "--json"), env=environment(), stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        running = Dev(process)
        assert running.said("store") == str(store)
        arn = Asker(running.port)("start", "nap", "--input", '{"seconds": 2}').strip()
        while running.said("event")["EventType"] != "WaitStarted":
            pass
        process.kill()
    with subprocess.Popen(
        command(*kept), env=environment(), stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "succeeded" not in said:
                said = process.stdout.readline()
            # It knows since when, though another server began it.
            assert re.search(r"execution: succeeded after [0-9.]+ s, [23] invocations$", said)
        finally:
            process.kill()
    with closing(SqliteStore(store)) as file:
        service = Service(store=file)
        assert service.get_execution(GetExecutionRequest(arn)).status == "SUCCEEDED"
        events = [event.event_type for event in service.events(arn)]
        assert events.count(EventType.WAIT_STARTED) == events.count(EventType.WAIT_SUCCEEDED) == 1


def test_a_store_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path)):
        refused = perdure("dev", f"{PROGRAMS}:nap", "--port", "0", "--store", path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"perdure: the store {path} is in use by another process\n"


def test_the_default_store_is_in_the_working_directory(tmp_path: Path) -> None:
    env = {**environment(), "PERDURE_STORE": ""}
    with subprocess.Popen(
        command("dev", f"{PROGRAMS}:nap", "--port", "0", "--json"),
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        running = Dev(process)
        assert running.said("store") == ".perdure/perdure.db"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    folder = tmp_path / ".perdure"
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert folder.stat().st_mode & 0o77 == 0
    SqliteStore(folder / "perdure.db").close()


def test_a_store_that_fails_ends_it_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path)) as store:
        service = Service(region="us-west-2", store=store)
        arn = service.start(function_name="nap", payload=None, now=0.0, execution_id="x").arn
        service.stop(StopRequest(arn), 0.0)
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE standings SET standing = 'x'")
        file.execute("UPDATE executions SET kept_until = NULL")
        file.commit()
    with subprocess.Popen(
        command("dev", f"{PROGRAMS}:nap", "--port", "0", "--json", "--store", path),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        asker = Asker(Dev(process).port)
        assert len(asker.json("list")) == 1
        with pytest.raises(Refused, match="damaged"):
            asker("show", arn)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors.startswith(f"perdure: the store {path} is damaged: ")
    assert errors.count("\n") == 1
