"""Functions without processes: a Lambda-shaped endpoint whose functions are one coroutine."""

from __future__ import annotations

import asyncio
import json
import re

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class LambdaEndpoint:
    """Answers every invocation with what `work(event)` returns.

    It listens on a free port of 127.0.0.1 from `open` on. A `work` that raises is the
    benchmark's own fault: `failures` collects what it raised.
    """

    def __init__(self, work):
        self.work = work
        self.failures = []
        self.closed = False
        self.tasks = set()

    async def open(self):
        """Listen; the port."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Caller(self), "127.0.0.1", 0, backlog=1024)
        self.server = server
        return server.sockets[0].getsockname()[1]

    def close(self):
        """Take no more invocations, and give up those under way."""
        self.closed = True
        self.server.close()
        for task in self.tasks:
            task.cancel()

    def begin(self, body, answer):
        """Start the work of one invocation."""
        if self.closed:
            return
        task = asyncio.get_running_loop().create_task(self._run(json.loads(body), answer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _run(self, event, answer):
        try:
            output = await self.work(event)
        except Exception as error:
            self.failures.append(error)
            output = {"Status": "FAILED", "Error": {"ErrorMessage": repr(error)}}
        answer(json.dumps(output).encode())


class _Caller(asyncio.Protocol):
    """One connection of the service: an invocation at a time, with keep-alive."""

    def __init__(self, endpoint):
        self.endpoint, self.buffer = endpoint, bytearray()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        stop = end + 4 + int(LENGTH.search(self.buffer, 0, end + 2)[1])
        if len(self.buffer) >= stop:
            body = bytes(self.buffer[end + 4 : stop])
            del self.buffer[:stop]
            self.endpoint.begin(body, self._answer)

    def _answer(self, body):
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
