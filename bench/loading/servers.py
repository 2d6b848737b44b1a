"""The servers under load: ours, and the official emulator, each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import environments

from .http_client import ARN, HttpConnection, request_head

FUNCTION = "load"
DAY = 86_400
TICKS = os.sysconf("SC_CLK_TCK")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE0000000AA",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds of a process so far, over all its threads; memory in MB, now and at most."""

    cpu: float
    memory: float
    peak: float


class Server:
    """A server that serves, as a context manager; its functions are at `lambda_port`."""

    name: str
    target: int  # checkpoints a second; latency is measured at half of them
    keeps = False  # whether executions live on when the process ends

    def __init__(self, lambda_port):
        self.lambda_port = lambda_port
        self.folder = tempfile.TemporaryDirectory(prefix="perdure-load-")
        self.process = None

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        self.end()
        self.folder.cleanup()

    def open(self):
        """Start the process, or start it again; returns when it answers."""
        self.log = open(self.path("log"), "ab")  # noqa: SIM115 - as long as the process
        environ = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TMPDIR") if k in os.environ}
        self.process = subprocess.Popen(
            self.command(),
            env={**environ, **CREDENTIALS, **self.variables()},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.port = self.find_port()

    def end(self):
        """End the process; what it has stored stays until the `with` ends."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            self.process = None
            self.log.close()

    def path(self, name):
        return Path(self.folder.name) / name

    def command(self):
        raise NotImplementedError

    def variables(self):
        return {}

    def find_port(self):
        raise NotImplementedError

    async def start(self, connection, value):
        """Start an execution with the input `value`."""
        raise NotImplementedError

    def checkpoint_head(self, arn):
        """The head of a checkpoint's request."""
        target = f"/2025-12-01/durable-executions/{quote(arn, safe='')}/checkpoint"
        return request_head("POST", target, self.port, "Content-Type: application/json")

    def connect(self):
        return HttpConnection(self.port)

    def usage(self):
        """What the process has used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        memory = {key: int(size) / 1024 for key, size in re.findall(r"(Vm\w+):\s+(\d+) kB", status)}
        return Usage((int(stat[11]) + int(stat[12])) / TICKS, memory["VmRSS"], memory["VmHWM"])

    def wait_until(self, look):
        """What `look(log)` finds in what the process prints."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            log = self.path("log").read_text(errors="replace")
            found = look(log)
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit(f"{log[-3000:]}\n{self.name} does not serve")


class Perdure(Server):
    """`perdure dev`, in memory."""

    name = "perdure, memory"
    target = 2000
    store = ":memory:"

    def command(self):
        self.path("log").write_text("")
        functions = self.path("functions.json")
        functions.write_text(json.dumps({FUNCTION: {"DurableConfig": {"ExecutionTimeout": DAY}}}))
        perdure = environments.ensure("local").with_name("perdure")
        endpoint = f"http://127.0.0.1:{self.lambda_port}"
        return [
            *(perdure, "dev", "--port", "0", "--quiet", "--store", self.store),
            *("--lambda-endpoint", endpoint, "--functions", functions),
        ]

    def find_port(self):
        return int(self.wait_until(re.compile(r"http://127\.0\.0\.1:(\d+)").search)[1])

    async def start(self, connection, value):
        target = f"/2015-03-31/functions/{FUNCTION}/invocations"
        head = request_head("POST", target, self.port, "X-Amz-Invocation-Type: Event")
        status, head, body = await connection.ask(head, json.dumps(value).encode())
        if status != 202:
            raise RuntimeError(f"{self.name} does not start: {status} {body!r}")
        return ARN.search(head)[1].decode()


class PerdureSqlite(Perdure):
    """`perdure dev`, on SQLite."""

    name = "perdure, SQLite"
    target = 800
    keeps = True

    @property
    def store(self):
        return self.path("perdure.db")


class Official(Server):
    """The official emulator, in memory."""

    name = "official emulator, memory"
    target = 2000
    store: tuple[str, ...] = ("memory",)

    def command(self):
        self.path("log").write_text("")
        runner = environments.ensure("emulator").with_name("dex-local-runner")
        endpoint = f"http://127.0.0.1:{self.lambda_port}"
        self.chosen = free_port()
        return [
            *(runner, "start-server", "--host", "127.0.0.1", "--port", str(self.chosen)),
            *("--lambda-endpoint", endpoint, "--log-level", "ERROR"),
            *("--store-type", *self.store),
        ]

    def find_port(self):
        import socket

        def answers(_):
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.chosen)) == 0

        self.wait_until(answers)
        return self.chosen

    async def start(self, connection, value):
        start = {
            "AccountId": "123456789012",
            "FunctionName": FUNCTION,
            "FunctionQualifier": "$LATEST",
            "ExecutionName": f"load-{time.monotonic_ns()}",
            "ExecutionTimeoutSeconds": DAY,
            "ExecutionRetentionPeriodDays": 1,
            "Input": json.dumps(value),
        }
        head = request_head("POST", "/start-durable-execution", self.port)
        status, _, body = await connection.ask(head, json.dumps(start).encode())
        if status != 201:
            raise RuntimeError(f"{self.name} does not start: {status} {body!r}")
        return json.loads(body)["ExecutionArn"]


class OfficialSqlite(Official):
    """The official emulator, on SQLite."""

    name = "official emulator, SQLite"
    target = 800

    @property
    def store(self):
        return ("sqlite", "--store-path", str(self.path("official.db")))


def free_port():
    """A port that nobody listens on just now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
