"""Wait: let time pass without paying for it. The service keeps the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, assert_never

from ..errors import OperationError, ValidationError
from ..models.enums import OperationAction
from ..models.fields import MAX_DELAY_SECONDS
from ..models.update import WaitOptions
from ..modes import Need
from ..transitions import OnReplay
from .call import OperationCall

SUB_TYPE: Final = "Wait"


def whole_seconds(duration: int | timedelta) -> int:
    """A duration in whole seconds.

    Raises:
        ValidationError: it is not whole, or not between one second and 366 days.
    """
    if isinstance(duration, timedelta):
        seconds, rest = divmod(duration, timedelta(seconds=1))
        if rest:
            raise ValidationError(f"a wait takes whole seconds, not {duration}")
    elif isinstance(duration, bool) or not isinstance(duration, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
        raise ValidationError(f"a wait takes whole seconds or a timedelta, not {duration!r}")
    else:
        seconds = duration
    if not 1 <= seconds <= MAX_DELAY_SECONDS:
        raise ValidationError(f"a wait lasts 1 to {MAX_DELAY_SECONDS} seconds, not {seconds}")
    return seconds


async def run_wait(this: OperationCall, seconds: int) -> None:
    """Carry out one wait.

    Args:
        this: the call.
        seconds: how long, from `whole_seconds`. A wait found recorded ends when the record
            says, whatever is asked for now.

    Raises:
        OperationError: it ended in a way that no wait should.
    """
    while True:
        operation, decision = await this.find()
        match decision:
            case OnReplay.RETURN:
                return
            case OnReplay.RAISE:
                assert operation is not None
                raise OperationError(f"the wait {this.name or this.id} is {operation.status}")
            case OnReplay.BEGIN:
                ticket = this.send(
                    OperationAction.START, Need.CORRECTNESS, wait_options=WaitOptions(seconds)
                )
                await this.settle(ticket, Need.CORRECTNESS)
            case OnReplay.PARK | OnReplay.RESUME:
                details = None if operation is None else operation.wait_details
                await this.wait_for_service(
                    None if details is None else details.scheduled_end_timestamp
                )
            case _:
                assert_never(decision)
