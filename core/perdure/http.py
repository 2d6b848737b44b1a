"""One HTTP/1.1 exchange over h11: bytes in, bytes out. It never reads a socket.

`HttpConnection` is the machine. `exchange` adds what every runtime would otherwise repeat:
connect when there is no connection, send head and body in one write, and open once more,
silently, when the peer had closed an idle connection before it saw the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from dataclasses import dataclass
from types import coroutine
from typing import Final

import h11

from .errors import RemoteProtocolError, TransportError, TransportTimeoutError
from .limits import MAX_RESPONSE_BYTES

_UNANSWERED: Final = "closed before an answer came"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """A request. `target` is the path and query, percent-encoded."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, repr=False)
class HttpResponse:
    """A whole answer. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Connect:
    """Effect: open the connection to the endpoint."""


@dataclass(frozen=True, slots=True)
class Send:
    """Effect: write all of these bytes, at once."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Receive:
    """Effect: read what has come; answer with bytes, empty at the end of the stream."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Effect: close the connection. Must not fail."""


Transport = Connect | Send | Receive | Disconnect
"""What an exchange asks of a runtime. Failures come back as `TransportError`; where the
runtime lost patience, as `TransportTimeoutError`."""


@coroutine
def _trap(effect: Transport) -> Generator[Transport, bytes, bytes]:
    return (yield effect)


def _ask(effect: Transport) -> Awaitable[bytes]:
    return _trap(effect)


class HttpConnection:
    """The client's side of one connection.

    Args:
        max_body: bytes of the largest answer that is read.
    """

    def __init__(self, max_body: int = MAX_RESPONSE_BYTES) -> None:
        self._h11: Final = h11.Connection(h11.CLIENT)
        self._max_body: Final = max_body
        self._response: h11.Response | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self.received = False

    def bytes_to_send(self, request: HttpRequest) -> bytes:
        """The whole request in one piece, so that it leaves in one write."""
        self.received = False
        # h11 takes lower-case bytes as they are; everything else it copies and checks twice.
        headers = [
            (name.lower().encode("ascii"), value.encode("latin-1"))
            for name, value in request.headers
        ]
        headers.append((b"content-length", b"%d" % len(request.body)))
        head = self._h11.send(
            h11.Request(method=request.method, target=request.target, headers=headers)
        )
        body = self._h11.send(h11.Data(data=request.body)) if request.body else b""
        end = self._h11.send(h11.EndOfMessage())
        return b"".join(part for part in (head, body, end) if part)

    def receive_data(self, data: bytes) -> HttpResponse | None:
        """Take in bytes, empty at the end of the stream; the answer once it is whole.

        Raises:
            TransportError: the stream ended before the answer did.
            RemoteProtocolError: this is not HTTP, or larger than allowed.
        """
        self.received = self.received or bool(data)
        try:
            self._h11.receive_data(data)
            while True:
                event = self._h11.next_event()
                if event is h11.NEED_DATA:
                    return None
                if isinstance(event, h11.Response):
                    self._response = event
                elif isinstance(event, h11.Data):
                    self._take(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    return self._finish()
                elif isinstance(event, h11.ConnectionClosed):
                    raise TransportError(f"the connection was {_UNANSWERED}")
        except h11.RemoteProtocolError as error:
            if not data:
                when = "cut off within the answer" if self.received else _UNANSWERED
                raise TransportError(f"the connection was {when}") from None
            raise RemoteProtocolError(f"the answer is not HTTP: {error}") from None

    @property
    def is_reusable(self) -> bool:
        """Whether another request may follow on this connection."""
        # What came unasked would be taken for the next answer; the end of the stream, too.
        return (
            self._h11.our_state is h11.IDLE
            and self._h11.their_state is h11.IDLE
            and self._h11.trailing_data == (b"", False)
        )

    def _take(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._max_body:
            raise RemoteProtocolError(f"the answer is larger than {self._max_body} bytes")
        self._parts.append(data)

    def _finish(self) -> HttpResponse:
        response, body = self._response, b"".join(self._parts)
        assert response is not None  # h11 ends no message that it did not begin
        self._response, self._parts, self._size = None, [], 0
        if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()
        headers = {
            name.decode("ascii"): value.decode("latin-1") for name, value in response.headers
        }
        return HttpResponse(response.status_code, headers, body)


class Link:
    """The one connection that a client keeps between its requests, over invocations too."""

    __slots__ = ("connection", "max_body")

    def __init__(self, max_body: int = MAX_RESPONSE_BYTES) -> None:
        self.max_body: Final = max_body
        self.connection: HttpConnection | None = None


async def connect(link: Link) -> None:
    """Open the connection ahead of the first exchange.

    Raises:
        TransportError: there is no getting through.
    """
    if link.connection is None:
        await _ask(Connect())
        link.connection = HttpConnection(link.max_body)


async def exchange(link: Link, request: HttpRequest) -> HttpResponse:
    """Send a request and read its answer. Drive it with `perdure.drive`.

    Raises:
        TransportError: no whole answer came. The connection is closed.
        RemoteProtocolError: what came is not HTTP, or too large. Closed, too.
    """
    reused = link.connection is not None
    while True:
        await connect(link)
        connection = link.connection
        assert connection is not None
        try:
            await _ask(Send(connection.bytes_to_send(request)))
            response = None
            while response is None:
                response = connection.receive_data(await _ask(Receive()))
        except BaseException as error:
            link.connection = None
            await _ask(Disconnect())
            # The peer may close an idle connection at any time; it has then seen nothing.
            gone = isinstance(error, TransportError) and not connection.received
            if reused and gone and not isinstance(error, TransportTimeoutError):
                reused = False
                continue
            raise
        if not connection.is_reusable:
            link.connection = None
            await _ask(Disconnect())
        return response
