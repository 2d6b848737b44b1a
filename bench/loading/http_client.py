"""A keep-alive HTTP connection that costs the generator little: one write, one parse an answer."""

from __future__ import annotations

import asyncio
import re

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
CLOSES = re.compile(rb"\r\nconnection: *close", re.I)
ARN = re.compile(rb"\r\nx-amz-durable-execution-arn: *(\S+)", re.I)
# What an AWS SDK sends with every request; a server has to read it all.
SDK_HEADERS = (
    "User-Agent: Boto3/1.44.5 md/Botocore#1.44.5 os/linux md/arch#x86_64 lang/python#3.11\r\n"
    "X-Amz-Date: 20260101T000000Z\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE0000000AA/20260101/us-west-2/lambda/"
    "aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=" + "0a1b2c3d" * 8 + "\r\n"
    "amz-sdk-invocation-id: 7f3c9a52-0d7e-4f83-9d3c-5b1f5a6d2c11\r\n"
    "amz-sdk-request: attempt=1\r\n"
)


class Unanswered(Exception):
    """The server closed the connection in the middle of an answer."""


def request_head(method, target, port, *headers):
    """All of a request's head but its length; give it to `HttpConnection.ask`."""
    lines = "".join(f"{line}\r\n" for line in headers)
    text = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{SDK_HEADERS}{lines}"
    return text.encode()


class HttpConnection(asyncio.Protocol):
    """One connection, one request at a time; opened anew whenever the server has closed it."""

    def __init__(self, port):
        self.port = port
        self.transport = None
        self.buffer = bytearray()
        self.waiter = None

    async def ask(self, head, body=b""):
        """Send a request; its answer as (status, head, body)."""
        loop = asyncio.get_running_loop()
        if self.transport is None:
            await loop.create_connection(lambda: self, "127.0.0.1", self.port)
        self.waiter = loop.create_future()
        self.transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
        return await self.waiter

    def close(self):
        """Close it; `ask` would open it again."""
        if self.transport is not None:
            self.transport.abort()
            self.transport = None

    def connection_made(self, transport):
        self.transport = transport
        self.buffer.clear()

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.buffer[: end + 2])
        length = LENGTH.search(head)
        if length is None and not head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 304")):
            if self._closes(head):
                return  # its end is the connection's
            raise RuntimeError(f"an answer of unknown length: {head!r}")
        stop = end + 4 + (0 if length is None else int(length[1]))
        if len(self.buffer) >= stop:
            self._answer(head, bytes(self.buffer[end + 4 : stop]))
            del self.buffer[:stop]

    def connection_lost(self, error):
        self.transport = None
        if self.waiter is None or self.waiter.done():
            return
        end = self.buffer.find(b"\r\n\r\n")
        head = bytes(self.buffer[: end + 2])
        if end < 0 or LENGTH.search(head) is not None:
            self.waiter.set_exception(
                Unanswered(f"{error or 'closed'} after {bytes(self.buffer)!r}")
            )
        else:
            self._answer(head, bytes(self.buffer[end + 4 :]))

    def _closes(self, head):
        return head.startswith(b"HTTP/1.0") or CLOSES.search(head) is not None

    def _answer(self, head, body):
        if self._closes(head):
            self.close()
        if not self.waiter.done():  # nobody waits any more when a measurement is over
            self.waiter.set_result((int(head[9:12]), head, body))
