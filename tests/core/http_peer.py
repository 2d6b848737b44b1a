"""The other end of an HTTP connection, without a socket: h11 in the role of the server."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import h11

from perdure.drive import drive_sync
from perdure.errors import TransportError
from perdure.http import Connect, Disconnect, HttpRequest, Receive, Send, Transport

T = TypeVar("T")
Headers = Sequence[tuple[str, str]]

CLOSED: Final = b""
"""What is received at the end of the stream."""


@dataclass
class Peer:
    """A server on one connection. It answers with bytes, which a test may then cut up."""

    connection: h11.Connection = field(default_factory=lambda: h11.Connection(h11.SERVER))

    def receive(self, data: bytes) -> HttpRequest:
        """Read one whole request."""
        self.connection.receive_data(data)
        request = self.connection.next_event()
        assert isinstance(request, h11.Request), request
        body = b""
        while isinstance(event := self.connection.next_event(), h11.Data):
            body += bytes(event.data)
        assert isinstance(event, h11.EndOfMessage), event
        headers = tuple((name.decode(), value.decode()) for name, value in request.headers)
        return HttpRequest(request.method.decode(), request.target.decode(), headers, body)

    def answer(
        self,
        body: bytes = b"",
        status: int = 200,
        *,
        headers: Headers = (),
        informational: Sequence[int] = (),
        chunks: int = 0,
    ) -> bytes:
        """One answer: framed by its length, or in so many chunks."""
        length = ("Content-Length", str(len(body)))
        framing = ("Transfer-Encoding", "chunked") if chunks else length
        size = -(-len(body) // (chunks or 1)) or 1
        events: list[h11.Event] = [
            *(h11.InformationalResponse(status_code=code, headers=[]) for code in informational),
            h11.Response(status_code=status, headers=[*headers, framing]),
            *(h11.Data(data=body[at : at + size]) for at in range(0, len(body), size)),
            h11.EndOfMessage(),
        ]
        out = b"".join(self.connection.send(event) or b"" for event in events)
        if self.connection.our_state is h11.DONE:
            self.connection.start_next_cycle()
        return out


Reply = Callable[[Peer], Sequence[bytes | TransportError]]
"""What comes back for one request, piece by piece."""


def whole(body: bytes = b"{}") -> Reply:
    """An ordinary answer, in one piece."""
    return lambda peer: [peer.answer(body)]


@dataclass
class Network:
    """Carries out the effects of an exchange and keeps a log of them.

    Args:
        connections: for each connection the replies to its requests; None cannot connect.
            A reply may be an error that sending raises.
    """

    connections: Sequence[Sequence[Reply | TransportError] | None]
    log: list[str] = field(default_factory=list[str])
    requests: list[HttpRequest] = field(default_factory=list[HttpRequest])

    def __post_init__(self) -> None:
        self._waiting = iter(self.connections)
        self._peer = Peer()
        self._replies: list[Reply | TransportError] = []
        self._pieces: list[bytes | TransportError] = []

    def do(self, exchange: Coroutine[Transport, bytes, T]) -> T:
        """Drive one exchange."""
        return drive_sync(exchange, self._perform)

    def _perform(self, effect: Transport) -> bytes:
        self.log.append(type(effect).__name__)
        match effect:
            case Connect():
                replies = next(self._waiting)
                if replies is None:
                    raise TransportError("connection refused")
                self._peer, self._replies = Peer(), list(replies)
            case Send(data):
                reply = self._replies.pop(0) if self._replies else TransportError("broken pipe")
                if isinstance(reply, TransportError):
                    raise reply
                self.requests.append(self._peer.receive(data))
                self._pieces = list(reply(self._peer))
            case Receive():
                piece = self._pieces.pop(0)
                if isinstance(piece, TransportError):
                    raise piece
                return piece
            case Disconnect():
                self._pieces, self._replies = [], []
        return b""
