"""``perdure dev`` for the functions of this folder, as a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from local.running import command, environment
from local.serving import Peer

FUNCTIONS = Path(__file__).with_name("functions.py")

Serve = Callable[..., "Service"]


class Service:
    """A running one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.url = process.stdout.readline().partition(": ")[2].strip()
        assert process.stdout.readline().startswith("functions: ")
        self.peer = Peer(int(self.url.rpartition(":")[2]))

    def start(self, function: str, payload: object = None, name: str = "") -> str:
        """Start an execution; returns its ARN."""
        headers = {"invocation_type": "Event"} | ({"durable_execution_name": name} if name else {})
        response = self.peer.invoke(function, {} if payload is None else payload, **headers)
        assert response.status == 202, response.body
        return response.headers["x-amz-durable-execution-arn"]

    def end(self) -> None:
        self.peer.close()
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def dev(*arguments: str, **env: str) -> Generator[Service]:
    # What is said twice is what was said last.
    options = ("--port", "0", "--store", ":memory:", *arguments)
    with subprocess.Popen(
        command("dev", FUNCTIONS, "--quiet", *options),
        env=environment(**env),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            service = Service(process)
            yield service
            service.end()
        finally:
            process.kill()
