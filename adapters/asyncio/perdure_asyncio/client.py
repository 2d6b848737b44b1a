"""The service over HTTP, on asyncio."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import time
from typing import Final

from perdure.drive import drive_async
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

    It keeps one idle connection for each of its concurrent users, over invocations too,
    as long as they share an event loop. It does not repeat requests.

    Args:
        settings: endpoint, region and credentials; by default from the environment.
    """

    def __init__(self, settings: ClientSettings | None = None) -> None:
        self._settings: Final = settings_from_environment() if settings is None else settings
        self._signer: Final = Signer(self._settings.endpoint, self._settings.region, USER_AGENT)
        self._tls: Final = tls_context() if self._settings.endpoint.is_tls else None
        self._idle: list[Connection] = []

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """CheckpointDurableExecution; see `perdure.service_client`."""
        return decode_checkpoint_response(await self._call(checkpoint_call(request)))

    async def get_operations(self, request: StateRequest) -> StatePage:
        """GetDurableExecutionState; see `perdure.service_client`."""
        return decode_state_response(await self._call(state_call(request)))

    async def connect(self) -> None:
        """Open a connection ahead of the first call. A failure is left for that call."""
        connection = self._connection()
        with suppress(TransportError):
            await drive_async(connect(connection.link), connection.perform)
        self._idle.append(connection)

    async def aclose(self) -> None:
        """Close the idle connections. The client may be used again."""
        while self._idle:
            self._idle.pop().close()

    async def _call(self, request: HttpRequest) -> bytes:
        chain = self._settings.credentials
        credentials = chain.at_hand()
        if credentials is None:
            credentials = await asyncio.to_thread(chain.load)
        signed = self._signer.sign(request, credentials, time())
        connection = self._connection()
        try:
            response = await drive_async(exchange(connection.link, signed), connection.perform)
        finally:
            self._idle.append(connection)
        return body_of(response)

    def _connection(self) -> Connection:
        loop = asyncio.get_running_loop()
        while self._idle:
            connection = self._idle.pop()
            if connection.loop is loop:
                return connection
            connection.close()
        return Connection(loop, self._settings, self._tls)
