"""What the command line asks of a service: HTTP, signed like any client's."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Generator, Mapping
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

from perdure.endpoints import parse_endpoint
from perdure.errors import ValidationError
from perdure.http import HttpRequest, HttpResponse
from perdure.limits import MAX_RESPONSE_BYTES
from perdure.signing import Credentials, Signer

from .functions.http_call import call
from .terminal.refused import Refused, one_line

_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 50.0
_EXECUTIONS: Final = "/2025-12-01/durable-executions/"
_CALLBACKS: Final = "/2025-12-01/durable-execution-callbacks/"


class LocalClient:
    """Calls a service over HTTP; each call opens a connection of its own.

    Every method raises Refused if the service cannot be reached or does not do what it
    is asked for; the message is one line, with the service's own reason.

    Args:
        url: of the service.
        region: to sign for.
        token: what the service demands, if it does; sent instead of a signature.

    Raises:
        Refused: the URL is none.
    """

    def __init__(self, url: str, region: str, token: str | None = None) -> None:
        try:
            self._endpoint: Final = parse_endpoint(url)
        except ValidationError as error:
            raise Refused(str(error)) from None
        self._signer: Final = Signer(self._endpoint, region, "perdure-local")
        self._token: Final = token

    def start(self, function_name: str, payload: str, name: str | None = None) -> str:
        """Invoke a function as an event.

        Args:
            function_name: which.
            payload: its input, a JSON text.
            name: of the execution; one that has it already, and this input, is joined.

        Returns:
            The ARN of the execution.
        """
        path = f"/2015-03-31/functions/{quote(function_name, safe='')}/invocations"
        headers = [("X-Amz-Invocation-Type", "Event"), ("Content-Type", "application/json")]
        if name is not None:
            headers.append(("X-Amz-Durable-Execution-Name", _header(name)))
        answer = self.send(HttpRequest("POST", path, tuple(headers), payload.encode()))
        _demand_success(answer)
        arn = answer.headers.get("x-amz-durable-execution-arn")
        if arn is None:
            raise Refused(f"{function_name} was invoked, but it is not a durable function")
        return arn

    def functions(self) -> Generator[str]:
        """The names of the durable functions (ListFunctions)."""
        for each in self._pages("/2015-03-31/functions/", "Functions", "NextMarker"):
            if each.get("DurableConfig") is not None:
                yield each["FunctionName"]

    def executions(
        self, function_name: str, query: Mapping[str, str | list[str]]
    ) -> Generator[dict[str, Any]]:
        """The executions of a function, page by page (ListDurableExecutionsByFunction).

        Args:
            function_name: whose.
            query: further members of the request.
        """
        path = f"/2025-12-01/functions/{quote(function_name, safe='')}/durable-executions"
        return self._pages(path, "DurableExecutions", "NextMarker", query)

    def execution(self, arn: str) -> dict[str, Any]:
        """GetDurableExecution, as on the wire."""
        return self._json(HttpRequest("GET", _EXECUTIONS + quote(arn, safe="")))

    def history(self, arn: str) -> list[dict[str, Any]]:
        """All events of GetDurableExecutionHistory, as on the wire."""
        path = f"{_EXECUTIONS}{quote(arn, safe='')}/history"
        return list(self._pages(path, "Events", "NextMarker", {"MaxItems": "1000"}))

    def stop(self, arn: str, error: Mapping[str, str]) -> dict[str, Any]:
        """StopDurableExecution; returns its answer."""
        target = f"{_EXECUTIONS}{quote(arn, safe='')}/stop"
        return self._json(HttpRequest("POST", target, (), json.dumps(error).encode()))

    def callback(self, callback_id: str, action: str, body: bytes = b"") -> None:
        """Answer a callback, or keep it alive.

        Args:
            callback_id: which.
            action: ``succeed``, ``fail`` or ``heartbeat``.
            body: what the action takes: a result, an ErrorObject, or nothing.
        """
        target = f"{_CALLBACKS}{quote(callback_id, safe='')}/{action}"
        _demand_success(self.send(HttpRequest("POST", target, (), body)))

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sign and send one request; returns the response, whatever its status.

        Raises:
            Refused: no response came.
        """
        if self._token is None:
            signed = self._signer.sign(request, _credentials(os.environ), time.time())
        else:
            bearer = ("Authorization", f"Bearer {_header(self._token)}")
            headers = (*request.headers, bearer)
            signed = HttpRequest(request.method, request.target, headers, request.body)
        try:
            return call(
                self._endpoint,
                signed,
                connect_seconds=_CONNECT_SECONDS,
                read_seconds=_READ_SECONDS,
                max_bytes=MAX_RESPONSE_BYTES,
            )
        except (OSError, http.client.HTTPException) as error:
            message = f"the service at {self._endpoint.url} cannot be reached: {_reason(error)}"
            raise Refused(message) from None

    def _pages(
        self,
        path: str,
        member: str,
        marker: str,
        query: Mapping[str, str | list[str]] | None = None,
    ) -> Generator[dict[str, Any]]:
        asked: dict[str, str | list[str]] = dict(query or {})
        while True:
            target = f"{path}?{urlencode(asked, doseq=True)}" if asked else path
            page = self._json(HttpRequest("GET", target))
            yield from page.get(member, ())
            if not page.get(marker):
                return
            asked["Marker"] = page[marker]

    def _json(self, request: HttpRequest) -> dict[str, Any]:
        answer = self.send(request)
        _demand_success(answer)
        decoded = _object(answer)
        if decoded is None:
            raise Refused(f"what answers at {self._endpoint.url} is not this service")
        return decoded


def _credentials(environment: Mapping[str, str]) -> Credentials:
    """Those of the environment; without any, stand-ins, which suit a service of this machine."""
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return Credentials("local", "local")
    return Credentials(key, secret, environment.get("AWS_SESSION_TOKEN") or None)


def _header(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise Refused(f"{value!r} has characters that a header cannot have")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "Connection refused; is `perdure dev` running?"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return one_line(error)


def _object(answer: HttpResponse) -> dict[str, Any] | None:
    try:
        decoded: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", decoded) if isinstance(decoded, dict) else None


def _demand_success(answer: HttpResponse) -> None:
    if answer.status < 300:
        return
    code = answer.headers.get("x-amzn-errortype")
    if code is None:
        raise Refused(f"what answers there is not this service: HTTP status {answer.status}")
    said = _object(answer) or {}
    raise Refused(f"{code}: {said.get('message') or said.get('Message') or 'no reason given'}")
