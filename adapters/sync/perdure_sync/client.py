"""The service over HTTP, on blocking sockets."""

from __future__ import annotations

from contextlib import suppress
from time import time
from typing import Final

from perdure.drive import drive_sync
from perdure.errors import TransportError
from perdure.http import HttpRequest, connect, exchange
from perdure.models.checkpoint import (
    CheckpointRequest,
    CheckpointResponse,
    StatePage,
    StateRequest,
)
from perdure.models.decode import decode_checkpoint_response, decode_state_response
from perdure.service_calls import body_of, checkpoint_call, state_call
from perdure.signing import Signer
from perdure.version import USER_AGENT
from perdure_aws import ClientSettings, settings_from_environment, tls_context

from .connection import Connection


class ServiceClient:
    """Calls the durable execution service with signed requests.

    It keeps one idle connection for each of its concurrent users, over invocations too.
    It does not repeat requests. Threads may share it.

    Args:
        settings: endpoint, region and credentials; by default from the environment.
    """

    def __init__(self, settings: ClientSettings | None = None) -> None:
        self._settings: Final = settings_from_environment() if settings is None else settings
        self._signer: Final = Signer(self._settings.endpoint, self._settings.region, USER_AGENT)
        self._tls: Final = tls_context() if self._settings.endpoint.is_tls else None
        self._idle: list[Connection] = []

    def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """CheckpointDurableExecution; see `perdure.service_client`."""
        return decode_checkpoint_response(self._call(checkpoint_call(request)))

    def get_operations(self, request: StateRequest) -> StatePage:
        """GetDurableExecutionState; see `perdure.service_client`."""
        return decode_state_response(self._call(state_call(request)))

    def connect(self) -> None:
        """Open a connection ahead of the first call. A failure is left for that call."""
        connection = self._connection()
        with suppress(TransportError):
            drive_sync(connect(connection.link), connection.perform)
        self._idle.append(connection)

    def close(self) -> None:
        """Close the idle connections. The client may be used again."""
        while self._idle:
            self._idle.pop().close()

    def _call(self, request: HttpRequest) -> bytes:
        signed = self._signer.sign(request, self._settings.credentials.load(), time())
        connection = self._connection()
        try:
            response = drive_sync(exchange(connection.link, signed), connection.perform)
        finally:
            self._idle.append(connection)
        return body_of(response)

    def _connection(self) -> Connection:
        try:
            # One step, so that two threads never get the same one.
            return self._idle.pop()
        except IndexError:
            return Connection(self._settings, self._tls)
