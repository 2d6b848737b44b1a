"""Raw requests as models: what a server found in the path, the query and the body.

Path segments and query values come decoded; a query maps each name to all its values.
Every function raises `ServiceFault` for what does not keep to the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Final

from ..models.checkpoint import CheckpointRequest, StateRequest
from ..models.encode import compact
from ..models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
    DeleteRequest,
    GetExecutionRequest,
    HistoryRequest,
    InvokeRequest,
    ListAllExecutionsRequest,
    ListExecutionsRequest,
    PauseRequest,
    ResumeRequest,
    StopRequest,
)
from ..models.fields import ClientToken, ExecutionArnText, Token, WireModel
from ..models.operation import ErrorObject
from ..models.update import OperationUpdate
from .constraints import read_model
from .faults import ServiceFault

Query = Mapping[str, Sequence[str]]

_MAX_CALLBACK_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True, repr=False)
class _Arn(WireModel):
    SHOWN: ClassVar = ()

    durable_execution_arn: ExecutionArnText


@dataclass(frozen=True, slots=True, repr=False)
class _CheckpointBody(WireModel):
    SHOWN: ClassVar = ()

    checkpoint_token: Token
    updates: tuple[OperationUpdate, ...] = ()
    client_token: ClientToken | None = None


def parse_checkpoint_request(arn: str, body: bytes) -> CheckpointRequest:
    """CheckpointDurableExecution. Missing, null and empty updates are the same."""
    _check_arn(arn)
    read = read_model(_CheckpointBody, body)
    return CheckpointRequest(arn, read.checkpoint_token, read.updates, read.client_token)


def parse_state_request(arn: str, query: Query) -> StateRequest:
    """GetDurableExecutionState. Without MaxItems a page has the service's default size."""
    members = _members(arn, query, "CheckpointToken", "Marker", "MaxItems")
    members.setdefault("MaxItems", 0)
    return read_model(StateRequest, compact(members))


def parse_get_request(arn: str, query: Query) -> GetExecutionRequest:
    """GetDurableExecution."""
    return read_model(GetExecutionRequest, compact(_members(arn, query, "IncludeExecutionData")))


def parse_history_request(arn: str, query: Query) -> HistoryRequest:
    """GetDurableExecutionHistory."""
    names = ("IncludeExecutionData", "MaxItems", "Marker", "ReverseOrder")
    return read_model(HistoryRequest, compact(_members(arn, query, *names)))


def parse_list_request(function_name: str, query: Query) -> ListExecutionsRequest:
    """ListDurableExecutionsByFunction."""
    names = (
        "Qualifier",
        "DurableExecutionName",
        "StartedAfter",
        "StartedBefore",
        "ReverseOrder",
        "Marker",
        "MaxItems",
    )
    members = {"FunctionName": function_name, **_from_query(query, names)}
    if "Statuses" in query:
        members["Statuses"] = list(query["Statuses"])
    return read_model(ListExecutionsRequest, compact(members))


def parse_list_all_request(query: Query) -> ListAllExecutionsRequest:
    """The list over all functions, in the words of ListDurableExecutionsByFunction."""
    members = _from_query(query, ("FunctionName", "NameContains", "Marker", "MaxItems"))
    if "Statuses" in query:
        members["Statuses"] = list(query["Statuses"])
    return read_model(ListAllExecutionsRequest, compact(members))


def parse_stop_request(arn: str, body: bytes) -> StopRequest:
    """StopDurableExecution. The body is the bare error, or empty."""
    _check_arn(arn)
    return StopRequest(arn, _bare_error(body))


def parse_pause_request(arn: str, body: bytes) -> PauseRequest:
    """PauseDurableExecution."""
    return read_model(PauseRequest, _with_arn(arn, body))


def parse_resume_request(arn: str, body: bytes) -> ResumeRequest:
    """ResumeDurableExecution."""
    return read_model(ResumeRequest, _with_arn(arn, body))


