"""One connection to the service, on asyncio streams."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Final

from perdure.errors import TransportError, TransportTimeoutError
from perdure.http import Connect, Disconnect, Link, Receive, Send, Transport
from perdure_aws import ClientSettings

_CHUNK: Final = 262_144


class Connection:
    """The four things that an exchange asks of a runtime."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        settings: ClientSettings,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.link: Final = Link()
        self.loop: Final = loop
        self._settings: Final = settings
        self._tls: Final = tls
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def perform(self, effect: Transport) -> bytes:
        """Carry out one effect of an exchange; what fails becomes a TransportError."""
        try:
            match effect:
                case Connect():
                    async with asyncio.timeout(self._settings.connect_seconds):
                        await self._connect()
                case Send(data):
                    _, writer = self._open()
                    writer.write(data)
                    async with asyncio.timeout(self._settings.read_seconds):
                        await writer.drain()
                case Receive():
                    reader, _ = self._open()
                    async with asyncio.timeout(self._settings.read_seconds):
                        return await reader.read(_CHUNK)
                case Disconnect():
                    self.close()
        except TimeoutError:
            raise TransportTimeoutError(f"{type(effect).__name__} took too long") from None
        except OSError as error:
            raise TransportError(f"{type(effect).__name__} failed: {error}") from error
        return b""

    def close(self) -> None:
        """Close the connection at once, without TLS's farewell."""
        self.link.connection = None
        streams, self._streams = self._streams, None
        if streams is not None:
            # The loop it belonged to may be closed already; then its sockets are, too.
            with suppress(RuntimeError):
                streams[1].transport.abort()

    async def _connect(self) -> None:
        endpoint = self._settings.endpoint
        reader, writer = await asyncio.open_connection(
            endpoint.host, endpoint.port, ssl=self._tls, limit=_CHUNK
        )
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._streams = reader, writer

    def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise TransportError("the connection is closed")
        return self._streams
