"""Executions as the control plane shows them."""

from __future__ import annotations

from dataclasses import replace

from ..models.executions import (
    DurableConfig,
    ExecutionDescription,
    ExecutionItem,
    ExecutionList,
    HistoryPage,
    HistoryRequest,
    ListAllExecutionsRequest,
    ListExecutionsRequest,
    PauseDetails,
    TraceHeader,
)
from .execution import Execution
from .executions import Executions
from .faults import invalid_marker
from .history import without_data
from .identity import executed_version, read_function_name
from .paging import DEFAULT_PAGE, read_number
from .saved import Entry, Selection


def describe(execution: Execution, *, with_data: bool) -> ExecutionDescription:
    """The answer of GetDurableExecution; without data no input, result or error."""
    origin = execution.origin
    trace = origin.trace_id
    return ExecutionDescription(
        origin.arn,
        origin.name,
        origin.function_arn,
        origin.started,
        execution.status,
        input_payload=origin.payload if with_data else None,
        result=execution.result if with_data else None,
        error=execution.error if with_data else None,
        end_timestamp=execution.ended,
        version=origin.version,
        trace_header=None if trace is None else TraceHeader(trace),
        execution_data_included=with_data,
        durable_config=DurableConfig(
            retention_period_in_days=origin.retention_days,
            execution_timeout=origin.timeout_seconds,
        ),
        pause_details=_pause_details(execution, with_data=with_data),
        expected_execution_timeout_timestamp=execution.timeout_at,
    )


def _pause_details(execution: Execution, *, with_data: bool) -> PauseDetails | None:
    pause = execution.pause
    if pause is None:
        return None
    return PauseDetails(pause.asked, pause.stops_timeout, pause.reason if with_data else None)


def history_page(executions: Executions, request: HistoryRequest) -> HistoryPage:
    """Some events. The marker is the id of the event that the next page begins with.

    Raises:
        ServiceFault: there is no such execution, or no such event.
    """
    execution = executions.find(request.durable_execution_arn)
    total = len(execution.history)
    count = request.max_items or DEFAULT_PAGE
    backwards = request.reverse_order
    first = total if backwards else 1
    if request.marker:
        first = read_number(request.marker, total + 1)
        if first == 0:
            raise invalid_marker()
    events = executions.events(execution, first, count, backwards=backwards)
    after = first - count if backwards else first + count
    if not request.include_execution_data:
        events = tuple(map(without_data, events))
    return HistoryPage(events, str(after) if 1 <= after <= total else None)


def list_page(executions: Executions, request: ListExecutionsRequest) -> ExecutionList:
    """Some of a function's executions, the latest first unless the order is reversed.

    The marker is the number of the one that the next page begins with.

    Raises:
        ServiceFault: the function's name or the marker is malformed.
    """
    name, qualifier = read_function_name(request.function_name)
    qualifier = request.qualifier or qualifier
    selection = Selection(
        name,
        version=None if qualifier is None else executed_version(qualifier),
        name=request.durable_execution_name,
        statuses=request.statuses,
        started_after=request.started_after,
        started_before=request.started_before,
        forwards=request.reverse_order,
    )
    return _page(executions, selection, request)


def list_all_page(executions: Executions, request: ListAllExecutionsRequest) -> ExecutionList:
    """Some of many executions, the latest first; see `list_page`."""
    selection = Selection(
        request.function_name and read_function_name(request.function_name)[0],
        name_contains=request.name_contains or "",
        statuses=request.statuses,
    )
    return _page(executions, selection, request)


def _page(
    executions: Executions,
    selection: Selection,
    request: ListExecutionsRequest | ListAllExecutionsRequest,
) -> ExecutionList:
    count = request.max_items or DEFAULT_PAGE
    first = None
    if request.marker:
        first = read_number(request.marker, executions.latest(selection.function_name) + 1)
    # One more than asked for tells where the next page begins.
    chosen = executions.select(replace(selection, first=first, count=count + 1))
    marker = str(chosen[count][0]) if len(chosen) > count else None
    return ExecutionList(tuple(_item(entry) for _, entry in chosen[:count]), marker)


def _item(entry: Entry) -> ExecutionItem:
    return ExecutionItem(
        entry.arn,
        entry.name,
        entry.arn.partition("/")[0],
        entry.status,
        entry.started,
        entry.ended,
    )
