"""Parallel and map: the same context over branches, each a child context in its own flow.

The batch never fails because a branch did: its result says what became of each. It is
recorded as one text. Where that is above 256 KiB, a short record takes its place, and a
replay makes the result again from the branches.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

from ..batch_completion import BatchStatus, Completion, CompletionReason
from ..batch_result import BatchItem, BatchResult, item_of
from ..branches import Branches
from ..effects import Effect, run_branches
from ..errors import BatchError, ValidationError, error_object
from ..ids import operation_id
from ..models.enums import OperationAction, OperationType
from ..models.update import ContextOptions
from ..modes import Need
from ..recorded_errors import fit_error, recorded_error
from ..running import running_in
from ..serdes import TAGGED, SerDes
from ..transitions import TERMINAL, OnReplay
from . import payloads
from .call import OperationCall
from .child import ChildConfig, ChildOutcome, child_outcome, is_fault, is_large


class Nesting(StrEnum):
    """Whether a branch is an operation of its own."""

    NESTED = "NESTED"
    """It is: its result is recorded, and a finished branch does not run again."""
    FLAT = "FLAT"
    """It is not, which saves two events: its operations lie right below the batch."""


@dataclass(frozen=True, slots=True)
class BatchKind:
    """The words of the wire for one kind of batch."""

    sub_type: str
    branch_sub_type: str
    record_type: str
    branch_name: str


# Asked at every branch, and looking up a member of an Enum costs more than the rest.
_CONTEXT: Final = OperationType.CONTEXT

PARALLEL: Final = BatchKind("Parallel", "ParallelBranch", "ParallelResult", "parallel-branch-")
MAP: Final = BatchKind("Map", "MapIteration", "MapResult", "map-item-")


@dataclass(slots=True)
class BatchConfig:
    """How a batch behaves.

    Args:
        max_concurrency: how many branches run at once; None is all.
        completion: when it is complete; by default the first failure ends it.
        nesting: whether branches are operations of their own.
        serdes: how the whole result is recorded.
        item_serdes: how the result of a branch is; by default as the whole.
        summary: makes a text that goes into the record of a result above 256 KiB.
    """

    max_concurrency: int | None = None
    completion: Completion = field(default_factory=Completion)
    nesting: Nesting = Nesting.NESTED
    serdes: SerDes = TAGGED
    item_serdes: SerDes | None = None
    summary: Callable[[BatchResult[Any]], str] | None = None

    def check(self, total: int) -> None:
        """Check it against the number of branches.

        Raises:
            ValidationError: it cannot be met. No place was taken.
        """
        if self.max_concurrency is not None and self.max_concurrency < 1:
            raise ValidationError(f"max_concurrency is at least 1, not {self.max_concurrency}")
        self.completion.check(total)


Body = Callable[[Any, int], Awaitable[Any] | Any]
"""(the branch's own context, its index) -> its result."""

OpenContext = Callable[[str, str], Any]
"""(prefix of ids, parent on the wire) -> a context that belongs to the flow running now."""


async def run_batch(
    this: OperationCall,
    kind: BatchKind,
    config: BatchConfig,
    names: Sequence[str],
    body: Body,
    open_context: OpenContext,
) -> BatchResult[Any]:
    """Carry out one batch.

    Args:
        this: the call.
        kind: parallel or map.
        config: how it behaves, checked.
        names: of the branches, as many as there are inputs.
        body: what a branch does.
        open_context: makes a branch's context.

    Raises:
        SerDesError: the result cannot be recorded, or what is recorded not be read.
        BatchError: `summary` raised, or its text is larger than the service takes.
    """

    child = ChildConfig(config.item_serdes or config.serdes, virtual=config.nesting is Nesting.FLAT)

    def run(index: int) -> Coroutine[Effect, Any, ChildOutcome]:
        return _run_branch(this, kind, child, names[index], body, open_context, index)

    operation, decision = await this.find()
    details = None if operation is None else operation.context_details
    if decision is OnReplay.RAISE:
        raise recorded_error(BatchError, None if details is None else details.error)
    if decision is OnReplay.RETURN:
        text = None if details is None else details.result
        if details is not None and details.replay_children:
            return await _derive(this, config, text, len(names), run)
        kept = cast("BatchResult[Any]", payloads.decode(this.state, config.serdes, text))
        if this.state.comparison is not None:
            await _run_again(this, config, kept, len(names), run)
        return kept
    if decision is OnReplay.BEGIN:
        await this.settle(this.send(OperationAction.START, Need.ANNOUNCE), Need.ANNOUNCE)
    branches = Branches(names, config.completion, config.max_concurrency)
    await run_branches(branches, run)
    branches.raise_fault()
    this.state.check_open()
    return await _succeed(this, kind, config, branches.result())


def _run_branch(
    this: OperationCall,
    kind: BatchKind,
    config: ChildConfig,
    name: str,
    body: Body,
    open_context: OpenContext,
    index: int,
) -> Coroutine[Effect, Any, ChildOutcome]:
    identity = operation_id(index, this.id)
    if this.state.comparison is not None:
        this.state.comparison.called(identity, this.id, index + 1)
    branch = OperationCall(
        this.state, identity, this.id, name or None, _CONTEXT, kind.branch_sub_type
    )
    context = open_context(identity, this.id if config.virtual else identity)
    return child_outcome(branch, config, running_in, context, body, context, index)


async def _succeed(
    this: OperationCall, kind: BatchKind, config: BatchConfig, result: BatchResult[Any]
) -> BatchResult[Any]:
    try:
        text = payloads.encode(this.state, config.serdes, result)
        large = is_large(text)
        # What the default encoding made of the branches' results, it makes again of the whole.
        same = large or (config.item_serdes or config.serdes) is config.serdes is TAGGED
        kept = result if same else payloads.decode(this.state, config.serdes, text)
        ticket = this.send(
            OperationAction.SUCCEED,
            Need.RESULT,
            payload=_record(kind, config, result) if large else text,
            context_options=ContextOptions(large),
        )
    except Exception as error:
        if is_fault(error):
            raise
        recorded = fit_error(error_object(error))
        await this.settle(this.send(OperationAction.FAIL, Need.RESULT, error=recorded), Need.RESULT)
        raise recorded_error(BatchError, recorded) from error
    await this.settle(ticket, Need.RESULT)
    return cast("BatchResult[Any]", kept)


def _record(kind: BatchKind, config: BatchConfig, result: BatchResult[Any]) -> str:
    """What is recorded of a large result: which branches ended, in as few words as do."""
    started = [item.index for item in result.started]
    completed = [item.index for item in result.all if item.status is not BatchStatus.STARTED]
    record: dict[str, Any] = {
        "type": kind.record_type,
        "totalCount": len(result.all),
        "completionReason": result.completion_reason.value,
    }
    if len(started) <= len(completed):
        record["startedIndexes"] = started
    else:
        record["completedIndexes"] = completed
    record["startedCount"] = len(started)
    record["successCount"] = len(result.succeeded)
    record["failureCount"] = len(result.failed)
    record["status"] = result.status.value
    if config.summary is not None:
        record["summary"] = config.summary(result)
    return json.dumps(record)


async def _run_again(
    this: OperationCall,
    config: BatchConfig,
    kept: BatchResult[Any],
    inputs: int,
    run: Callable[[int], Coroutine[Effect, Any, ChildOutcome]],
) -> None:
    """Run the branches that had ended over their records, to compare what is in them."""
    ended: set[int] = set()
    if isinstance(kept, BatchResult):  # pyright: ignore[reportUnnecessaryIsInstance]  # a serdes may make anything
        ended = {item.index for item in kept.all if item.status is not BatchStatus.STARTED}
        if kept.completion_reason is CompletionReason.ALL_COMPLETED:
            # All there were had ended: one more finds nothing recorded, and is refused.
            ended.update(range(inputs))
    for index in range(inputs):
        recorded = this.state.look_up(operation_id(index, this.id))
        if index in ended if recorded is None else recorded.status in TERMINAL:
            await run(index)
    _refuse_unreached(this, config, inputs)


def _refuse_unreached(this: OperationCall, config: BatchConfig, inputs: int) -> None:
    """Where the invocation only replays: is a branch recorded that is none any more?"""
    if this.state.comparison is None or config.nesting is Nesting.FLAT:
        return
    for index in range(inputs):
        # Those that had not ended when the batch was complete are not run again.
        this.state.comparison.called(operation_id(index, this.id), this.id, index + 1)
    this.state.comparison.refuse_unreached(this.id)


async def _derive(
    this: OperationCall,
    config: BatchConfig,
    text: str | None,
    inputs: int,
    run: Callable[[int], Coroutine[Effect, Any, ChildOutcome]],
) -> BatchResult[Any]:
    """Make a large result again from its branches, one after the other: all is recorded."""
    total, started, reason = _read_record(text, inputs)
    items: list[BatchItem[Any]] = []
    for index in range(total):
        recorded = this.state.look_up(operation_id(index, this.id))
        if index in started:
            items.append(BatchItem(index, BatchStatus.STARTED))
        elif config.nesting is Nesting.FLAT or (recorded and recorded.status in TERMINAL):
            items.append(item_of(index, await run(index)))
        elif recorded is not None:
            items.append(BatchItem(index, BatchStatus.STARTED))
    _refuse_unreached(this, config, inputs)
    return BatchResult(tuple(items), reason)


def _read_record(text: str | None, inputs: int) -> tuple[int, frozenset[int], CompletionReason]:
    """(how many branches were started, which of them were open at the end, the reason).

    A record that another SDK wrote may lack some of it; then the branches themselves say.
    """
    try:
        record = json.loads(text or "")
        total = min(int(record["totalCount"]), inputs)
        reason = CompletionReason(record["completionReason"])
        if "startedIndexes" in record:
            return total, frozenset(record["startedIndexes"]), reason
        completed = frozenset(record["completedIndexes"])
        return total, frozenset(range(total)) - completed, reason
    except (ValueError, KeyError, TypeError):
        return inputs, frozenset(), CompletionReason.ALL_COMPLETED
