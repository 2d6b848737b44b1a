"""The recorded operations as a handler gets them: with its invocation, and page by page.

A CONTEXT that ended without ReplayChildren hides all that is below it; whatever the
handler would need of it is in the context's own result.
"""

from __future__ import annotations

from typing import Any, Final

from ..models.checkpoint import StatePage, StateRequest
from ..models.encode import compact, to_wire
from ..models.enums import OperationStatus, OperationType
from ..models.operation import Operation
from .execution import Execution
from .faults import invalid_marker
from .ledger import Record
from .paging import DEFAULT_PAGE, read_number

_CLOSED: Final = frozenset({OperationStatus.SUCCEEDED, OperationStatus.FAILED})


def visible_records(execution: Execution) -> tuple[Record, ...]:
    """What a handler may see, in the order of creation. The EXECUTION operation comes first.

    The order does not change while one token is current, so pages can count through it.
    """
    if execution.visible is None:
        hiding: set[str] = set()
        shown: list[Record] = []
        for record in execution.ledger.records():
            operation = record.operation
            hidden = operation.parent_id in hiding
            if not hidden:
                shown.append(record)
            if hidden or _hides_children(operation):
                hiding.add(operation.id)
        execution.visible = tuple(shown)
    return execution.visible


def _hides_children(operation: Operation) -> bool:
    return (
        operation.type is OperationType.CONTEXT
        and operation.status in _CLOSED
        and operation.context_details is not None
        and not operation.context_details.replay_children
    )


def _is_hidden(execution: Execution, operation: Operation) -> bool:
    while operation.parent_id is not None:
        parent = execution.ledger.get(operation.parent_id)
        assert parent is not None  # no operation is recorded before its parent
        operation = parent.operation
        if _hides_children(operation):
            return True
    return False


def get_state(execution: Execution, request: StateRequest) -> StatePage:
    """One page. It does not consume the token.

    Raises:
        ServiceFault: the token is not the current one, or the marker is not from it.
    """
    execution.require_token(request.checkpoint_token)
    records = visible_records(execution)
    first = _read_marker(execution, request.marker, len(records)) if request.marker else 0
    after = first + (request.max_items or DEFAULT_PAGE)
    page = records[first:after]
    for record in page:
        execution.ledger.see(record.operation.id)
    marker = _marker(execution, after) if after < len(records) else None
    return StatePage(tuple(record.operation for record in page), marker)


def _marker(execution: Execution, index: int) -> str:
    return f"{execution.token_sequence}:{index}"


def _read_marker(execution: Execution, marker: str, below: int) -> int:
    sequence, _, index = marker.partition(":")
    if sequence != str(execution.token_sequence):
        raise invalid_marker()
    return read_number(index, below)


def invocation_event(execution: Execution) -> str:
    """The JSON text that an invocation begins with: identity, token, the first page.

    From here on the handler counts as having seen everything; the pages that do not fit
    it must fetch before it runs.
    """
    records = visible_records(execution)
    parts: list[str] = []
    size = 0
    limit = execution.setting.policy.initial_page_bytes
    for record in records:
        text = compact(_in_milliseconds(to_wire(record.operation)))
        size += len(text.encode())
        if parts and size > limit:
            break
        parts.append(text)
    marker = _marker(execution, len(parts)) if len(parts) < len(records) else ""
    updated = [
        record.operation.id
        for record in execution.ledger.changed_outside()
        if not _is_hidden(execution, record.operation)
    ]
    execution.ledger.see_all()
    execution.told = False
    return (
        f'{{"DurableExecutionArn":{compact(execution.origin.arn)},'
        f'"CheckpointToken":{compact(execution.token)},'
        f'"InitialExecutionState":{{"Operations":[{",".join(parts)}],'
        f'"NextMarker":{compact(marker)}}},'
        f'"UpdatedOperationIds":{compact(updated)}}}'
    )


# The event counts in whole milliseconds where answers count in seconds.
_INSTANTS: Final = (
    (None, "StartTimestamp"),
    (None, "EndTimestamp"),
    ("StepDetails", "NextAttemptTimestamp"),
    ("WaitDetails", "ScheduledEndTimestamp"),
)


def _in_milliseconds(operation: dict[str, Any]) -> dict[str, Any]:
    for outer, member in _INSTANTS:
        holder = operation if outer is None else operation.get(outer)
        if holder is not None and member in holder:
            holder[member] = round(holder[member] * 1000)
    return operation
