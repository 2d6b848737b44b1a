"""A served service for tests, and raw HTTP to it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from perdure.service import functions as kinds
from perdure.service.policy import ServicePolicy
from perdure.service.service import Service
from perdure.service.signatures import SignatureCheck
from perdure_local.clock import Clock, RealClock
from perdure_local.embedded import AnyFunction, EmbeddedService, Listener
from perdure_local.server.served import Served

DURABLE = "/2025-12-01/durable-executions/"


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Peer:
    """A client that sends whatever it is told, on one connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def send(
        self,
        method: str,
        target: str,
        body: bytes | dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        raw = json.dumps(body).encode() if isinstance(body, dict) else body
        self.connection.request(method, target, raw, dict(headers or {}))
        response = self.connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, found, response.read())

    def invoke(self, function: str, payload: object = None, **headers: str) -> Response:
        named = {"x-amz-" + name.replace("_", "-"): value for name, value in headers.items()}
        target = f"/2015-03-31/functions/{quote(function, safe='')}/invocations"
        return self.send("POST", target, json.dumps(payload).encode(), named)

    def start(self, function: str, payload: object = None) -> str:
        response = self.invoke(function, payload, invocation_type="Event")
        assert response.status == 202, response.body
        return response.headers["x-amz-durable-execution-arn"]

    def of(self, arn: str, method: str, rest: str = "", body: dict[str, Any] | None = None) -> Any:
        """Call one of an execution's own routes and expect it to work."""
        response = self.send(method, f"{DURABLE}{quote(arn, safe='')}{rest}", body)
        assert response.status == 200, response.body
        return response.json()

    def close(self) -> None:
        self.connection.close()


@contextmanager
def serving(
    functions: Mapping[str, AnyFunction],
    *,
    clock: Clock | None = None,
    policy: ServicePolicy | None = None,
    listener: Listener | None = None,
    plain: Collection[str] = (),
    signatures: SignatureCheck | None = None,
) -> Generator[Peer]:
    """Serve these functions, of which the `plain` ones are not durable; yields a client."""
    configs = {name: kinds.PLAIN if name in plain else kinds.DURABLE for name in functions}
    service = Service(policy=policy or ServicePolicy(), functions=configs)
    embedded = EmbeddedService(service, functions, clock or RealClock(), listener)
    with Served(embedded, signatures=signatures) as served:
        peer = Peer(served.port)
        try:
            yield peer
        finally:
            peer.close()


class Program:
    """A durable function written by hand: it speaks the protocol over HTTP itself.

    It waits for the seconds in its input and then returns what it was given.
    """

    def __init__(self) -> None:
        self.port = 0
        self.contexts: list[object] = []

    def __call__(self, event: dict[str, Any], context: object) -> object:
        self.contexts.append(context)
        operations = event["InitialExecutionState"]["Operations"]
        given = json.loads(operations[0]["ExecutionDetails"]["InputPayload"] or "null")
        waits = [each for each in operations if each["Type"] == "WAIT"]
        if waits and waits[0]["Status"] == "SUCCEEDED":
            return {"Status": "SUCCEEDED", "Result": json.dumps({"waited": given})}
        update = {
            "Id": "1",
            "Type": "WAIT",
            "SubType": "Wait",
            "Action": "START",
            "Name": "nap",
            "WaitOptions": {"WaitSeconds": given["seconds"]},
        }
        peer = Peer(self.port)
        try:
            arn = event["DurableExecutionArn"]
            body = {"CheckpointToken": event["CheckpointToken"], "Updates": [update]}
            peer.of(arn, "POST", "/checkpoint", body)
        finally:
            peer.close()
        return {"Status": "PENDING"}
