"""The embedded service as an ASGI application: bytes to calls, answers to bytes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qs

from perdure.service.faults import ServiceFault
from perdure.service.store import StoreFailed

from ..embedded import EmbeddedService
from .endpoints import ROUTES, Endpoint
from .exchange import Answer, Call, Reply, ReplyAtEnd, ReplyLater, ReplyOfFunction, refusal
from .gate import MAX_BODY_BYTES, refuse, too_large
from .invoke import function_reply, outcome_reply
from .page_files import is_page_path
from .routing import Found, NoRoute, Router, WrongMethod

if TYPE_CHECKING:
    from perdure.service.signatures import SignatureCheck

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Disconnected(Exception):
    """The client went away before its request was complete."""


class Application:
    """Answers HTTP for one embedded service, on the event loop that owns it.

    Args:
        embedded: the service; nobody else may touch it while this runs.
        token: what every request must show; None serves this machine only.
        signatures: checks how each request is signed; None believes them all.
    """

    def __init__(
        self,
        embedded: EmbeddedService,
        token: str | None = None,
        signatures: SignatureCheck | None = None,
    ) -> None:
        self._embedded: Final = embedded
        self._token: Final = token
        self._signatures: Final = signatures
        self._router: Final = Router(ROUTES)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request (the ASGI signature)."""
        if scope["type"] != "http":
            raise RuntimeError(f"cannot serve {scope['type']}")
        try:
            reply = await self._answer(scope, receive)
        except Disconnected:
            return
        headers = [(name.encode(), value.encode()) for name, value in reply.headers]
        if reply.status != 204:
            headers.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answer(self, scope: Message, receive: Receive) -> Reply:
        raw = cast("list[tuple[bytes, bytes]]", scope["headers"])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        method, path = cast(str, scope["method"]), cast(bytes, scope["raw_path"]).decode("ascii")
        refused = refuse(headers, self._token, public=is_page_path(path))
        if refused is not None:
            return refused
        match self._router.find(method, path):
            case NoRoute():
                message = f"Nothing is served at {method} {path}"
                return refusal(404, "UnknownOperationException", message)
            case WrongMethod(allowed):
                message = f"{path} is served for {', '.join(allowed)} only, not {method}"
                allow = ("allow", ", ".join(allowed))
                return refusal(405, "MethodNotAllowedException", message, allow)
            case Found(endpoint, parameters):
                body = await _read(receive)
                if body is None:
                    return too_large()
                query = _query(cast(bytes, scope["query_string"]))
                call = Call(parameters, query, headers, body, self._embedded.now())
                try:
                    if self._signatures is not None and not is_page_path(path):
                        target = _target(path, cast(bytes, scope["query_string"]))
                        self._signatures.demand(method, target, headers, body, call.now)
                except ServiceFault as fault:
                    return _refused(fault)
                return await self._call(endpoint, call)

    async def _call(self, endpoint: Endpoint, call: Call) -> Reply:
        try:
            answer = self._ask(endpoint, call)
            match answer:
                case Reply():
                    return answer
                case ReplyAtEnd(arn):
                    await self._embedded.wait_for_end(arn)
                    return outcome_reply(self._embedded, arn)
                case ReplyOfFunction(outcome):
                    return function_reply(await outcome)
                case ReplyLater(reply):
                    return await reply
        except ServiceFault as fault:
            return _refused(fault)
        except StoreFailed as failure:
            self._embedded.give_up(failure)
            return refusal(500, "ServiceException", str(failure))
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            return refusal(500, "ServiceException", f"{type(error).__name__}: {error}")

    def _ask(self, endpoint: Endpoint, call: Call) -> Answer:
        if self._embedded.failure is not None:
            raise self._embedded.failure
        try:
            # What is due by now comes before the call.
            self._embedded.service.handle_timer(call.now)
            return endpoint(self._embedded, call)
        finally:
            self._embedded.advance()


def _refused(fault: ServiceFault) -> Reply:
    return Reply(fault.status, fault.to_body(), fault.headers())


def _target(path: str, query: bytes) -> str:
    return f"{path}?{query.decode('latin-1')}" if query else path


async def _read(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = cast(bytes, message.get("body", b""))
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _query(raw: bytes) -> Mapping[str, list[str]]:
    if not raw:
        return {}
    return parse_qs(raw.decode("latin-1"), keep_blank_values=True, errors="replace")
