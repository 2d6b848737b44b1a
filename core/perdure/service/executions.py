"""All executions of a service: by ARN, name and function, and what each change of one entails."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final, assert_never

from .deadlines import Deadlines
from .due import time_passed
from .effects import ChildToStart, FunctionToCall
from .execution import Execution, Phase, begin
from .faults import unknown_execution
from .function_calls import FunctionCalls
from .operations.chained_invoke import Outcome, complete
from .origin import Caller, Origin
from .outcomes import outcome_of, timed_out
from .setting import Setting

_DAY: Final = 86_400.0


class Executions:
    """Finds executions, and settles them after each change.

    Args:
        setting: what they have in common.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting: Final = setting
        self._by_arn: Final[dict[str, Execution]] = {}
        self._by_name: Final[dict[tuple[str, str, str], Execution]] = {}
        # What is forgotten leaves a gap, so that places in a list stay what they are.
        # Under None there are those of all functions.
        self._by_function: Final[dict[str | None, list[Execution | None]]] = {}
        self._places: Final[dict[str, tuple[int, int]]] = {}
        self._owed: Final[dict[str, Execution]] = {}
        self._in_flight: Final[dict[str, Execution]] = {}
        # What each execution has set off and what waits until it suspends.
        self._held: Final[dict[str, list[Execution | FunctionToCall]]] = {}
        self._deadlines: Final = Deadlines()
        self._to_forget: Final[list[tuple[float, str]]] = []
        self.calls: Final = FunctionCalls(setting.policy.invocation_timeout_seconds)

    def get(self, arn: str) -> Execution | None:
        """The execution with this ARN, or None."""
        return self._by_arn.get(arn)

    def find(self, arn: str) -> Execution:
        """The execution with this ARN.

        Raises:
            ServiceFault: there is none.
        """
        execution = self._by_arn.get(arn)
        if execution is None:
            raise unknown_execution()
        return execution

    def named(self, origin: Origin) -> Execution | None:
        """The execution that has the name, and the function's version, of this one."""
        return self._by_name.get(_name_of(origin))

    def of_function(self, name: str | None) -> Sequence[Execution | None]:
        """A function's executions in the order of their starts; None is one that is forgotten.

        Args:
            name: of the function; None asks for the executions of all.
        """
        return self._by_function.get(name, ())

    def begin(self, origin: Origin) -> Execution:
        """A new one. Settle it next."""
        execution = begin(origin, self._setting)
        self._by_arn[origin.arn] = execution
        self._by_name[_name_of(origin)] = execution
        lists = [self._by_function.setdefault(each, []) for each in (origin.function_name, None)]
        self._places[origin.arn] = len(lists[0]), len(lists[1])
        for each in lists:
            each.append(execution)
        return execution

    def first_owed(self) -> Execution | None:
        """The one that is owed an invocation longest, or None. Call `took_off` for it next."""
        return next(iter(self._owed.values()), None)

    def took_off(self, invocation_id: str, execution: Execution) -> None:
        """Its invocation is in flight now. Settle it next."""
        self._in_flight[invocation_id] = execution

    def landed(self, invocation_id: str) -> Execution | None:
        """An invocation is over: whose; None if nobody waits for it any more."""
        return self._in_flight.pop(invocation_id, None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in flight and nothing owed."""
        return not self._owed and not self._in_flight and self.calls.is_idle

    # Time

    def next_due(self) -> float | None:
        """The earliest deadline of anything but forgetting."""
        times = (self._deadlines.next_due(), self.calls.next_due())
        return min((time for time in times if time is not None), default=None)

    def pass_time(self, now: float) -> None:
        """Do everything that is due."""
        while (due := self.next_due()) is not None and due <= now:
            while (execution := self._deadlines.pop_due(now)) is not None:
                self.catch_up(execution, now)
                self.settle(execution, now)
            while (call := self.calls.pass_time(now)) is not None:
                seconds = self._setting.policy.invocation_timeout_seconds
                self.answer(call, timed_out(call.call_id, seconds, now), now)
        while self._to_forget and self._to_forget[0][0] <= now:
            self._forget(*heappop(self._to_forget))

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
            if each.phase is Phase.OWED and not each.is_paused:
                self._owed.setdefault(each.origin.arn, each)
            else:
                self._owed.pop(each.origin.arn, None)
            self._deadlines.tell(each)

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
                    held.append(child)
                case FunctionToCall():
                    self.calls.hold(effect, until)
                    held.append(effect)
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
            if isinstance(each, FunctionToCall):
                self.calls.release(each.call_id)
            elif each.invocations == 0 and each.phase is Phase.POSTPONED:
                each.invoke_now()
                released.append(each)
        return released

    def _report(self, execution: Execution, now: float) -> Execution | None:
        """Tell the caller of one that is over, once; which execution that is."""
        caller = execution.origin.caller
        if caller is None or execution.reported:
            return None
        execution.reported = True
        return self._tell(caller, outcome_of(execution), now)

    def _tell(self, caller: Caller, outcome: Outcome, now: float) -> Execution | None:
        execution = self._by_arn.get(caller.arn)
        if execution is not None:
            self.catch_up(execution, now)
            complete(execution, caller.operation_id, outcome, now)
        return execution

    # Forgetting

    def free_name(self, execution: Execution) -> None:
        """Another execution may have its name now."""
        name = _name_of(execution.origin)
        if self._by_name.get(name) is execution:
            del self._by_name[name]

    def _plan_to_forget(self, execution: Execution) -> None:
        """Forget one that is over when its time has come, but never with its invocation out."""
        policy = self._setting.policy
        at = None
        if execution.deletion_asked is not None:
            at = execution.deletion_asked + policy.deletion_seconds
        elif execution.ended is not None and policy.forgetting:
            at = execution.ended + execution.origin.retention_days * _DAY
        if at is not None and at != execution.kept_until and execution.phase is Phase.IDLE:
            execution.kept_until = at
            heappush(self._to_forget, (at, execution.origin.arn))

    def _forget(self, at: float, arn: str) -> None:
        execution = self._by_arn.get(arn)
        # It may have been deleted after this was planned.
        if execution is None or execution.kept_until != at:
            return
        del self._by_arn[arn]
        names = execution.origin.function_name, None
        for name, place in zip(names, self._places.pop(arn), strict=True):
            self._by_function[name][place] = None
        self.free_name(execution)


def _name_of(origin: Origin) -> tuple[str, str, str]:
    return origin.function_name, origin.version, origin.name
