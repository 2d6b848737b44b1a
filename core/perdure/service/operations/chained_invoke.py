"""CHAINED_INVOKE: another function does the work, and its outcome becomes the operation's."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from ...models.enums import OperationAction, OperationStatus
from ...models.fields import TENANT_PATTERN
from ...models.history import (
    ChainedInvokeFailedDetails,
    ChainedInvokeStartedDetails,
    ChainedInvokeStoppedDetails,
    ChainedInvokeSucceededDetails,
    ChainedInvokeTimedOutDetails,
    Details,
)
from ...models.operation import ChainedInvokeDetails, ErrorObject
from ...models.update import ChainedInvokeOptions, OperationUpdate
from ..effects import ChildToStart, Effect, FunctionToCall
from ..execution import Execution
from ..functions import FunctionConfig
from ..history import error_of, input_of, result_of
from ..identity import derived_id, executed_version, find_reference
from ..origin import Caller, Origin
from ..setting import Setting
from .rules import ABSENT, ActionRule, OperationRules, created

_NO_INPUT: Final = "{}"
_TENANT: Final = re.compile(TENANT_PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the invoked function."""

    status: OperationStatus
    result: str | None = None
    error: ErrorObject | None = None


def _start_members(update: OperationUpdate, setting: Setting) -> str | None:
    options = update.chained_invoke_options
    if options is None:
        return "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions."
    named = options.function_name
    function = find_reference(named)
    if function is None and named.startswith("arn:"):
        return f"Invalid function ARN '{named}'"
    where = setting.region
    if function is not None and function.account not in (None, where.account):
        return "Cannot start a CHAINED_INVOKE on a function in another account."
    if function is not None and function.region not in (None, where.region):
        return "Cannot start a CHAINED_INVOKE on a function in another region."
    tenant = options.tenant_id
    if tenant is not None and not (len(tenant) <= 256 and _TENANT.fullmatch(tenant)):
        return "TenantId must be 1 to 256 characters matching [a-zA-Z0-9._:/=+-@ ]."
    return None


def _start(execution: Execution, update: OperationUpdate, now: float) -> None:
    options = update.chained_invoke_options
    assert options is not None  # `_start_members` saw to it
    operation = replace(
        created(update, OperationStatus.STARTED, now),
        chained_invoke_details=ChainedInvokeDetails(),
    )
    execution.ledger.add(operation, options)
    effect = _effect(execution, update, options, now)
    called = effect.origin if isinstance(effect, ChildToStart) else effect
    details = ChainedInvokeStartedDetails(
        options.function_name,
        options.tenant_id,
        input_of(update.payload),
        None if called is None else called.version,
        called.arn if isinstance(called, Origin) else None,
    )
    execution.history.record(now, details, operation)
    if effect is not None:
        execution.effects.append(effect)
        return
    message = f"Function not found: {options.function_name}."
    error = ErrorObject(message, "ResourceNotFoundException")
    complete(execution, update.id, Outcome(OperationStatus.FAILED, error=error), now)


def _effect(
    execution: Execution, update: OperationUpdate, options: ChainedInvokeOptions, now: float
) -> Effect | None:
    """What to set off; None if there is no such function."""
    function = find_reference(options.function_name)
    config = None if function is None else execution.setting.functions.get(function.name)
    if function is None or config is None:
        return None
    arn = execution.origin.arn
    qualifier = function.qualifier or "$LATEST"
    made = FunctionToCall(
        derived_id(arn, update.id),
        Caller(arn, update.id),
        function.name,
        qualifier,
        executed_version(qualifier),
        _NO_INPUT if update.payload is None else update.payload,
        options.tenant_id,
        options.x_amzn_trace_id or execution.origin.trace_id,
    )
    if config.durable_config is None:
        return made
    return ChildToStart(_child(made, config, execution.setting, now))


def _child(call: FunctionToCall, config: FunctionConfig, setting: Setting, now: float) -> Origin:
    function_arn = setting.region.function_arn(call.function_name, call.version)
    timeout_seconds, retention_days = setting.durations(config)
    return Origin(
        arn=f"{function_arn}/durable-execution/{call.call_id}/{call.call_id}",
        id=call.call_id,
        name=call.call_id,
        function_name=call.function_name,
        function_arn=function_arn,
        qualifier=call.qualifier,
        version=call.version,
        payload=call.payload,
        started=now,
        timeout_seconds=timeout_seconds,
        retention_days=retention_days,
        trace_id=call.trace_id,
        tenant_id=call.tenant_id,
        caller=call.caller,
    )


def complete(execution: Execution, operation_id: str, outcome: Outcome, now: float) -> None:
    """The invoked function is done. Nothing happens if the execution is over, or the operation."""
    record = execution.ledger.get(operation_id)
    assert record is not None  # `_start` recorded it
    if execution.is_over or record.operation.status is not OperationStatus.STARTED:
        return
    operation = replace(
        record.operation,
        status=outcome.status,
        end_timestamp=now,
        chained_invoke_details=ChainedInvokeDetails(outcome.result, outcome.error),
    )
    execution.ledger.replace(record, operation, outside=True)
    execution.history.record(now, _event(outcome), operation)
    execution.wake()


def _event(outcome: Outcome) -> Details:
    match outcome.status:
        case OperationStatus.SUCCEEDED:
            return ChainedInvokeSucceededDetails(result_of(outcome.result))
        case OperationStatus.TIMED_OUT:
            return ChainedInvokeTimedOutDetails(error_of(outcome.error))
        case OperationStatus.STOPPED:
            return ChainedInvokeStoppedDetails(error_of(outcome.error))
        case _:
            return ChainedInvokeFailedDetails(error_of(outcome.error))


CHAINED_INVOKE: Final = OperationRules(
    {
        OperationAction.START: ActionRule(
            frozenset({ABSENT}),
            "Cannot start a CHAINED_INVOKE operation that already exists.",
            _start,
            _start_members,
        )
    }
)
