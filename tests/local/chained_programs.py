"""Functions in one file that invoke each other, written by hand without an adapter."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from local.serving import Peer
from perdure.handler import DurableHandler
from perdure.modes import CheckpointingMode


class Sync(DurableHandler):
    runtime: ClassVar[str] = "sync"

    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.func(dict(event), lambda_context)
        return answer


def _input(event: dict[str, Any]) -> Any:
    operations = event["InitialExecutionState"]["Operations"]
    return json.loads(operations[0]["ExecutionDetails"]["InputPayload"])


def _order(event: dict[str, Any], context: object) -> object:
    """Invoke what the input names; return what became of each, in that order."""
    calls = event["InitialExecutionState"]["Operations"][1:]
    if any(call["Status"] == "STARTED" for call in calls):
        return {"Status": "PENDING"}
    if calls:
        ends = {call["Id"]: [call["Status"], call["ChainedInvokeDetails"]] for call in calls}
        return {"Status": "SUCCEEDED", "Result": json.dumps(ends)}
    given = _input(event)
    updates = [
        {
            "Id": name,
            "Type": "CHAINED_INVOKE",
            "Action": "START",
            "Payload": json.dumps(given["payload"]),
            "ChainedInvokeOptions": {"FunctionName": name, "TenantId": "blue"},
        }
        for name in given["functions"]
    ]
    peer = Peer(urlsplit(os.environ["AWS_ENDPOINT_URL_LAMBDA"]).port or 0)
    try:
        body = {"CheckpointToken": event["CheckpointToken"], "Updates": updates}
        peer.of(event["DurableExecutionArn"], "POST", "/checkpoint", body)
    finally:
        peer.close()
    return {"Status": "PENDING"}


def _double(event: dict[str, Any], context: object) -> object:
    return {"Status": "SUCCEEDED", "Result": json.dumps(_input(event) * 2)}


def _refuse(event: dict[str, Any], context: object) -> object:
    return {"Status": "FAILED", "Error": {"ErrorType": "OutOfStock", "ErrorMessage": "no mugs"}}


def stamp(event: object, context: Any) -> object:
    """A plain function."""
    return {"stamped": event, "by": context.function_name, "for": context.tenant_id}


def trip(event: object, context: object) -> object:
    """A plain function that raises."""
    raise LookupError("nothing there")


def helper(of_one_argument: object) -> object:
    """No function of Lambda: it takes no context."""
    return of_one_argument


async def waits(event: object, context: object) -> object:
    """No function of Lambda either."""
    return event


def _private(event: object, context: object) -> object:
    return event


order = Sync(_order, CheckpointingMode.BATCHED)
double = Sync(_double, CheckpointingMode.BATCHED)
refuse = Sync(_refuse, CheckpointingMode.BATCHED)
unused = _private
