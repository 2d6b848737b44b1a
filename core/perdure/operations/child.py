"""Child context: a body of durable calls with ids of its own, recorded as one result.

A result above 256 KiB is not recorded whole. The context then keeps its children, and a
replay runs the body again over them: everything in it is recorded, so nothing happens
twice, and the value is made anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar, cast

from ..errors import (
    ChildContextError,
    DurableError,
    OperationError,
    ReplayError,
    ValidationError,
    error_object,
)
from ..limits import MAX_CONTEXT_RESULT_BYTES
from ..models.enums import OperationAction, OperationType
from ..models.operation import ErrorObject, Operation
from ..models.update import ContextOptions
from ..modes import Need
from ..outbox import Ticket
from ..recorded_errors import fit_error, recorded_error
from ..serdes import TAGGED, SerDes
from ..transitions import OnReplay
from . import payloads
from .body import run_body
from .call import OperationCall

T = TypeVar("T")

SUB_TYPE: Final = "RunInChildContext"

_WHOLE: Final = ContextOptions(replay_children=False)
_WITH_CHILDREN: Final = ContextOptions(replay_children=True)

# Asked at every branch, and looking up a member of an Enum costs more than the rest.
_BEGIN: Final = OnReplay.BEGIN
_START: Final = OperationAction.START
_SUCCEED: Final = OperationAction.SUCCEED
_ANNOUNCE: Final = Need.ANNOUNCE
_RESULT: Final = Need.RESULT


@dataclass(slots=True)
class ChildConfig:
    """How a child context behaves.

    Args:
        serdes: how the result is recorded.
        summary: makes the text that is recorded in place of a result above 256 KiB.
        virtual: leave no trace: the body's operations are recorded below the context
            around it, and the body runs again on every replay.
        sub_type: what kind of context the history shows.
    """

    serdes: SerDes = TAGGED
    summary: Callable[[Any], str] | None = None
    virtual: bool = False
    sub_type: str = SUB_TYPE


@dataclass(slots=True)
class ChildOutcome:
    """What a body came to: a value and its text, or an error. `ticket` is that of the
    update which records it, if one does.
    """

    value: Any = None
    text: str = ""
    error: ErrorObject | None = None
    cause: Exception | None = None
    ticket: Ticket | None = None

    def raise_as(self, kind: type[OperationError]) -> NoReturn:
        """Raise the error as one of a kind, with its cause: once."""
        cause, self.cause = self.cause, None
        try:
            raise recorded_error(kind, self.error) from cause
        finally:
            # It holds the frames that it came through, so none of them may hold it.
            del cause


async def run_child(
    this: OperationCall,
    config: ChildConfig,
    body: Callable[[], Awaitable[T]],
) -> T:
    """Carry out one child context.

    Args:
        this: the call.
        config: how it behaves.
        body: makes the coroutine of its body, over the effects of `perdure.effects`.

    Returns:
        What a replay would return: the result after encoding and decoding.

    Raises:
        ChildContextError: the body raised.
        SerDesError: its result cannot be recorded, or what is recorded not be read.
    """
    outcome = await child_outcome(this, config, body, keep_cause=True)
    if outcome.ticket is not None:
        await this.settle(outcome.ticket, Need.RESULT)
    if outcome.error is not None:
        outcome.raise_as(ChildContextError)
    return cast("T", outcome.value)


async def child_outcome(
    this: OperationCall,
    config: ChildConfig,
    body: Callable[..., Awaitable[Any]],
    *args: object,
    keep_cause: bool = False,
) -> ChildOutcome:
    """As `run_child`, but do not wait until the end is recorded: others may yet go with it.

    The exception itself is in the outcome only where `keep_cause` says that it will be
    raised again: it holds every frame it came through, and what those hold.
    """
    is_recorded = is_replay_children = False
    if config.virtual:
        _check_virtual(this)
    else:
        operation, decision = await this.find()
        details = None if operation is None else operation.context_details
        if this.state.comparison is not None:
            # Ended or not, the body runs again over its record: it is what is compared.
            decision = OnReplay.RESUME
        if decision is _BEGIN:
            ticket = this.send(_START, _ANNOUNCE)
            if _ANNOUNCE in this.state.waits:
                await this.settle(ticket, _ANNOUNCE)
        elif decision is OnReplay.RAISE:
            return ChildOutcome(error=(details and details.error) or ErrorObject())
        elif decision is OnReplay.RETURN:
            is_replay_children = details is not None and details.replay_children is True
            if not is_replay_children:
                text = None if details is None else details.result
                return ChildOutcome(payloads.decode(this.state, config.serdes, text))
        is_recorded = not is_replay_children
    try:
        value = await run_body(this, 1, body, *args, is_replay_children=is_replay_children)
        text, kept = payloads.record(this.state, config.serdes, value)
        outcome = ChildOutcome(kept, text)
        if is_recorded:
            outcome.ticket = _send_result(this, config, outcome)
    except Exception as error:
        if is_fault(error):
            raise
        recorded = fit_error(error_object(error))
        sent: Ticket | None = None
        if is_recorded:
            sent = this.send(OperationAction.FAIL, Need.RESULT, error=recorded)
        # Under no name: the error holds this frame, which would hold the error.
        return ChildOutcome(error=recorded, cause=error if keep_cause else None, ticket=sent)
    return outcome


def _check_virtual(this: OperationCall) -> None:
    recorded = this.state.look_up(this.id)
    if recorded is not None:
        mismatch = _not_virtual(this, recorded)
        this.state.fail(mismatch)
        raise mismatch


def _not_virtual(this: OperationCall, recorded: Operation) -> ReplayError:
    return ReplayError(
        this.id,
        {"type": recorded.type, "virtual": "no"},
        {"type": OperationType.CONTEXT, "virtual": "yes"},
    )


def is_fault(error: Exception) -> bool:
    """Whether an error is the invocation's rather than the body's: nothing to record."""
    return isinstance(error, DurableError) and not isinstance(
        error, (OperationError, ValidationError)
    )


def _send_result(this: OperationCall, config: ChildConfig, outcome: ChildOutcome) -> Ticket:
    text = outcome.text
    large = is_large(text)
    if large:
        text = "" if config.summary is None else config.summary(outcome.value)
    return this.send(
        _SUCCEED, _RESULT, payload=text, context_options=_WITH_CHILDREN if large else _WHOLE
    )


def is_large(text: str) -> bool:
    """Whether a context's result is too large to be recorded whole."""
    if len(text) > MAX_CONTEXT_RESULT_BYTES:
        return True
    return not text.isascii() and len(text.encode(errors="replace")) > MAX_CONTEXT_RESULT_BYTES
