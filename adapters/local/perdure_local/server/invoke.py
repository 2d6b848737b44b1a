"""The Invoke call: what starts an execution, and what its outcome looks like to the caller."""

from __future__ import annotations

import uuid
from typing import Final, assert_never

from perdure.models.enums import ExecutionStatus
from perdure.models.executions import GetExecutionRequest, InvokeRequest
from perdure.models.operation import ErrorObject
from perdure.service.faults import ServiceFault, invalid_parameter
from perdure.service.identity import read_function_name
from perdure.service.parsing import parse_invoke_request
from perdure.service.sizes import is_longer
from perdure.service.starting import input_too_large

from ..embedded import EmbeddedService
from ..functions.invocations import Outcome, Raised, Returned, Unanswered
from .exchange import JSON, Answer, Call, Reply, ReplyAtEnd, ReplyOfFunction, json_reply, refusal

ARN_HEADER: Final = "x-amz-durable-execution-arn"


def invoke(embedded: EmbeddedService, call: Call) -> Answer:
    """Start an execution, or join the one of the same name and input; call a plain function.

    An Event is answered at once, a RequestResponse when the execution has ended; a DryRun
    starts nothing.

    Raises:
        ServiceFault: there is no such function, or the service refuses the start.
    """
    request = parse_invoke_request(call.parameters["function"], call.query, call.headers, call.body)
    name, qualifier = read_function_name(request.function_name)
    if qualifier and request.qualifier and qualifier != request.qualifier:
        raise invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    if name not in embedded.functions:
        raise ServiceFault("ResourceNotFoundException", f"Function not found: {name}")
    if request.invocation_type == "DryRun":
        return Reply(204)
    setting = embedded.service.setting
    limit = setting.policy.max_event_input_bytes
    if request.invocation_type == "Event" and is_longer(request.payload, limit):
        raise input_too_large(limit)
    qualifier = request.qualifier or qualifier or "$LATEST"
    config = setting.functions.get(name)
    if config is not None and config.durable_config is None:
        return _call(embedded, name, qualifier, request)
    started = embedded.service.start(
        function_name=name,
        payload=request.payload,
        now=call.now,
        execution_id=str(uuid.uuid4()),
        name=request.durable_execution_name,
        qualifier=qualifier,
        trace_id=request.trace_id,
        tenant_id=request.tenant_id,
    )
    if request.invocation_type == "Event":
        return Reply(202, b"", ((ARN_HEADER, started.arn),))
    return ReplyAtEnd(started.arn)


def _call(embedded: EmbeddedService, name: str, qualifier: str, request: InvokeRequest) -> Answer:
    """A plain function is called; there is no execution."""
    if request.durable_execution_name is not None:
        raise invalid_parameter(f"{name} is not a durable function: it has no executions to name")
    payload = "{}" if request.payload is None else request.payload
    outcome = embedded.call(name, payload, qualifier, request.tenant_id)
    return Reply(202) if request.invocation_type == "Event" else ReplyOfFunction(outcome)


def function_reply(outcome: Outcome) -> Reply:
    """The answer to a RequestResponse of a plain function."""
    version = ("x-amz-executed-version", "$LATEST")
    match outcome:
        case Returned(output):
            return Reply(200, output.encode(errors="replace"), (JSON, version))
        case Raised(error):
            unhandled = ("x-amz-function-error", "Unhandled")
            return json_reply(200, _lambda_error(error), unhandled, version)
        case Unanswered():
            return refusal(504, "ServiceException", "The function did not answer in time")
        case _:
            assert_never(outcome)


def outcome_reply(embedded: EmbeddedService, arn: str) -> Reply:
    """The answer to a RequestResponse, once its execution has ended."""
    ended = embedded.service.get_execution(GetExecutionRequest(arn))
    headers = ((ARN_HEADER, arn), ("x-amz-executed-version", ended.version or "$LATEST"))
    if ended.status is ExecutionStatus.SUCCEEDED:
        return Reply(200, (ended.result or "null").encode(errors="replace"), (JSON, *headers))
    # Without an error the status has to do.
    error = ended.error or ErrorObject(f"The execution ended {ended.status}", ended.status)
    return json_reply(200, _lambda_error(error), ("x-amz-function-error", "Unhandled"), *headers)


def _lambda_error(error: ErrorObject) -> dict[str, object]:
    """An error as Lambda shows it to a caller."""
    members = {
        "errorMessage": error.error_message,
        "errorType": error.error_type,
        "errorData": error.error_data,
        "stackTrace": error.stack_trace,
    }
    return {name: value for name, value in members.items() if value is not None}
