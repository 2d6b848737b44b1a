"""An execution as a store keeps it: what to save of it, and how it comes back."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from .execution import Execution
from .history import History
from .ledger import Ledger
from .saved import Entry, ExecutionChange, SavedExecution, SavedOperation, SavedTimer
from .setting import Setting
from .standing import Phase, Standing
from .timers import Timers

_SCALARS: Final = tuple(each.name for each in fields(Standing))


def entry_of(execution: Execution) -> Entry:
    """What lists, queues and deadlines need to know of it."""
    origin, caller, flight = execution.origin, execution.origin.caller, execution.invocation
    is_held = execution.phase is Phase.POSTPONED and execution.invocations == 0
    return Entry(
        origin.arn,
        origin.function_name,
        origin.version,
        origin.name,
        origin.started,
        execution.status,
        execution.ended,
        execution.deadline(),
        execution.kept_until,
        execution.owed,
        None if flight is None else flight.id,
        caller.arn if caller is not None and is_held else None,
        execution.deletion_asked is None,
    )


def change_of(execution: Execution) -> ExecutionChange:
    """What changed since it was saved last. Say `mark_saved` once a store keeps it."""
    entry, saved = entry_of(execution), execution.saved
    operations: list[SavedOperation] = []
    seen: list[int] = []
    for record, unseen, changed in execution.ledger.touched():
        if changed:
            operations.append(
                SavedOperation(record.index, record.operation, record.options, unseen)
            )
        else:
            seen.append(record.index)
    timers = tuple(execution.timers.touched())
    return ExecutionChange(
        execution.number,
        execution.origin if saved is None else None,
        None if entry == saved else entry,
        Standing(**{name: getattr(execution, name) for name in _SCALARS}),
        execution.last_answer,
        execution.last_answer is not execution.saved_answer,
        operations,
        seen,
        tuple(execution.history.fresh),
        execution.timers.cleared,
        [SavedTimer(key, *armed) for key, armed in timers if armed is not None],
        [key for key, armed in timers if armed is None],
    )


def mark_saved(execution: Execution, change: ExecutionChange) -> None:
    """A store keeps this change of it, which is the latest."""
    execution.saved = change.entry or execution.saved
    execution.saved_answer = change.answer
    execution.ledger.forget_touched()
    execution.history.fresh.clear()
    execution.timers.forget_touched()


def restored(saved: SavedExecution, setting: Setting) -> Execution:
    """The execution as it was when it was saved."""
    timers = Timers()
    for timer in saved.timers:
        timers.restore(timer.key, timer.due, timer.count)
    return Execution(
        **{name: getattr(saved.standing, name) for name in _SCALARS},
        number=saved.number,
        origin=saved.origin,
        setting=setting,
        ledger=Ledger.restored(
            (each.operation, each.options, each.unseen) for each in saved.operations
        ),
        history=History(saved.events),
        timers=timers,
        last_answer=saved.answer,
        saved=saved.entry,
        saved_answer=saved.answer,
    )
