"""Functions behind a Lambda-shaped endpoint: invoked by HTTP, as Lambda's own are."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

from perdure.endpoints import Endpoint
from perdure.http import HttpRequest, HttpResponse
from perdure.limits import MAX_RESPONSE_BYTES
from perdure.models.operation import ErrorObject
from perdure.service.outcomes import read_function_error
from perdure.signing import Credentials, Signer

from .http_call import call
from .invocations import Outcome, Raised, Returned, Unanswered
from .refused import one_line

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


@dataclass(frozen=True, slots=True)
class RemoteFunction:
    """A function that an endpoint invokes for us.

    Args:
        name: of the function there.
        endpoint: of Lambda, or of what answers as Lambda does.
        region: to sign for.
    """

    name: str
    endpoint: Endpoint
    region: str

    def invoke(self, invocation: InvocationRequest) -> Outcome:
        """Invoke it. Blocks until it has answered; nothing comes out but what came of it."""
        signer = Signer(self.endpoint, self.region, "perdure-local")
        request = signer.sign(self._request(invocation), _STAND_IN, time.time())
        try:
            answer = call(
                self.endpoint,
                request,
                connect_seconds=_CONNECT_SECONDS,
                read_seconds=max(0.001, invocation.seconds_left),
                max_bytes=MAX_RESPONSE_BYTES,
            )
        except TimeoutError:
            return Unanswered()
        except (OSError, http.client.HTTPException) as error:
            message = f"{self.endpoint.url} cannot be reached: {one_line(error)}"
            return Raised(ErrorObject(message, "Perdure.EndpointUnreachable"))
        return _outcome(answer)

    def _request(self, invocation: InvocationRequest) -> HttpRequest:
        target = f"/2015-03-31/functions/{quote(self.name, safe='')}/invocations"
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
