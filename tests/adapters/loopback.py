"""A server on blocking sockets that keeps every request and answers by a script.

It is written by hand, on no HTTP library: what it records is what was on the wire.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from adapters.replies import (
    NORMAL,
    Answer,
    CloseAfter,
    Cut,
    Drip,
    Held,
    Normal,
    Raw,
    Reply,
    Silence,
)
from perdure.endpoints import Endpoint
from perdure_aws import ClientSettings, CredentialChain

THREADS: Final = "loopback"
"""How the names of this server's own threads begin."""

_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Received:
    """One request as it came.

    Args:
        raw: every byte of it.
        connection: the number of the connection it came on, from 1.
        at: when its last byte came, on the monotonic clock.
    """

    raw: bytes
    connection: int
    at: float
    method: str = field(init=False)
    target: str = field(init=False)
    headers: dict[str, str] = field(init=False)
    body: bytes = field(init=False)

    def __post_init__(self) -> None:
        head, _, body = self.raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        assert version == "HTTP/1.1"
        pairs = [line.partition(": ") for line in lines]
        found = {name.lower(): value for name, _, value in pairs}
        for name, value in (
            ("method", method),
            ("target", target),
            ("headers", found),
            ("body", body),
        ):
            object.__setattr__(self, name, value)

    def json(self) -> dict[str, Any]:
        """Its body."""
        body: dict[str, Any] = json.loads(self.body)
        return body

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The updates in its body."""
        found: list[dict[str, Any]] = self.json()["Updates"]
        return found

    @property
    def actions(self) -> list[str]:
        """What its updates do, in short: ``STEP START``."""
        return [f"{update['Type']} {update['Action']}" for update in self.updates]


class Loopback:
    """A port of 127.0.0.1, which refuses connections until this is entered as a context.

    Args:
        answer: the well-behaved service: a request in, its answer out.
        tls: a server's context, to be spoken to in TLS only.
    """

    def __init__(
        self, answer: Callable[[Received], Answer], tls: ssl.SSLContext | None = None
    ) -> None:
        self._answer: Final = answer
        self._tls: Final = tls
        self._lock: Final = threading.Lock()
        self._closing = False
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener: Final = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: Final[int] = self._listener.getsockname()[1]
        self.script: Final[deque[Reply]] = deque()
        self.otherwise: Reply = NORMAL
        self.requests: Final[list[Received]] = []
        self.connections = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'http' if self._tls is None else 'https'}://localhost:{self.port}"

    def settings(
        self, *, connect_seconds: float = 2.0, read_seconds: float = 2.0
    ) -> ClientSettings:
        """How a client finds it."""
        return ClientSettings(
            Endpoint("http" if self._tls is None else "https", "127.0.0.1", self.port),
            "us-east-1",
            CredentialChain({"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalr"}),
            connect_seconds,
            read_seconds,
        )

    def plan(self, *replies: Reply) -> None:
        """What to do with the next requests, one each; all others get `otherwise`."""
        self.script.extend(replies)

    def __enter__(self) -> Loopback:
        self._listener.listen(128)
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closing = True
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        # A blocking accept sees nothing but a connection.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()
        assert not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Give the port up without ever having listened."""
        self._listener.close()

    # -- its threads -----------------------------------------------------------------

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        name = f"{THREADS}-{len(self._threads)}"
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            with self._lock:
                if self._closing:
                    sock.close()
                    return
                self.connections += 1
                self._open.append(sock)
                self._spawn(self._serve, sock, self.connections)

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            # The peer may vanish at any point; that is its right.
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    sock = self._tls.wrap_socket(sock, server_side=True)
                    with self._lock:
                        self._open.append(sock)
                while (raw := _read(sock)) is not None:
                    request = Received(raw, number, time.monotonic())
                    with self._lock:
                        self.requests.append(request)
                        reply = self.script.popleft() if self.script else self.otherwise
                    if not self._reply(sock, request, reply):
                        break
        finally:
            with self._lock:
                self._open = [each for each in self._open if each is not sock]
                sock.close()

    def _reply(self, sock: socket.socket, request: Received, reply: Reply) -> bool:
        """Carry out one reply. True: the connection may carry another request."""
        match reply:
            case Normal():
                sock.sendall(_encode(self._answer(request)))
            case Answer():
                sock.sendall(_encode(reply))
            case Cut(sent, taken, reset):
                data = _encode(self._answer(request) if taken else Answer(200, b"{}"))
                sock.sendall(data[:sent])
                if reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return False
            case CloseAfter():
                sock.sendall(_encode(self._answer(request)))
                return False
            case Silence():
                while sock.recv(65536):
                    pass
                return False
            case Drip(pieces, pause):
                data = _encode(self._answer(request))
                size = len(data) // pieces + 1
                for start in range(0, len(data), size):
                    time.sleep(pause)
                    sock.sendall(data[start : start + size])
            case Held(gate):
                assert gate.wait(10), "the test never opened the gate"
                sock.sendall(_encode(self._answer(request)))
            case Raw(data):
                sock.sendall(data)
                return False
            case _:
                assert_never(reply)
        return True


def _read(sock: socket.socket) -> bytes | None:
    """The bytes of one request; None at the end of the stream."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        data = sock.recv(65536)
        if not data:
            return None
        raw += data
    head, _, body = raw.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    chunks = [raw]
    while missing > 0:
        data = sock.recv(min(missing, 1 << 20))
        if not data:
            return None
        chunks.append(data)
        missing -= len(data)
    return b"".join(chunks)


def _encode(answer: Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} whatever", f"content-length: {len(answer.body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body
