"""Callback: an id to hand to somebody outside, and their answer to wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ..errors import (
    CallbackError,
    CallbackExternalError,
    CallbackHeartbeatError,
    CallbackTimeoutError,
    ValidationError,
)
from ..models.enums import OperationAction, OperationStatus
from ..models.operation import CallbackDetails
from ..models.update import CallbackOptions
from ..modes import Need
from ..recorded_errors import recorded_error
from ..serdes import PASS_THROUGH, SerDes
from ..transitions import OnReplay
from . import payloads
from .call import OperationCall

SUB_TYPE: Final = "Callback"
_MAX_TIMEOUT: Final = 99_999_999
_HEARTBEAT: Final = "Callback.Heartbeat"


@dataclass(slots=True)
class CallbackConfig:
    """How a callback behaves.

    Args:
        timeout: seconds until it fails for want of an answer; 0 is never.
        heartbeat_timeout: seconds it may go without a heartbeat; 0 is for ever.
        serdes: how the answer is read; by default it is the text as it was sent.
        sub_type: what kind of callback, or of wait for one, the history shows; None is the
            usual one.
    """

    timeout: int = 0
    heartbeat_timeout: int = 0
    serdes: SerDes = PASS_THROUGH
    sub_type: str | None = None


def timeout_seconds(duration: int | timedelta | None) -> int:
    """A timeout in whole seconds; None and 0 are none.

    Raises:
        ValidationError: it is negative, not whole, or above 99 999 999 seconds.
    """
    if duration is None:
        return 0
    if isinstance(duration, timedelta):
        seconds, rest = divmod(duration, timedelta(seconds=1))
        if rest:
            raise ValidationError(f"a timeout takes whole seconds, not {duration}")
    else:
        seconds = duration
    if isinstance(seconds, bool) or not isinstance(seconds, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
        raise ValidationError(f"a timeout takes whole seconds or a timedelta, not {duration!r}")
    if not 0 <= seconds <= _MAX_TIMEOUT:
        raise ValidationError(f"a timeout lasts at most {_MAX_TIMEOUT} seconds, not {seconds}")
    return seconds


async def create_callback(this: OperationCall, config: CallbackConfig) -> str:
    """Create a callback, and return the id that outsiders answer with.

    Whatever became of the callback meanwhile, its id is returned; `await_callback` says.
    """
    operation, decision = await this.find()
    if decision is OnReplay.BEGIN:
        ticket = this.send(
            OperationAction.START,
            Need.CORRECTNESS,
            callback_options=CallbackOptions(config.timeout, config.heartbeat_timeout),
        )
        await this.settle(ticket, Need.CORRECTNESS)
        operation, _ = await this.find()
    details = None if operation is None else operation.callback_details
    if details is None or details.callback_id is None:
        raise this.broken(f"the service gave callback {this.id} no id")
    return details.callback_id


async def await_callback(this: OperationCall, serdes: SerDes) -> Any:
    """Wait for the answer to a callback that was created.

    Raises:
        CallbackTimeoutError: nobody answered in time (CallbackHeartbeatError: the
            heartbeats stopped).
        CallbackExternalError: the answer was a failure.
        SerDesError: the answer cannot be read.
    """
    while True:
        operation, decision = await this.find()
        details = (operation and operation.callback_details) or CallbackDetails()
        if decision is OnReplay.RETURN:
            return payloads.decode(this.state, serdes, details.result)
        if decision is OnReplay.RAISE:
            assert operation is not None
            kind: type[CallbackError] = CallbackExternalError
            if operation.status == OperationStatus.TIMED_OUT:
                kind = CallbackTimeoutError
                if details.error is not None and details.error.error_type == _HEARTBEAT:
                    kind = CallbackHeartbeatError
            raise recorded_error(kind, details.error)
        await this.wait_for_service(None)
