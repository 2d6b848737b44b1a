"""Executions as the control plane shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

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
from .faults import invalid_marker
from .history import without_data
from .identity import executed_version
from .paging import DEFAULT_PAGE, read_number


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


def history_page(execution: Execution, request: HistoryRequest) -> HistoryPage:
    """Some events. The marker is the id of the event that the next page begins with.

    Raises:
        ServiceFault: there is no such event.
    """
    history = execution.history
    count = request.max_items or DEFAULT_PAGE
    backwards = request.reverse_order
    first = len(history) if backwards else 1
    if request.marker:
        first = read_number(request.marker, len(history) + 1)
        if first == 0:
            raise invalid_marker()
    events = history.span(first, count, backwards=backwards)
    after = first - count if backwards else first + count
    if not request.include_execution_data:
        events = tuple(map(without_data, events))
    return HistoryPage(events, str(after) if 1 <= after <= len(history) else None)


def list_page(
    executions: Sequence[Execution | None], request: ListExecutionsRequest, qualifier: str | None
) -> ExecutionList:
    """Some of a function's executions, the latest first unless the order is reversed.

    Args:
        executions: all of the function in the order of their starts; None is a gap.
        request: what to pick of them. The marker is the place of the next one to look at.
        qualifier: of the version to pick; None is all of them.
    """
    version = None if qualifier is None else executed_version(qualifier)

    def matches(execution: Execution) -> bool:
        return (version is None or execution.origin.version == version) and _matches(
            execution, request
        )

    return _page(executions, request, matches, forwards=request.reverse_order)


def list_all_page(
    executions: Sequence[Execution | None], request: ListAllExecutionsRequest
) -> ExecutionList:
    """Some of many executions, the latest first; the arguments are those of `list_page`."""
    part, statuses = request.name_contains or "", request.statuses

    def matches(execution: Execution) -> bool:
        return part in execution.origin.name and (not statuses or execution.status in statuses)

    return _page(executions, request, matches, forwards=False)


def _page(
    executions: Sequence[Execution | None],
    request: ListExecutionsRequest | ListAllExecutionsRequest,
    matches: Callable[[Execution], bool],
    *,
    forwards: bool,
) -> ExecutionList:
    first = 0 if forwards else len(executions) - 1
    if request.marker:
        first = read_number(request.marker, len(executions))
    places = range(first, len(executions)) if forwards else range(first, -1, -1)
    count = request.max_items or DEFAULT_PAGE
    matching = (
        (place, execution)
        for place in places
        if (execution := executions[place]) is not None and matches(execution)
    )
    chosen = list(islice(matching, count + 1))
    marker = str(chosen[count][0]) if len(chosen) > count else None
    return ExecutionList(tuple(_item(execution) for _, execution in chosen[:count]), marker)


def _matches(execution: Execution, request: ListExecutionsRequest) -> bool:
    origin = execution.origin
    name = request.durable_execution_name
    after, before = request.started_after, request.started_before
    return (
        (name is None or origin.name == name)
        and (not request.statuses or execution.status in request.statuses)
        and (after is None or origin.started >= after)
        and (before is None or origin.started <= before)
    )


def _item(execution: Execution) -> ExecutionItem:
    origin = execution.origin
    return ExecutionItem(
        origin.arn,
        origin.name,
        origin.function_arn,
        execution.status,
        origin.started,
        execution.ended,
    )
