"""Calls of plain functions: held until their caller suspends, then to be made, then in flight."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from .effects import FunctionToCall


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
    """

    __slots__ = ("_due", "_held", "_queue", "_sent", "_timeout")

    def __init__(self, timeout_seconds: int) -> None:
        self._timeout: Final = timeout_seconds
        self._held: Final[dict[str, FunctionToCall]] = {}
        self._queue: Final[dict[str, FunctionToCall]] = {}
        self._sent: Final[dict[str, FunctionToCall]] = {}
        # When a held one goes to the queue, and when a sent one is given up.
        self._due: Final[list[tuple[float, str, bool]]] = []

    def hold(self, call: FunctionToCall, until: float) -> None:
        """Make this call at that time, or when it is released."""
        self._held[call.call_id] = call
        heappush(self._due, (until, call.call_id, False))

    def release(self, call_id: str) -> None:
        """Make a held call now. Harmless if it is not held any more."""
        call = self._held.pop(call_id, None)
        if call is not None:
            self._queue[call_id] = call

    def to_send(self, now: float) -> FunctionCallToSend | None:
        """The next one to make. It is in flight from here on."""
        for call_id in self._queue:
            call = self._queue.pop(call_id)
            self._sent[call_id] = call
            deadline = now + self._timeout
            heappush(self._due, (deadline, call_id, True))
            return FunctionCallToSend(
                call_id,
                call.caller.arn,
                call.function_name,
                call.qualifier,
                call_id,
                call.payload,
                deadline,
                call.tenant_id,
                call.trace_id,
            )
        return None

    def end(self, call_id: str) -> FunctionToCall | None:
        """One in flight is over: which; None if nobody waits for it any more."""
        return self._sent.pop(call_id, None)

    @property
    def is_idle(self) -> bool:
        """Whether none is in flight or to be made."""
        return not self._queue and not self._sent

    def next_due(self) -> float | None:
        """When one of them is released or given up, or None."""
        while self._due:
            due, call_id, sent = self._due[0]
            if call_id in (self._sent if sent else self._held):
                return due
            heappop(self._due)
        return None

    def pass_time(self, now: float) -> FunctionToCall | None:
        """Release the held ones that are due; return one that is given up, which is over.

        Call it again until it returns None.
        """
        while (due := self.next_due()) is not None and due <= now:
            _, call_id, sent = heappop(self._due)
            if sent:
                return self._sent.pop(call_id)
            self.release(call_id)
        return None
