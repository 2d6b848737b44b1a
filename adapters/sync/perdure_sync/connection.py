"""One connection to the service, on a blocking socket."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from perdure.errors import TransportError, TransportTimeoutError
from perdure.http import Connect, Disconnect, Link, Receive, Send, Transport
from perdure_aws import ClientSettings

_CHUNK: Final = 262_144


class Connection:
    """The four things that an exchange asks of a runtime."""

    def __init__(self, settings: ClientSettings, tls: ssl.SSLContext | None) -> None:
        self.link: Final = Link()
        self._settings: Final = settings
        self._tls: Final = tls
        self._socket: socket.socket | None = None

    def perform(self, effect: Transport) -> bytes:
        """Carry out one effect of an exchange; what fails becomes a TransportError."""
        try:
            match effect:
                case Connect():
                    self._connect()
                case Send(data):
                    self._open().sendall(data)
                case Receive():
                    return self._open().recv(_CHUNK)
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
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()

    def _connect(self) -> None:
        endpoint = self._settings.endpoint
        sock = socket.create_connection(
            (endpoint.host, endpoint.port), self._settings.connect_seconds
        )
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_hostname=endpoint.host)
            sock.settimeout(self._settings.read_seconds)
        except BaseException:
            sock.close()
            raise
        self._socket = sock

    def _open(self) -> socket.socket:
        if self._socket is None:
            raise TransportError("the connection is closed")
        return self._socket
