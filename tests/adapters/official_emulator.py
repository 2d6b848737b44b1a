"""The official local emulator as a process, and the Lambda endpoint that it invokes."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from adapters.world import Handler, lambda_context

COMMAND = "dex-local-runner"


def find() -> str | None:
    """The emulator's command: in PERDURE_OFFICIAL_BIN, beside this Python, or on the path."""
    folders = [os.environ.get("PERDURE_OFFICIAL_BIN"), str(Path(sys.executable).parent)]
    found = [shutil.which(COMMAND, path=folder) for folder in folders if folder]
    return next((each for each in found if each), None) or shutil.which(COMMAND)


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    port: int

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            text = response.read()
            assert response.status < 300, (response.status, text)
            return json.loads(text)
        finally:
            connection.close()

    def start(self, function: str, payload: object) -> str:
        """Start an execution; its ARN."""
        body = {
            "AccountId": "123456789012",
            "FunctionName": function,
            "FunctionQualifier": "$LATEST",
            "ExecutionName": f"{function}-{time.time_ns()}",
            "ExecutionTimeoutSeconds": 60,
            "ExecutionRetentionPeriodDays": 1,
            "Input": json.dumps(payload),
        }
        arn: str = self.call("POST", "/start-durable-execution", body)["ExecutionArn"]
        return arn

    def wait_for_end(self, arn: str, seconds: float = 20) -> dict[str, Any]:
        """GetDurableExecution, once it has ended."""
        end = time.monotonic() + seconds
        while True:
            path = f"/2025-12-01/durable-executions/{quote(arn, safe='')}"
            shown: dict[str, Any] = self.call("GET", f"{path}?IncludeExecutionData=true")
            if shown["Status"] != "RUNNING":
                return shown
            assert time.monotonic() < end, shown
            time.sleep(0.05)


@contextmanager
def emulator(command: str, functions: Mapping[str, Handler], log: Path) -> Generator[Emulator]:
    """Start the emulator. It invokes these functions, by name.

    Args:
        command: from `find`.
        functions: may still grow while it runs.
        log: where its output goes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_DEFAULT_REGION": "us-west-2",
    }
    with _lambda_endpoint(functions) as endpoint, log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(command, "start-server", "--host", "127.0.0.1", "--port", str(port)),
                *("--lambda-endpoint", endpoint),
            ],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            found = Emulator(port)
            _wait_for(lambda: process.poll() is not None or _is_up(found))
            assert process.poll() is None, log.read_text()
            yield found
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_up(found: Emulator) -> bool:
    try:
        found.call("GET", "/health")
    except OSError:
        return False
    return True


def _wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the emulator does not start"
        time.sleep(0.05)


@contextmanager
def _lambda_endpoint(functions: Mapping[str, Handler]) -> Generator[str]:
    """Lambda's Invoke API for some functions; where it is."""

    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            name = unquote(self.path.split("/")[3]).partition(":")[0]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {"Content-Type": "application/json"}
            try:
                answer = functions[name](json.loads(body), lambda_context(60))
            except Exception as error:
                headers["X-Amz-Function-Error"] = "Unhandled"
                answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            payload = json.dumps(answer).encode()
            self.send_response(200)
            for header, value in {**headers, "Content-Length": str(len(payload))}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="loopback-lambda")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
