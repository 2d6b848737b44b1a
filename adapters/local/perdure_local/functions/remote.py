"""Functions behind a Lambda-shaped endpoint: invoked by HTTP, as Lambda's own are."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, cast
from urllib.parse import quote

from perdure.drive import drive_async
from perdure.endpoints import Endpoint
from perdure.errors import RemoteProtocolError, TransportError, TransportTimeoutError
from perdure.http import HttpRequest, HttpResponse, connect, exchange
from perdure.models.operation import ErrorObject
from perdure.service.outcomes import read_function_error
from perdure.signing import Credentials, Signer
from perdure_asyncio.connection import Connection
from perdure_aws import ClientSettings, tls_context

from ..terminal.refused import one_line
from .invocations import Outcome, Raised, Returned, Unanswered

_STAND_IN: Final = Credentials("local", "local")
_CONNECT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, repr=False)
class InvocationRequest:
    """One RequestResponse invocation to make.

    Args:
        payload: the event, a JSON text.
        qualifier: the version or alias to invoke.
        seconds_left: how long to wait for the answer.
        tenant_id: for the invocation's header, where there is a tenant.
        trace_id: likewise.
    """

    payload: str
    qualifier: str
    seconds_left: float
    tenant_id: str | None = None
    trace_id: str | None = None


class RemoteFunction:
    """A function that an endpoint invokes for us.

    Args:
        name: of the function there.
        endpoint: of Lambda, or of what answers as Lambda does.
        region: to sign for.
    """

    def __init__(self, name: str, endpoint: Endpoint, region: str) -> None:
        self._name: Final = name
        self._endpoint: Final = endpoint
        self._region: Final = region
        self._signer: Final = Signer(endpoint, region, "perdure-local")

    async def invoke(self, invocation: InvocationRequest) -> Outcome:
        """Invoke it, on a connection of its own; nothing comes out but what came of it."""
        signed = self._signer.sign(self._request(invocation), _STAND_IN, time.time())
        # The signer has seen to the endpoint's own path by itself.
        request = replace(signed, target=self._endpoint.path + signed.target)
        seconds = max(0.001, invocation.seconds_left)
        settings = ClientSettings(
            self._endpoint, self._region, connect_seconds=_CONNECT_SECONDS, read_seconds=seconds
        )
        tls = _tls() if self._endpoint.is_tls else None
        connection = Connection(asyncio.get_running_loop(), settings, tls)
        try:
            await drive_async(connect(connection.link), connection.perform)
        except TransportError as error:
            return self._unreachable(error)
        try:
            async with asyncio.timeout(seconds):
                answer = await drive_async(exchange(connection.link, request), connection.perform)
        except (TimeoutError, TransportTimeoutError):
            return Unanswered()
        except (TransportError, RemoteProtocolError) as error:
            return self._unreachable(error)
        finally:
            # An idle one would occupy an endpoint that serves one connection at a time.
            connection.close()
        return _outcome(answer)

    def _unreachable(self, error: Exception) -> Raised:
        message = f"{self._endpoint.url} cannot be reached: {one_line(error)}"
        return Raised(ErrorObject(message, "Perdure.EndpointUnreachable"))

    def _request(self, invocation: InvocationRequest) -> HttpRequest:
        target = f"/2015-03-31/functions/{quote(self._name, safe='')}/invocations"
        if invocation.qualifier != "$LATEST":
            target += f"?Qualifier={quote(invocation.qualifier, safe='')}"
        headers = [
            ("Content-Type", "application/json"),
            ("X-Amz-Invocation-Type", "RequestResponse"),
        ]
        if invocation.tenant_id is not None:
            headers.append(("X-Amz-Tenant-Id", invocation.tenant_id))
        if invocation.trace_id is not None:
            headers.append(("X-Amzn-Trace-Id", invocation.trace_id))
        return HttpRequest("POST", target, tuple(headers), invocation.payload.encode())


@cache
def _tls() -> ssl.SSLContext:
    return tls_context()


def _outcome(answer: HttpResponse) -> Outcome:
    if answer.status >= 300:
        return _refusal(answer)
    if "x-amz-function-error" in answer.headers:
        return Raised(read_function_error(answer.body))
    try:
        return Returned(answer.body.decode())
    except UnicodeDecodeError:
        return Raised(ErrorObject("the function's answer is not UTF-8", "Runtime.MarshalError"))


def _refusal(answer: HttpResponse) -> Raised:
    """The endpoint did not invoke the function. Only what may pass is worth another try."""
    code = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    try:
        said: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    members = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    message = members.get("Message") or members.get("message")
    error = ErrorObject(
        str(message or f"the endpoint answered with HTTP status {answer.status}"),
        code or f"Http{answer.status}",
    )
    return Raised(error, retryable=answer.status >= 500 or answer.status in (408, 429))
