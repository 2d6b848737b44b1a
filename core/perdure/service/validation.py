"""Whether a batch of updates is legal.

Everything is judged against the state before the batch; one fault refuses the whole of it.
"""

from __future__ import annotations

from typing import Final

from ..models.encode import compact, to_wire
from ..models.enums import OperationAction, OperationType
from ..models.operation import Operation
from ..models.update import OperationUpdate
from .execution import Execution
from .faults import invalid_parameter
from .ledger import Ledger
from .operations.table import RULES
from .policy import ServicePolicy
from .setting import Setting
from .sizes import is_longer

Updates = tuple[OperationUpdate, ...]

_START_AND_END: Final = frozenset({OperationType.STEP, OperationType.CONTEXT})
"""What may start and end in one batch."""


def validate_batch(updates: Updates, execution: Execution) -> None:
    """Raise `ServiceFault` for the first thing that is wrong; the order is the service's."""
    ledger, setting = execution.ledger, execution.setting
    _execution_last(updates)
    _ids_and_parents(updates, ledger)
    for update in updates:
        record = ledger.get(update.id)
        current = None if record is None else record.operation
        if current is not None:
            _same_identity(update, current)
        _size(update, setting.policy)
        _legal(update, current, setting)


def _execution_last(updates: Updates) -> None:
    count = sum(update.type is OperationType.EXECUTION for update in updates)
    if count > 1:
        raise invalid_parameter("Cannot checkpoint multiple EXECUTION updates.")
    if count and updates[-1].type is not OperationType.EXECUTION:
        raise invalid_parameter("EXECUTION checkpoint must be the last update.")


def _ids_and_parents(updates: Updates, ledger: Ledger) -> None:
    last: dict[str, OperationUpdate] = {}
    started: dict[str, OperationType] = {}
    for update in updates:
        before = last.get(update.id)
        if before is not None and not _starts_then_ends(before, update):
            raise invalid_parameter("Cannot checkpoint multiple operations with the same ID.")
        parent = update.parent_id
        if parent is not None:
            record = ledger.get(parent)
            kind = started.get(parent, None if record is None else record.operation.type)
            if kind != OperationType.CONTEXT:
                raise invalid_parameter("Invalid parent operation id.")
        if update.action is OperationAction.START:
            started[update.id] = update.type
        last[update.id] = update


def _starts_then_ends(first: OperationUpdate, second: OperationUpdate) -> bool:
    return (
        first.type in _START_AND_END
        and first.type is second.type
        and first.action is OperationAction.START
        and second.action is not OperationAction.START
    )


def _same_identity(update: OperationUpdate, current: Operation) -> None:
    if update.type != current.type:
        raise invalid_parameter("Inconsistent operation type.")
    if update.sub_type is not None and update.sub_type != current.sub_type:
        raise invalid_parameter("Inconsistent operation subtype.")
    if update.name is not None and update.name != current.name:
        raise invalid_parameter("Inconsistent operation name.")
    if update.parent_id is not None and update.parent_id != current.parent_id:
        raise invalid_parameter("Inconsistent parent operation id.")


def _size(update: OperationUpdate, policy: ServicePolicy) -> None:
    limit = policy.max_error_bytes
    if update.error is not None and is_longer(compact(to_wire(update.error)), limit):
        raise invalid_parameter(f"Error object size must be less than {limit} bytes.")
    limit = policy.max_payload_bytes
    if update.type is OperationType.EXECUTION:
        limit = policy.max_result_bytes
    if is_longer(update.payload, limit):
        what = (
            "CHAINED_INVOKE input" if update.type is OperationType.CHAINED_INVOKE else update.type
        )
        raise invalid_parameter(f"{what} payload size must be less than or equal to {limit} bytes.")


def _legal(update: OperationUpdate, current: Operation | None, setting: Setting) -> None:
    rule = RULES[update.type].actions.get(update.action)
    if rule is None:
        raise invalid_parameter("Invalid action for the given operation type.")
    if (None if current is None else current.status) not in rule.legal_from:
        raise invalid_parameter(rule.refusal)
    fault = rule.check(update, setting)
    if fault is not None:
        raise invalid_parameter(fault)