def parse_delete_request(arn: str) -> DeleteRequest:
    """DeleteDurableExecution."""
    return read_model(DeleteRequest, compact({"DurableExecutionArn": arn}))


def parse_callback_success(callback_id: str, body: bytes) -> CallbackSuccessRequest:
    """SendDurableExecutionCallbackSuccess. The body is the bare result; empty is no result."""
    _check_callback(callback_id)
    if len(body) > _MAX_CALLBACK_BYTES:
        raise ServiceFault(
            "ValidationException",
            "1 validation error detected: Value at 'result' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MAX_CALLBACK_BYTES}",
        )
    try:
        return CallbackSuccessRequest(callback_id, body.decode() or None)
    except UnicodeDecodeError:
        raise ServiceFault(
            "InvalidParameterValueException", "The callback's result is not UTF-8"
        ) from None


def parse_callback_failure(callback_id: str, body: bytes) -> CallbackFailureRequest:
    """SendDurableExecutionCallbackFailure. The body is the bare error, or empty."""
    _check_callback(callback_id)
    return CallbackFailureRequest(callback_id, _bare_error(body))


def parse_callback_heartbeat(callback_id: str) -> CallbackHeartbeatRequest:
    """SendDurableExecutionCallbackHeartbeat."""
    return _check_callback(callback_id)


def parse_invoke_request(
    function_name: str, query: Query, headers: Mapping[str, str], body: bytes
) -> InvokeRequest:
    """Invoke. `headers` has lower-case names; the body is the input, a JSON text or empty."""
    members: dict[str, Any] = {"FunctionName": function_name, **_from_query(query, ("Qualifier",))}
    for header, member in _INVOKE_HEADERS.items():
        if header in headers:
            members[member] = headers[header]
    if body:
        try:
            json.loads(body)
            members["Payload"] = body.decode()
        except (ValueError, RecursionError) as error:
            raise ServiceFault(
                "InvalidRequestContentException",
                f"Could not parse request body into json: {error}",
            ) from None
    return read_model(InvokeRequest, compact(members))


_INVOKE_HEADERS: Final = {
    "x-amz-invocation-type": "InvocationType",
    "x-amz-durable-execution-name": "DurableExecutionName",
    "x-amz-tenant-id": "TenantId",
    "x-amzn-trace-id": "TraceId",
}


@lru_cache(256)  # every checkpoint of an execution names it again
def _check_arn(arn: str) -> None:
    read_model(_Arn, compact({"DurableExecutionArn": arn}))


def _check_callback(callback_id: str) -> CallbackHeartbeatRequest:
    return read_model(CallbackHeartbeatRequest, compact({"CallbackId": callback_id}))


def _bare_error(body: bytes) -> ErrorObject | None:
    return read_model(ErrorObject, body) if body.strip() else None


def _with_arn(arn: str, body: bytes) -> str:
    try:
        raw: Any = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise ServiceFault("SerializationException", "The body is not JSON") from None
    if not isinstance(raw, dict):
        raise ServiceFault("SerializationException", "The body is not a JSON object")
    return compact({**raw, "DurableExecutionArn": arn})


def _members(arn: str, query: Query, *names: str) -> dict[str, Any]:
    return {"DurableExecutionArn": arn, **_from_query(query, names)}


def _from_query(query: Query, names: Sequence[str]) -> dict[str, Any]:
    """The members that a query holds, each as what its name stands for."""
    members: dict[str, Any] = {}
    for name in names:
        values = query.get(name)
        if values:
            members[name] = _READ.get(name, str)(values[-1])
    return members


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


def _number(text: str) -> int | str:
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else text


# What reads a value; what it cannot read stays text, and the model refuses it.
_READ: Final[dict[str, Callable[[str], object]]] = {
    "IncludeExecutionData": _boolean,
    "ReverseOrder": _boolean,
    "MaxItems": _number,
}
