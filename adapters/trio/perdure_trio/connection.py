"""One connection to the service, on a trio stream."""

from __future__ import annotations

import socket
import ssl
from typing import Final

import trio

from perdure.errors import TransportError, TransportTimeoutError
from perdure.http import Connect, Disconnect, Link, Receive, Send, Transport
from perdure_aws import ClientSettings

_CHUNK: Final = 262_144


class Connection:
    """The four things that an exchange asks of a runtime.

    A stream is not bound to one `trio.run`, so the connection serves the next one, too.
    """

    def __init__(self, settings: ClientSettings, tls: ssl.SSLContext | None) -> None:
        self.link: Final = Link()
        self._settings: Final = settings
        self._tls: Final = tls
        self._socket: trio.socket.SocketType | None = None
        self._stream: trio.abc.Stream | None = None

    async def perform(self, effect: Transport) -> bytes:
        """Carry out one effect of an exchange; what fails becomes a TransportError."""
        try:
            match effect:
                case Connect():
                    with trio.fail_after(self._settings.connect_seconds):
                        await self._connect()
                case Send(data):
                    with trio.fail_after(self._settings.read_seconds):
                        await self._open().send_all(data)
                case Receive():
                    with trio.fail_after(self._settings.read_seconds):
                        return bytes(await self._open().receive_some(_CHUNK))
                case Disconnect():
                    self.close()
        except trio.TooSlowError:
            raise TransportTimeoutError(f"{type(effect).__name__} took too long") from None
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            # trio's own errors say nothing; what lies beneath does.
            reason = error.__cause__ or error
            raise TransportError(f"{type(effect).__name__} failed: {reason}") from error
        return b""

    def close(self) -> None:
        """Close the connection at once, without TLS's farewell."""
        self.link.connection = None
        sock, self._socket, self._stream = self._socket, None, None
        if sock is not None:
            # trio's own close works inside of a run only, and this may be the very end.
            socket.close(sock.detach())

    async def _connect(self) -> None:
        endpoint = self._settings.endpoint
        plain = await trio.open_tcp_stream(endpoint.host, endpoint.port)
        self._socket = plain.socket
        self._stream = plain
        if self._tls is not None:
            secure = trio.SSLStream(
                plain, self._tls, server_hostname=endpoint.host, https_compatible=True
            )
            self._stream = secure
            try:
                # Left to the first bytes, it would be no part of connecting.
                await secure.do_handshake()
            except BaseException:
                self.close()
                raise

    def _open(self) -> trio.abc.Stream:
        if self._stream is None:
            raise TransportError("the connection is closed")
        return self._stream
