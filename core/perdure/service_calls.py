"""The two calls of an invocation as HTTP requests, and the refusals as errors."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import quote

from .batching import CheckpointToSend
from .classification import classify
from .errors import ServiceError
from .http import HttpRequest, HttpResponse
from .models.checkpoint import CheckpointRequest, StateRequest
from .models.encode import compact, to_wire

API: Final = "/2025-12-01/durable-executions/"
_JSON: Final = (("Content-Type", "application/json"),)


@lru_cache(maxsize=16)
def _path(arn: str) -> str:
    return API + quote(arn, safe="-_.~")


def checkpoint_call(request: CheckpointRequest) -> HttpRequest:
    """CheckpointDurableExecution. The serialised body is used where there is one."""
    if isinstance(request, CheckpointToSend) and request.body:
        body = request.body
    else:
        wire = to_wire(request)
        del wire["DurableExecutionArn"]
        body = compact(wire).encode()
    return HttpRequest("POST", f"{_path(request.durable_execution_arn)}/checkpoint", _JSON, body)


def state_call(request: StateRequest) -> HttpRequest:
    """GetDurableExecutionState. The ARN is one path segment, percent-encoded whole."""
    query = f"CheckpointToken={quote(request.checkpoint_token, safe='')}"
    if request.marker is not None:
        query += f"&Marker={quote(request.marker, safe='')}"
    path = _path(request.durable_execution_arn)
    return HttpRequest("GET", f"{path}/state?{query}&MaxItems={request.max_items}")


def body_of(response: HttpResponse) -> bytes:
    """The body of an answer.

    Raises:
        ServiceError: the answer is no success; already classified.
    """
    if response.status == 200:
        return response.body
    raise read_error(response)


def read_error(response: HttpResponse) -> ServiceError:
    """Turn an answer that is no success into the error it stands for.

    The code is looked for where the service puts it, the header, and then where local
    emulators do, in the body.
    """
    raw: object = None
    with suppress(ValueError, RecursionError):
        raw = json.loads(response.body)
    members = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
    found = [response.headers.get("x-amzn-errortype")]
    found += [members.get(name) for name in ("code", "Code", "__type", "Type")]
    code = next((each for each in found if isinstance(each, str) and each), None)
    if code is not None:
        code = code.partition(":")[0].rpartition("#")[2]
    told = (members.get(name) for name in ("message", "Message", "errorMessage"))
    message = next((each for each in told if isinstance(each, str)), "")
    return classify(response.status, code, message, _retry_after(response))


def _retry_after(response: HttpResponse) -> float | None:
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
