"""What happens to one execution because time passes."""

from __future__ import annotations

from ..models.enums import ExecutionStatus
from .execution import Execution
from .invocations import invocation_timed_out
from .operations.table import RULES


def complete_due(execution: Execution, now: float) -> None:
    """Fire the timers of operations that are due, in the order of their times.

    Timers that are due only after the execution's own timeout do not fire.
    """
    timers = execution.timers
    fired = False
    while (due := timers.next_due()) is not None and due <= now:
        if execution.timeout_at is not None and execution.timeout_at <= due:
            break
        operation_id, kind = timers.pop()
        record = execution.ledger.get(operation_id)
        assert record is not None  # timers belong to recorded operations
        RULES[record.operation.type].timers[kind](execution, record, now)
        fired = True
    if fired:
        execution.wake()


def time_passed(execution: Execution, now: float) -> None:
    """Do everything that is due: operations, the timeout, a postponed or stuck invocation."""
    complete_due(execution, now)
    if execution.timeout_at is not None and execution.timeout_at <= now:
        execution.finish(ExecutionStatus.TIMED_OUT, now)
    if execution.invoke_at is not None and execution.invoke_at <= now:
        execution.invoke_now()
    flight = execution.invocation
    if flight is not None and flight.deadline <= now:
        invocation_timed_out(execution, now)
