"""Calls of plain functions: held until their caller suspends, then to be made, then in flight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from .effects import FunctionToCall
from .saved import SavedCall, Stage


@dataclass(frozen=True, slots=True)
class FunctionCallToSend:
    """One call of a plain function to make now, as a RequestResponse invocation.

    Args:
        call_id: pass it back with what came of the call.
        caller_arn: the execution that waits for it.
        function_name: of the function to call.
        qualifier: the version or alias to call.
        request_id: Lambda's request id, as the function sees it.
        payload: the event, a JSON text.
        deadline: when the service gives up waiting for it, UNIX seconds.
        tenant_id: for the invocation's header, where the caller named a tenant.
        trace_id: likewise.
    """

    call_id: str
    caller_arn: str
    function_name: str
    qualifier: str
    request_id: str
    payload: str
    deadline: float
    tenant_id: str | None = None
    trace_id: str | None = None


class FunctionCalls:
    """All calls of plain functions that are not over.

    Args:
        timeout_seconds: how long one may take.
        saved: those of a store, by their counts.
    """

    __slots__ = ("_by_stage", "_count", "_due", "_timeout", "_touched")

    def __init__(self, timeout_seconds: int, saved: Iterable[SavedCall]) -> None:
        self._timeout: Final = timeout_seconds
        self._by_stage: Final[dict[Stage, dict[str, SavedCall]]] = {each: {} for each in Stage}
        # When a held one goes to the queue, and when a sent one is given up.
        self._due: Final[list[tuple[float, str, Stage]]] = []
        self._count = 0
        # What the store does not know yet: how a call stands, or None if it is over.
        self._touched: dict[str, SavedCall | None] = {}
        for each in saved:
            self._put(each)

    def hold(self, call: FunctionToCall, until: float) -> None:
        """Make this call at that time, or when it is released."""
        self._enter(call, Stage.HELD, until)

    def release(self, call_id: str) -> bool:
        """Make a held call now. Returns False, and does nothing, if no such call is held."""
        call = self._leave(call_id, Stage.HELD)
        if call is not None:
            self._enter(call, Stage.QUEUED, None)
        return call is not None

    def to_send(self, now: float) -> FunctionCallToSend | None:
        """The next one to make. It is in flight from here on."""
        call_id = next(iter(self._by_stage[Stage.QUEUED]), None)
        call = None if call_id is None else self._leave(call_id, Stage.QUEUED)
        if call is None:
            return None
        deadline = now + self._timeout
        self._enter(call, Stage.SENT, deadline)
        return FunctionCallToSend(
            call.call_id,
            call.caller.arn,
            call.function_name,
            call.qualifier,
            call.call_id,
            call.payload,
            deadline,
            call.tenant_id,
            call.trace_id,
        )

    def end(self, call_id: str) -> FunctionToCall | None:
        """One in flight is over: which; None if nobody waits for it any more."""
        return self._leave(call_id, Stage.SENT)

    def held(self) -> Iterable[FunctionToCall]:
        """Those that wait for their callers to suspend."""
        return (each.call for each in self._by_stage[Stage.HELD].values())

    def in_flight(self) -> tuple[str, ...]:
        """The ids of those that were sent."""
        return tuple(self._by_stage[Stage.SENT])

    @property
    def is_idle(self) -> bool:
        """Whether none is in flight or to be made."""
        return not self._by_stage[Stage.QUEUED] and not self._by_stage[Stage.SENT]

    def next_due(self) -> float | None:
        """When one of them is released or given up, or None."""
        while self._due:
            due, call_id, stage = self._due[0]
            if call_id in self._by_stage[stage]:
                return due
            heappop(self._due)
        return None

    def pass_time(self, now: float) -> FunctionToCall | None:
        """Release the held ones that are due; return one that is given up, which is over.

        Call it again until it returns None.
        """
        while (due := self.next_due()) is not None and due <= now:
            _, call_id, stage = heappop(self._due)
            if stage is Stage.SENT:
                return self.end(call_id)
            self.release(call_id)
        return None

    # What a store keeps of them

    def touched(self) -> tuple[list[SavedCall], list[str]]:
        """What changed since it was saved: the calls as they stand, the ids of those over."""
        return (
            [call for call in self._touched.values() if call is not None],
            [call_id for call_id, call in self._touched.items() if call is None],
        )

    def forget_touched(self) -> None:
        """All of that is saved now."""
        self._touched.clear()

    def _enter(self, call: FunctionToCall, stage: Stage, due: float | None) -> None:
        saved = SavedCall(call, stage, due, self._count + 1)
        self._touched[call.call_id] = saved
        self._put(saved)

    def _put(self, saved: SavedCall) -> None:
        self._count = max(self._count, saved.count)
        self._by_stage[saved.stage][saved.call.call_id] = saved
        if saved.due is not None:
            heappush(self._due, (saved.due, saved.call.call_id, saved.stage))

    def _leave(self, call_id: str, stage: Stage) -> FunctionToCall | None:
        saved = self._by_stage[stage].pop(call_id, None)
        if saved is None:
            return None
        self._touched[call_id] = None
        return saved.call
