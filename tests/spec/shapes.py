"""Between the JSON of a vector and the models: updates in, facts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar, cast

from perdure.checkpointed import CheckpointedResult
from perdure.errors import ServiceError
from perdure.models import (
    CallbackOptions,
    ChainedInvokeOptions,
    ContextOptions,
    ErrorObject,
    InvocationOutput,
    OperationAction,
    OperationType,
    OperationUpdate,
    StepOptions,
    WaitOptions,
)
from perdure.models.decode import decode_error
from perdure.models.encode import to_wire
from perdure.models.fields import WireModel, wire_name
from perdure.outcome import Failed, Outcome, Pending, Succeeded

M = TypeVar("M", bound=WireModel)

_OPTIONS: Final[Mapping[str, type[WireModel]]] = {
    "ContextOptions": ContextOptions,
    "StepOptions": StepOptions,
    "WaitOptions": WaitOptions,
    "CallbackOptions": CallbackOptions,
    "ChainedInvokeOptions": ChainedInvokeOptions,
}


def update(raw: Mapping[str, Any]) -> OperationUpdate:
    """An update as the vector writes it. Nothing is validated: that is the machine's part."""
    members = dict(raw)
    for name, model in _OPTIONS.items():
        if name in members:
            members[name] = _model(model, members[name])
    if "Error" in members:
        members["Error"] = _error(members["Error"])
    members["Type"] = OperationType(members["Type"])
    members["Action"] = OperationAction(members["Action"])
    return _model(OperationUpdate, members)


def _model(model: type[M], raw: Mapping[str, Any]) -> M:
    names = {wire_name(each.name): each.name for each in fields(cast("Any", model))}
    return model(**{names[member]: value for member, value in raw.items()})


def _error(raw: Mapping[str, Any]) -> ErrorObject:
    error = decode_error(raw)
    assert error is not None
    return error


def outcome(raw: Mapping[str, Any]) -> Outcome:
    """What the function came to."""
    match raw["Status"]:
        case "SUCCEEDED":
            return Succeeded(raw["Result"])
        case "FAILED":
            return Failed(_error(raw["Error"]))
        case _:
            return Pending()


def output_facts(output: InvocationOutput, expected: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the function answers the service; of an error, what the vector names."""
    facts = to_wire(output)
    if "Error" in facts and expected is not None:
        named: Mapping[str, Any] = expected.get("Error", {})
        facts["Error"] = {name: facts["Error"].get(name) for name in named}
    return facts


def operation_facts(
    result: CheckpointedResult, expected: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What is recorded for an id: the facts that the vector names."""
    operation = result.operation
    if operation is None:
        return None
    error = result.error
    step, wait = operation.step_details, operation.wait_details
    facts = {
        "type": result.operation_type,
        "status": result.status,
        "name": operation.name,
        "sub_type": operation.sub_type,
        "parent": operation.parent_id,
        "started": operation.start_timestamp,
        "ended": operation.end_timestamp,
        "result": result.result,
        "error": None if error is None else to_wire(error),
        "attempt": result.attempt,
        "next_attempt": None if step is None else step.next_attempt_timestamp,
        "retry_payload": result.retry_payload,
        "scheduled_end": None if wait is None else wait.scheduled_end_timestamp,
        "callback_id": result.callback_id,
        "terminal": result.is_terminal,
    }
    return {name: facts[name] for name in expected or {}}


def error_facts(error: BaseException, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What was raised: its class, and whatever else the vector asks of it."""
    facts: dict[str, Any] = {
        "class": type(error).__name__,
        "says": [word for word in expected.get("says", []) if word in str(error)],
    }
    if isinstance(error, ServiceError):
        facts |= {
            "status": error.status,
            "code": error.code,
            "retryable": error.retryable,
            "scope": error.scope.value,
        }
    return {name: facts.get(name) for name in {"class": None, **expected}}
