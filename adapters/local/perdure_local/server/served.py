"""The embedded service on a socket, by default of 127.0.0.1, served by a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal

from ..embedded import EmbeddedService

if TYPE_CHECKING:
    from perdure.service.signatures import SignatureCheck

KEEP_ALIVE_SECONDS: Final = 75
LOOPBACK: Final = "127.0.0.1"


class Served:
    """A context manager that serves an embedded service over HTTP.

    It takes the port at once, so `url` is known before anything runs; requests are
    answered from ``with`` on. The service belongs to the serving thread from then on: use
    it over HTTP only.

    Args:
        embedded: the service.
        port: to listen on; 0 takes any that is free.
        host: the IPv4 address to listen on. Anything but 127.0.0.1 needs a token.
        token: what every request must show; None serves this machine only.
        signatures: checks how each request is signed; None believes them all.

    Raises:
        OSError: the port is taken, or the address is not of this machine.
    """

    def __init__(
        self,
        embedded: EmbeddedService,
        *,
        port: int = 0,
        host: str = LOOPBACK,
        token: str | None = None,
        signatures: SignatureCheck | None = None,
    ) -> None:
        if host != LOOPBACK and token is None:
            raise ValueError("listening for other machines needs a token")
        self._embedded: Final = embedded
        self._token: Final = token
        self._signatures: Final = signatures
        self._socket: Final = _listener(host, port)
        self._thread: Final = threading.Thread(
            target=self._run, name="perdure-service", daemon=True
        )
        self._running: Final = threading.Event()
        self._stop: Callable[[], None] | None = None

    @property
    def url(self) -> str:
        """Where this machine finds it, such as ``http://127.0.0.1:49152``."""
        host: str = self._socket.getsockname()[0]
        return f"http://{LOOPBACK if host == '0.0.0.0' else host}:{self.port}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def alive(self) -> bool:
        """Whether it still serves."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Give the port back, if it was taken for nothing. Harmless afterwards."""
        if not self._thread.is_alive():
            self._socket.close()

    def __enter__(self) -> Served:
        self._thread.start()
        self._running.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stop is not None:
            self._stop()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._socket.close()
            self._running.set()

    async def _serve(self) -> None:
        import uvicorn

        from .asgi import Application

        config = uvicorn.Config(
            Application(self._embedded, self._token, self._signatures),
            http=_http(),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        logging.getLogger("uvicorn.error").addFilter(_is_no_advice)

        loop = asyncio.get_running_loop()

        def stop() -> None:
            server.should_exit = True
            # Pages wait for news; without this they would hold up the end. The loop may
            # have ended by itself.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._embedded.changes.close)

        self._stop = stop
        self._embedded.attach(loop)
        self._running.set()
        try:
            await server.serve(sockets=[self._socket])
        finally:
            self._embedded.detach()


def _is_no_advice(record: logging.LogRecord) -> bool:
    # No WebSocket is served here, whatever one installs.
    return "uvicorn[standard]" not in record.getMessage()


def _http() -> type[asyncio.Protocol] | Literal["h11"]:
    try:
        from .http_protocol import HttpProtocol
    except ModuleNotFoundError:
        # httptools is compiled, and not there for every platform.
        return "h11"
    return HttpProtocol


def _listener(host: str, port: int) -> socket.socket:
    bare = socket.create_server((host, port), backlog=128)
    # asyncio turns Nagle's algorithm off only where the protocol is named. With it, an answer
    # (head and body are two writes) would wait 40 ms for the client's delayed ACK.
    return socket.socket(bare.family, bare.type, socket.IPPROTO_TCP, fileno=bare.detach())
