"""All executions of a service, and what each change of one entails.

The store is the truth. An execution in memory is a copy that knows what of it is not saved
yet (`Ledger`, `Timers`, `History` and `FunctionCalls` note what is touched); it is loaded
when a call needs it and may be dropped when it is saved. A call of the service changes
copies, settles each (which may change further ones: callers, children), and ends with one
`Change` of just what was touched. What is searched for (names, lists, deadlines, ends) is
asked of the store; only what is owed, in flight or held is known here from the start on,
for there is little of it.
"""

from __future__ import annotations

from collections.abc import Container
from types import TracebackType
from typing import Final, assert_never

from ..models.history import Event
from .due import time_passed
from .effects import ChildToStart, FunctionToCall
from .execution import Execution, begin
from .faults import unknown_execution
from .function_calls import FunctionCalls
from .loaded import Loaded
from .operations.chained_invoke import Outcome, complete
from .origin import Caller, Origin
from .outcomes import outcome_of, timed_out
from .owed import Owed
from .saved import Change, Entry, SavedCall, Selection
from .saving import change_of, mark_saved, restored
from .setting import Setting
from .standing import Phase
from .store import Store

_DAY: Final = 86_400.0


class Executions:
    """Finds executions, and settles them after each change.

    Whatever changes them happens inside ``with executions:``; the end of it saves.

    Args:
        setting: what they have in common.
        store: where they are kept; those that are there go on as if nothing had been.
        loaded: how many operations of executions at rest stay in memory.
    """

    def __init__(self, setting: Setting, store: Store, loaded: int) -> None:
        self._setting: Final = setting
        self._store: Final = store
        self._loaded: Final = Loaded(loaded)
        self._next_number = store.latest(None) + 1
        # Settled and not saved yet.
        self._changed: Final[dict[str, Execution]] = {}
        self._forgotten: Final[list[int]] = []
        self._untold: list[tuple[str, Event]] = []
        unfinished = store.unfinished()
        self._owed: Final = Owed(unfinished.owed)
        self._in_flight: Final = unfinished.in_flight
        self.calls: Final = FunctionCalls(
            setting.policy.invocation_timeout_seconds, unfinished.calls
        )
        # What each execution has set off and what waits until it suspends: the ARNs of
        # executions and the ids of calls.
        self._held: Final[dict[str, list[str]]] = {}
        for child, caller in unfinished.held:
            self._held.setdefault(caller, []).append(child)
        for call in self.calls.held():
            self._held.setdefault(call.caller.arn, []).append(call.call_id)

    def get(self, arn: str) -> Execution | None:
        """The execution with this ARN, or None."""
        execution = self._loaded.get(arn)
        if execution is None:
            saved = self._store.load(arn)
            if saved is not None:
                execution = restored(saved, self._setting)
                self._loaded.rest(execution)
        return execution

    def find(self, arn: str) -> Execution:
        """The execution with this ARN.

        Raises:
            ServiceFault: there is none.
        """
        execution = self.get(arn)
        if execution is None:
            raise unknown_execution()
        return execution

    def find_current(self, arn: str, now: float) -> Execution:
        """The execution with this ARN, after what is due of it has happened.

        That stays so even if the call that asks for it is refused.

        Raises:
            ServiceFault: there is none.
        """
        execution = self.find(arn)
        self.catch_up(execution, now)
        self.settle(execution, now)
        return execution

    def named(self, origin: Origin) -> Execution | None:
        """The execution that has the name, and the function's version, of this one."""
        arn = self._store.find_named(origin.function_name, origin.version, origin.name)
        return None if arn is None else self.get(arn)

    def begin(self, origin: Origin) -> Execution:
        """A new one. Settle it next."""
        execution = begin(origin, self._next_number, self._setting)
        self._next_number += 1
        self._loaded.hold(execution)
        return execution

    def first_owed(self, served: Container[str] | None) -> Execution | None:
        """The one that is owed an invocation longest, or None. Call `took_off` for it next.

        Args:
            served: the functions that can be invoked; None is all.
        """
        arn = self._owed.first(served)
        return None if arn is None else self.find(arn)

    def took_off(self, invocation_id: str, execution: Execution) -> None:
        """Its invocation is in flight now. Settle it next."""
        self._in_flight[invocation_id] = execution.origin.arn

    def landed(self, invocation_id: str) -> Execution | None:
        """An invocation is over: whose; None if nobody waits for it any more."""
        arn = self._in_flight.pop(invocation_id, None)
        return None if arn is None else self.find(arn)

    def in_flight(self) -> tuple[str, ...]:
        """The ids of all invocations in flight."""
        return tuple(self._in_flight)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in flight and nothing owed."""
        return not self._owed and not self._in_flight and self.calls.is_idle

    def events(
        self, execution: Execution, first: int, count: int | None = None, *, backwards: bool = False
    ) -> tuple[Event, ...]:
        """Events of an execution, all of which are saved; see `Store.events`."""
        return self._store.events(execution.number, first, count, backwards=backwards)

    def select(self, selection: Selection) -> list[tuple[int, Entry]]:
        """Some executions for a list, without loading them; see `Store.select`."""
        return self._store.select(selection)

    def latest(self, function_name: str | None) -> int:
        """The number of the latest start of a function, or of all; -1 if there was none."""
        return self._store.latest(function_name)

    # Saving

    def __enter__(self) -> Executions:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Also if the call was refused: what was due before it has happened.
        self.save()

    def save(self) -> None:
        """Let the store keep what changed. Nothing of it may be answered before."""
        calls, ended_calls = self.calls.touched()
        if self._changed or self._forgotten or calls or ended_calls:
            self._save(calls, ended_calls)
        self._loaded.trim()

    def _save(self, calls: list[SavedCall], ended_calls: list[str]) -> None:
        changes = [change_of(each) for each in self._changed.values()]
        self._store.save(Change(changes, tuple(self._forgotten), calls, ended_calls))
        for execution, change in zip(self._changed.values(), changes, strict=True):
            self._untold += ((execution.origin.arn, event) for event in change.events)
            mark_saved(execution, change)
            self._loaded.rest(execution)
        self._changed.clear()
        self._forgotten.clear()
        self.calls.forget_touched()

    def take_untold(self) -> list[tuple[str, Event]]:
        """The events that were saved since it was asked last, each with its execution's ARN."""
        untold, self._untold = self._untold, []
        return untold

    # Time

    def next_due(self) -> float | None:
        """The earliest deadline of anything but forgetting."""
        first = self._store.due()
        times = (None if first is None else first[0], self.calls.next_due())
        return min((time for time in times if time is not None), default=None)

    def pass_time(self, now: float) -> None:
        """Do everything that is due."""
        while (due := self.next_due()) is not None and due <= now:
            while (first := self._store.due()) is not None and first[0] <= now:
                execution = self.find(first[1])
                self.catch_up(execution, now)
                self.settle(execution, now)
                self.save()
            while (call := self.calls.pass_time(now)) is not None:
                seconds = self._setting.policy.invocation_timeout_seconds
                self.answer(call, timed_out(call.call_id, seconds, now), now)
            self.save()
        while (last := self._store.to_forget()) is not None and last[0] <= now:
            self._loaded.drop(last[2])
            self._forgotten.append(last[1])
            self.save()

    def catch_up(self, execution: Execution, now: float) -> None:
        """Do what is due of one execution, before something else happens to it."""
        flight = execution.invocation
        time_passed(execution, now)
        if flight is not None and execution.invocation is None:
            del self._in_flight[flight.id]

    # What a change entails

    def answer(self, call: FunctionToCall, outcome: Outcome, now: float) -> None:
        """A plain function is done: tell who waits for it."""
        caller = self._tell(call.caller, outcome, now)
        if caller is not None:
            self.settle(caller, now)

    def settle(self, execution: Execution, now: float) -> None:
        """Take note of what a call changed, and of all that follows from it elsewhere."""
        changed = [execution]
        for each in changed:  # it grows meanwhile
            changed += self._set_off(each, now)
            changed += self._release(each)
            if each.is_over:
                caller = self._report(each, now)
                if caller is not None:
                    changed.append(caller)
                self._plan_to_forget(each)
            self._queue(each)
            self.touch(each)

    def touch(self, execution: Execution) -> None:
        """Let it be saved."""
        self._loaded.hold(execution)
        self._changed[execution.origin.arn] = execution

    def _queue(self, execution: Execution) -> None:
        """Give it a place in the queue of those that are owed an invocation, or take it away."""
        arn = execution.origin.arn
        if execution.phase is not Phase.OWED or execution.is_paused:
            self._owed.discard(arn)
            execution.owed = None
        elif execution.owed is None:
            execution.owed = self._owed.add(arn)

    def _set_off(self, execution: Execution, now: float) -> list[Execution]:
        """Do what its CHAINED_INVOKEs ask for; which executions begin by that."""
        if not execution.effects:
            return []
        held = self._held.setdefault(execution.origin.arn, [])
        children: list[Execution] = []
        until = now + self._setting.policy.chained_invoke_seconds
        for effect in execution.effects:
            match effect:
                case ChildToStart(origin):
                    child = self.begin(origin)
                    child.postpone(until)
                    children.append(child)
                    held.append(child.origin.arn)
                case FunctionToCall():
                    self.calls.hold(effect, until)
                    held.append(effect.call_id)
                case _:
                    assert_never(effect)
        execution.effects.clear()
        return children

    def _release(self, execution: Execution) -> list[Execution]:
        """Let what it set off go ahead, once it has suspended; which executions those are."""
        if execution.phase is Phase.IN_FLIGHT:
            return []
        released: list[Execution] = []
        for each in self._held.pop(execution.origin.arn, ()):
            child = None if self.calls.release(each) else self.get(each)
            if child is not None and child.invocations == 0 and child.phase is Phase.POSTPONED:
                child.invoke_now()
                released.append(child)
        return released

    def _report(self, execution: Execution, now: float) -> Execution | None:
        """Tell the caller of one that is over, once; which execution that is."""
        caller = execution.origin.caller
        if caller is None or execution.reported:
            return None
        execution.reported = True
        return self._tell(caller, outcome_of(execution), now)

    def _tell(self, caller: Caller, outcome: Outcome, now: float) -> Execution | None:
        execution = self.get(caller.arn)
        if execution is not None:
            self.catch_up(execution, now)
            complete(execution, caller.operation_id, outcome, now)
        return execution

    def _plan_to_forget(self, execution: Execution) -> None:
        """Forget one that is over when its time has come, but never with its invocation out."""
        policy = self._setting.policy
        at = None
        if execution.deletion_asked is not None:
            at = execution.deletion_asked + policy.deletion_seconds
        elif execution.ended is not None and policy.forgetting:
            at = execution.ended + execution.origin.retention_days * _DAY
        if at is not None and execution.phase is Phase.IDLE:
            execution.kept_until = at
