"""Gather, all settled, race, any: single operations of one context at the same time.

Each operation took its place, and its id, when it was called; here each runs in a flow of
its own. What they come to is recorded by themselves. Which of them *decided* is not: two
may end within one answer of the service, a loser may end after the winner, and a replay,
which finds all of them ended, could not tell. Time stamps do not help, for they are equal
within a request and a loser's may still be added later. So a combination is an operation
too, a CONTEXT, and its payload is the index of the one that decided, or ``null`` where all
had to end. It is queued after the end of that one, and updates are recorded in their order,
so whoever finds the index finds that operation ended.

`all_settled` waits for all and has nothing to decide, so it takes no place of its own.
"""

from __future__ import annotations

import json
from collections.abc import Coroutine, Sequence
from enum import StrEnum
from typing import Any, Final, assert_never, cast

from ..batch_completion import ALL_COMPLETED, Completion
from ..batch_result import BatchResult
from ..branches import Branches
from ..effects import Effect, run_branches
from ..errors import BatchError, RemoteProtocolError, error_object
from ..models.enums import OperationAction
from ..modes import Need
from ..recorded_errors import recorded_error
from ..state import ExecutionState
from ..transitions import OnReplay
from .call import OperationCall
from .child import ChildOutcome, is_fault

SUB_TYPE: Final = "PromiseCombinator"

Operations = Sequence[Coroutine[Effect, Any, Any]]


class Combination(StrEnum):
    """What the end of one operation means for the others."""

    GATHER = "gather"
    """All must succeed; the first failure ends it."""
    RACE = "race"
    """The first end counts, good or bad."""
    ANY = "any"
    """The first success counts."""


_COMPLETION: Final = {
    Combination.GATHER: Completion(),
    Combination.RACE: Completion(min_successful=1, tolerated_failures=0),
    Combination.ANY: Completion(min_successful=1),
}


class _Flows:
    """The operations, each to be run at most once, and what came of those that have ended."""

    def __init__(self, operations: Operations) -> None:
        self._waiting: Final = dict(enumerate(operations))
        self._values: Final[dict[int, Any]] = {}
        self._errors: Final[dict[int, Exception]] = {}

    async def run(self, index: int) -> ChildOutcome:
        """Run one to its end, and keep that for `outcome`."""
        operation = self._waiting.pop(index, None)
        if operation is None:
            # A thread may begin when all is decided; it is too late then.
            return ChildOutcome()
        try:
            value = self._values[index] = await operation
        except Exception as error:
            if is_fault(error):
                raise
            self._errors[index] = error
            return ChildOutcome(error=error_object(error))
        return ChildOutcome(value)

    async def outcome(self, index: int) -> Any:
        """The value of one, or its own exception; run it now if it did not run yet."""
        if index in self._waiting:
            await self.run(index)
        if index in self._errors:
            raise self._errors[index]
        return self._values[index]

    def close(self) -> None:
        """Give up those that did not run, and errors: they hold the frames they came through."""
        while self._waiting:
            self._waiting.popitem()[1].close()
        self._errors.clear()


async def run_combination(this: OperationCall, kind: Combination, operations: Operations) -> Any:
    """Carry out one gather, race or any.

    Args:
        this: the call.
        kind: which of them.
        operations: at least one for race and any; all minted in one context.

    Returns:
        The values of all as a tuple (gather), or the value of the one that decided.

    Raises:
        OperationError: of the operation that decided.
        BatchError: any, and none succeeded.
    """
    flows = _Flows(operations)
    try:
        operation, decision = await this.find()
        details = None if operation is None else operation.context_details
        if decision is OnReplay.RAISE:
            raise recorded_error(BatchError, None if details is None else details.error)
        if decision is OnReplay.RETURN:
            text = None if details is None else details.result
            decided = _read(this, text, len(operations))
        else:
            if decision is OnReplay.BEGIN:
                await this.settle(this.send(OperationAction.START, Need.ANNOUNCE), Need.ANNOUNCE)
            result = await _run(this.state, flows, len(operations), _COMPLETION[kind])
            decided = _decided(kind, result)
            text = json.dumps(decided)
            ticket = this.send(OperationAction.SUCCEED, Need.RESULT, payload=text)
            await this.settle(ticket, Need.RESULT)
        if decided is not None:
            return await flows.outcome(decided)
        if kind is Combination.GATHER:
            return tuple([await flows.outcome(index) for index in range(len(operations))])
        raise await _none_succeeded(flows, len(operations))
    finally:
        flows.close()


async def run_all_settled(state: ExecutionState, operations: Operations) -> BatchResult[Any]:
    """Carry out one all_settled: whatever each operation came to, in their order."""
    flows = _Flows(operations)
    try:
        return await _run(state, flows, len(operations), ALL_COMPLETED)
    finally:
        flows.close()


async def _run(
    state: ExecutionState, flows: _Flows, total: int, completion: Completion
) -> BatchResult[Any]:
    branches = Branches([None] * total, completion, None)
    await run_branches(branches, flows.run)
    branches.raise_fault()
    state.check_open()
    return branches.result()


def _decided(kind: Combination, result: BatchResult[Any]) -> int | None:
    """The index of the operation whose end was that of the whole."""
    match kind:
        case Combination.GATHER:
            deciding = result.failed
        case Combination.RACE:
            deciding = result.succeeded + result.failed
        case Combination.ANY:
            deciding = result.succeeded
        case _:
            assert_never(kind)
    return deciding[0].index if deciding else None


def _read(this: OperationCall, text: str | None, total: int) -> int | None:
    """The recorded index.

    Raises:
        RemoteProtocolError: it is none of these operations.
    """
    try:
        decided = json.loads(text or "")
        if decided is None or decided in range(total):
            return cast("int | None", decided)
    except ValueError:
        pass
    raise RemoteProtocolError(f"the record of operation {this.id} names none of {total} operations")


async def _none_succeeded(flows: _Flows, total: int) -> BatchError:
    messages: list[str] = []
    for index in range(total):
        try:
            await flows.outcome(index)
        except Exception as error:
            if is_fault(error):
                raise
            messages.append(str(error))
    return BatchError(f"none of {total} operations succeeded: {'; '.join(messages)}")
