"""A neutral stub of the checkpoint API on loopback: fast, and the same for every driver.

    POST /2025-12-01/durable-executions/{arn}/checkpoint
    GET  /2025-12-01/durable-executions/{arn}/state?CheckpointToken=…&Marker=…&MaxItems=…
    POST /_bench/reset   {"delay_ms": 0, "history": 0, "template": "…"}: settings; counters at zero
    POST /_bench/stats   the counters since then

It judges no request beyond its shape: it is here to cost little, not to be right. Prints
`PORT <number>` once it listens, and ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import sys
import threading
import time
from urllib.parse import parse_qs

from history import FIRST_PAGE, PLAIN, finished_step

PAGE = 1000
STATUS = {"START": "STARTED", "SUCCEED": "SUCCEEDED", "FAIL": "FAILED"}
DETAILS = {"STEP": "StepDetails", "CONTEXT": "ContextDetails", "EXECUTION": "ExecutionDetails"}
# Without it a client that lacks TCP_NODELAY would be measured by the delayed ACKs of this kernel.
QUICKACK = getattr(socket, "TCP_QUICKACK", None)
dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Service:
    """What the stub knows: its settings, its counters, and the pages of the history."""

    def __init__(self):
        self.tokens = 0
        self.reset({})

    def reset(self, settings):
        self.delay = settings.get("delay_ms", 0) / 1000
        self.counters = {"requests": 0, "updates": 0}
        history, template = settings.get("history", 0), settings.get("template", PLAIN)
        # Rendered before the run, so that serving a page costs next to nothing during it.
        self.pages = {
            start: render_page(start, min(start + PAGE, history), history, template)
            for start in range(FIRST_PAGE, history, PAGE)
        }

    def answer(self, method, target, body):
        """(status, response body, whether it counts as a request of the client)"""
        path, _, query = target.partition("?")
        if method == "POST" and path.endswith("/checkpoint"):
            return 200, self.checkpoint(json.loads(body)), True
        if method == "GET" and path.endswith("/state"):
            return 200, self.pages[int(parse_qs(query)["Marker"][0])], True
        if path == "/_bench/reset":
            self.reset(json.loads(body))
            return 200, b"{}", False
        if path == "/_bench/stats":
            return 200, dumps(self.counters).encode(), False
        return 404, b'{"message":"no such path"}', True

    def checkpoint(self, request):
        if not request["CheckpointToken"]:
            raise ValueError("no CheckpointToken")
        updates = request.get("Updates") or []
        self.counters["updates"] += len(updates)
        now, operations, ended = round(time.time(), 3), {}, False
        for update in updates:
            apply(update, operations, now)
            ended = ended or (update["Type"] == "EXECUTION")
        response = {"NewExecutionState": {"Operations": list(operations.values())}}
        if not ended:
            self.tokens += 1
            token = b"tok-%012d-%s" % (self.tokens, b"0123456789abcdef" * 4)
            response["CheckpointToken"] = base64.b64encode(token).decode()
        return dumps(response).encode()


def render_page(start, end, history, template):
    page = {"Operations": [finished_step(i, template) for i in range(start + 1, end + 1)]}
    if end < history:
        page["NextMarker"] = str(end)
    return dumps(page).encode()


def apply(update, operations, now):
    """Merge one update into the operations that the response will hold."""
    kind, action = update["Type"], update["Action"]
    operation = operations.get(update["Id"])
    if operation is None:
        operation = {"Id": update["Id"], "Type": kind, "StartTimestamp": now, DETAILS[kind]: {}}
        operation |= {k: update[k] for k in ("ParentId", "Name", "SubType") if k in update}
        operations[update["Id"]] = operation
    operation["Status"] = STATUS[action]
    details = operation[DETAILS[kind]]
    if kind == "STEP":
        details["Attempt"] = 0 if action == "START" else 1
    if action != "START":
        operation["EndTimestamp"] = now
    if "Payload" in update:
        details["Result"] = update["Payload"]
    if "Error" in update:
        details["Error"] = update["Error"]
    if (update.get("ContextOptions") or {}).get("ReplayChildren"):
        details["ReplayChildren"] = True


class Connection(asyncio.Protocol):
    """One client: requests in, answers out, in order, with keep-alive."""

    def __init__(self, service):
        self.service, self.buffer = service, bytearray()

    def connection_made(self, transport):
        self.transport = transport
        self.socket = transport.get_extra_info("socket")

    def data_received(self, data):
        self.buffer += data
        if QUICKACK is not None:
            self.socket.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            line, *fields = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (f.partition(":") for f in fields)}
            stop = end + 4 + int(headers.get("content-length", 0))
            if len(self.buffer) < stop:
                return
            body = bytes(self.buffer[end + 4 : stop])
            del self.buffer[:stop]
            self.handle(line, body)

    def handle(self, line, body):
        method, target, _ = line.split(" ", 2)
        try:
            status, answer, counts = self.service.answer(method, target, body)
        except Exception as error:  # a client's mistake must show, not hang the run
            print(f"stub: {error!r} in {line[:200]}", file=sys.stderr, flush=True)
            status, answer, counts = 400, dumps({"message": repr(error)}).encode(), True
        self.service.counters["requests"] += counts
        if counts and self.service.delay:
            asyncio.get_running_loop().call_later(self.service.delay, self.send, status, answer)
        else:
            self.send(status, answer)

    def send(self, status, answer):
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"x-amzn-RequestId: 7f3c9a52-0d7e-4f83-9d3c-5b1f5a6d2c11\r\n\r\n%b"
            % (status, b"OK" if status == 200 else b"Error", len(answer), answer)
        )


async def serve():
    loop, service = asyncio.get_running_loop(), Service()
    server = await loop.create_server(lambda: Connection(service), "127.0.0.1", 0)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def watch():
        os.read(0, 1)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve())
