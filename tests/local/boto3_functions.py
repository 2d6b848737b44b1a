"""A durable function on boto3 and a plain one, for the tests of boto3 against the service."""

from __future__ import annotations

import importlib
from datetime import datetime
from typing import Any

from local.programs import Sync
from perdure.modes import CheckpointingMode

# There are no types for it here, and none are needed: it is the judge, not the judged.
boto3: Any = importlib.import_module("boto3")


class Asking:
    """A durable function on boto3: it returns what its callback is answered with."""

    def __init__(self) -> None:
        self.client: Any = None

    def __call__(self, event: dict[str, Any], context: object) -> object:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        state = self.client.get_durable_execution_state(
            DurableExecutionArn=arn, CheckpointToken=token
        )
        assert len(state["Operations"]) == len(event["InitialExecutionState"]["Operations"])
        for operation in state["Operations"][1:]:
            details = operation["CallbackDetails"]
            if operation["Status"] == "SUCCEEDED":
                return {"Status": "SUCCEEDED", "Result": details["Result"]}
            if "Error" in details:
                return {"Status": "FAILED", "Error": details["Error"]}
        if len(state["Operations"]) == 1:
            update = {
                "Id": "1",
                "Type": "CALLBACK",
                "Action": "START",
                "Name": "ask",
                "CallbackOptions": {"TimeoutSeconds": 900, "HeartbeatTimeoutSeconds": 300},
            }
            answer = self.client.checkpoint_durable_execution(
                DurableExecutionArn=arn, CheckpointToken=token, Updates=[update]
            )
            (started,) = answer["NewExecutionState"]["Operations"]
            assert started["CallbackDetails"]["CallbackId"]
            assert isinstance(started["StartTimestamp"], datetime)
        return {"Status": "PENDING"}


def _ask(event: dict[str, Any], context: object) -> object:
    function = Asking()
    function.client = boto3.client("lambda")
    return function(event, context)


def plain(event: object, context: object) -> object:
    return {"got": event}


def broken(event: object, context: object) -> object:
    raise LookupError("no mugs")


ask = Sync(_ask, CheckpointingMode.BATCHED)
