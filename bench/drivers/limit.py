"""What the dependencies allow: one thread, h11, a blocking socket, botocore's signer, json; no SDK.

It neither validates nor retries, and its encoding is plain JSON: a mark to aim at, not a design.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from urllib.parse import quote, urlsplit

import h11
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PYTHON = "limit"
NAME = "limit, blocking"

encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Signer:
    def __init__(self):
        env = os.environ
        self.url = env["AWS_ENDPOINT_URL_LAMBDA"]
        self.peer = urlsplit(self.url)
        keys = env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"]
        self.auth = SigV4Auth(Credentials(*keys), "lambda", env["AWS_REGION"])

    def signed(self, method, target, body):
        headers = {"Host": self.peer.netloc, "Content-Type": "application/json"}
        request = AWSRequest(method=method, url=self.url + target, data=body, headers=headers)
        self.auth.add_auth(request)
        signed = [(name, str(value)) for name, value in request.headers.items()]
        return [*signed, ("Content-Length", str(len(body)))]

    def request(self, connection, method, target, body):
        """The bytes of one request, head and body together."""
        head = h11.Request(method=method, target=target, headers=self.signed(method, target, body))
        out = connection.send(head)
        if body:
            out += connection.send(h11.Data(data=body))
        connection.send(h11.EndOfMessage())
        return out


class Client(Signer):
    def __init__(self):
        super().__init__()
        self.socket = socket.create_connection((self.peer.hostname, self.peer.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = h11.Connection(h11.CLIENT)

    def call(self, method, target, body=b""):
        connection, parts = self.connection, []
        self.socket.sendall(self.request(connection, method, target, body))
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(self.socket.recv(262_144))
            elif type(event) is h11.Data:
                parts.append(event.data)
            elif type(event) is h11.Response:
                if event.status_code != 200:
                    raise RuntimeError(event)
            elif type(event) is h11.EndOfMessage:
                connection.start_next_cycle()
                return b"".join(parts)


CLIENT = None


class Run:
    """One invocation: the operations known so far, by id, and the token."""

    def __init__(self, event):
        global CLIENT
        CLIENT = self.client = CLIENT or Client()
        self.token, self.base = event["CheckpointToken"], base_path(event)
        page = event["InitialExecutionState"]
        self.operations = by_id(page)
        while marker := page.get("NextMarker"):
            page = json.loads(self.client.call("GET", page_path(self, marker)))
            self.operations |= by_id(page)

    def checkpoint(self, updates):
        body = encode({"CheckpointToken": self.token, "Updates": updates}).encode()
        answer = json.loads(self.client.call("POST", self.base + "/checkpoint", body))
        self.token = answer["CheckpointToken"]
        self.operations |= by_id(answer["NewExecutionState"])


def base_path(event):
    arn = quote(event["DurableExecutionArn"], safe="-_.~")
    return "/2025-12-01/durable-executions/" + arn


def page_path(run, marker):
    token = quote(run.token, safe="")
    return f"{run.base}/state?CheckpointToken={token}&Marker={marker}&MaxItems=1000"


def by_id(page):
    return {operation["Id"]: operation for operation in page["Operations"]}


def operation_id(n, parent=None):
    text = f"{parent}-{n}" if parent else str(n)
    return hashlib.blake2b(text.encode()).hexdigest()[:64]


def update(id_, subtype, action, name, parent=None, payload=None):
    kind = "STEP" if subtype == "Step" else "CONTEXT"
    fields = {"Id": id_, "Type": kind, "Action": action, "Name": name, "SubType": subtype}
    if parent:
        fields["ParentId"] = parent
    if payload is not None:
        fields["Payload"] = payload
    return fields


def user_input(event):
    first = event["InitialExecutionState"]["Operations"][0]
    return json.loads(first["ExecutionDetails"]["InputPayload"])


def seq(run, n, body):
    total = 0
    for i in range(1, n + 1):
        key, name = operation_id(i), f"step-{i}"
        if key not in run.operations:
            text = encode(body(i))
            start = update(key, "Step", "START", name)
            run.checkpoint([start, update(key, "Step", "SUCCEED", name, payload=text)])
        operation = run.operations[key]
        if operation["Status"] != "SUCCEEDED" or operation["Name"] != name:
            raise RuntimeError(operation)
        total += json.loads(operation["StepDetails"]["Result"])["i"]
    return total


def fan(run, n, limit, body):
    root, results, wave = operation_id(1), [], limit or n
    queue = [update(root, "Map", "START", "fan")]

    def flush():
        while queue:
            run.checkpoint(queue[:250])
            del queue[:250]

    for start in range(0, n, wave):
        branches = []
        for k in range(start, min(n, start + wave)):
            branch, item = operation_id(k, root), f"map-item-{k}"
            step, text = operation_id(1, branch), encode(body(k + 1))
            queue.append(update(branch, "MapIteration", "START", item, root))
            queue.append(update(step, "Step", "START", "work", branch))
            queue.append(update(step, "Step", "SUCCEED", "work", branch, text))
            branches.append((branch, item, step))
        flush()
        for branch, item, step in branches:
            text = run.operations[step]["StepDetails"]["Result"]
            results.append(json.loads(text))
            queue.append(update(branch, "MapIteration", "SUCCEED", item, root, text))
    flush()
    run.checkpoint([update(root, "Map", "SUCCEED", "fan", payload=encode(results))])
    return sum(result["i"] for result in results)


def make(body):
    def handler(event, context):
        run, wanted = Run(event), user_input(event)
        if wanted["mode"] == "seq":
            total = seq(run, wanted["n"], body)
        else:
            total = fan(run, wanted["n"], wanted["limit"], body)
        return {"Status": "SUCCEEDED", "Result": json.dumps(total)}

    return handler


def client_loop(arn, token):
    state = {"Operations": []}
    run = Run(
        {"DurableExecutionArn": arn, "CheckpointToken": token, "InitialExecutionState": state}
    )

    def loop(n):
        for i in range(n):
            key = f"{i:064d}"
            run.checkpoint([update(key, "Step", "SUCCEED", "s", payload='{"i":1,"ok":true}')])
            if run.operations[key]["Status"] != "SUCCEEDED":
                raise RuntimeError(run.operations[key])

    return loop
