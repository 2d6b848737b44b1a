"""Handlers and clients of a server that may be gone at any moment; they keep account.

They hold the service to what it answered, and to nothing else: what is not answered is
asked again, with the same ClientToken or name.
"""

from __future__ import annotations

import http.client
import json
import queue
import threading
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from local.serving import DURABLE, Peer, Response

STEPS = 4
PATIENCE_SECONDS = 10.0
OUTSTANDING = 12


class Refused(Exception):
    """The service refused, as it does with the token of a lost invocation."""


@dataclass
class Account:
    """What was answered. Lists are only appended to, so threads may share them."""

    started: list[str] = field(default_factory=list[str])
    steps: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    answers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    returned: set[str] = field(default_factory=set[str])
    repeated: int = 0


class Load:
    """Starts executions, runs their handlers, and answers their callbacks."""

    def __init__(self, port: int) -> None:
        self.account = Account()
        self.over = threading.Event()
        self._port = port
        self._callbacks: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()

    def _ask(self, method: str, target: str, body: bytes, **headers: str) -> Response:
        """Ask until there is an answer; it may be a refusal."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            peer = Peer(self._port)
            try:
                return peer.send(method, target, body, headers)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
                self.account.repeated += 1
                time.sleep(0.02)
            finally:
                peer.close()

    # Clients

    def start_executions(self) -> None:
        """Until it is over: start executions, a few at a time."""
        while not self.over.wait(0.01):
            account = self.account
            if len(account.started) - len(account.returned) >= OUTSTANDING:
                continue
            headers = {
                "x-amz-invocation-type": "Event",
                "x-amz-durable-execution-name": str(uuid.uuid4()),
            }
            target = "/2015-03-31/functions/caller/invocations"
            response = self._ask("POST", target, b'"input"', **headers)
            assert response.status == 202, response.body
            account.started.append(response.headers["x-amz-durable-execution-arn"])

    def answer_callbacks(self) -> None:
        """Answer the callbacks that handlers tell of."""
        while (found := self._callbacks.get()) is not None:
            arn, callback_id = found
            target = f"/2025-12-01/durable-execution-callbacks/{quote(callback_id, safe='')}"
            answer = str(uuid.uuid4())
            response = self._ask("POST", f"{target}/succeed", answer.encode())
            # It may be closed: by a request that was not answered, or by another handler's.
            assert response.status == 200 or b"already been closed" in response.body
            if response.status == 200:
                self.account.answers.append((arn, answer))

    def no_more_callbacks(self) -> None:
        self._callbacks.put(None)

    # Handlers

    def invoke(self, name: str, event: dict[str, Any]) -> object:
        """One invocation of a function."""
        if name == "plain":
            return "plain"
        invocation = _Invocation(self, event)
        return invocation.leaf() if name == "leaf" else invocation.caller()

    def checkpoint(self, arn: str, token: str, updates: list[dict[str, Any]]) -> dict[str, Any]:
        """One checkpoint, on the books once it is answered."""
        body = {
            "CheckpointToken": token,
            "ClientToken": str(uuid.uuid4()),
            "Updates": updates,
        }
        target = f"{DURABLE}{quote(arn, safe='')}/checkpoint"
        response = self._ask("POST", target, json.dumps(body).encode())
        if response.status != 200:
            raise Refused(response.body)
        self.account.steps += (
            (arn, update["Id"], update["Payload"])
            for update in updates
            if update["Type"] == "STEP" and update["Action"] == "SUCCEED"
        )
        answer: dict[str, Any] = response.json()
        return answer

    def expect_callback(self, arn: str, callback_id: str) -> None:
        self._callbacks.put((arn, callback_id))


class _Invocation:
    def __init__(self, load: Load, event: dict[str, Any]) -> None:
        self.load = load
        self.arn: str = event["DurableExecutionArn"]
        self.token: str = event["CheckpointToken"]
        self.known = {each["Id"]: each for each in event["InitialExecutionState"]["Operations"]}

    def send(self, *updates: dict[str, Any]) -> None:
        answer = self.load.checkpoint(self.arn, self.token, list(updates))
        self.token = answer.get("CheckpointToken", "")
        self.known |= {each["Id"]: each for each in answer["NewExecutionState"]["Operations"]}

    def step(self, name: str) -> None:
        if name in self.known:
            return
        whose = {"Id": name, "Type": "STEP"}
        self.send(
            {**whose, "Action": "START"},
            {**whose, "Action": "SUCCEED", "Payload": str(uuid.uuid4())},
        )

    def chain(self, name: str) -> None:
        if name not in self.known:
            options = {"FunctionName": name}
            whose = {"Id": name, "Type": "CHAINED_INVOKE"}
            self.send({**whose, "Action": "START", "ChainedInvokeOptions": options})

    def leaf(self) -> object:
        self.step("only")
        return {"Status": "SUCCEEDED", "Result": '"leaf"'}

    def caller(self) -> object:
        for number in range(STEPS):
            self.step(f"s{number}")
        if "callback" not in self.known:
            self.send({"Id": "callback", "Type": "CALLBACK", "Action": "START"})
        callback = self.known["callback"]
        if callback["Status"] == "STARTED":
            self.load.expect_callback(self.arn, callback["CallbackDetails"]["CallbackId"])
        self.chain("leaf")
        self.chain("plain")
        waits = [self.known[each]["Status"] for each in ("callback", "leaf", "plain")]
        if "STARTED" in waits:
            return {"Status": "PENDING"}
        self.step("last")
        self.load.account.returned.add(self.arn)
        return {"Status": "SUCCEEDED", "Result": json.dumps(waits)}


@contextmanager
def functions_of(load: list[Load]) -> Generator[str]:
    """Serve the functions of the load, once it is there, on a free port; yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            del format, args

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            name = self.path.split("/")[-2].partition("%3A")[0]
            headers: dict[str, str] = {}
            try:
                answer = load[0].invoke(name, json.loads(body))
            except (Refused, OSError, http.client.HTTPException) as error:
                answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
                headers = {"X-Amz-Function-Error": "Unhandled"}
            # Who asked may be gone by now.
            try:
                self.send_response(200)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())
            except OSError:
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            # Connections of the killed are reset.
            del request, client_address

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
