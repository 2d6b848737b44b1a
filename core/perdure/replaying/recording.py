"""From the events of a history to the invocation that replays it."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ValidationError
from ..models.checkpoint import StatePage
from ..models.enums import EventType
from ..models.history import Event
from .invocation import RecordedInvocation
from .operations import operations_of
from .recorded_end import end_of


def recorded_invocation(
    events: Sequence[Event], function_name: str = "replayed"
) -> RecordedInvocation:
    """An invocation that replays these events; see `RecordedInvocation`.

    A history does not hold the ARN of its execution; the function sees one made of these
    names and the execution's id.

    Args:
        events: whole, in order, with data; from `read_history`.
        function_name: of the function that is replayed.

    Raises:
        ValidationError: the first one does not start an execution.
    """
    first = events[0] if events else None
    if first is None or first.event_type is not EventType.EXECUTION_STARTED:
        raise ValidationError("the first event of a history is ExecutionStarted")
    identity = first.id or "recorded"
    return RecordedInvocation(
        f"arn:aws:lambda:us-east-1:123456789012:function:{function_name}:$LATEST"
        f"/durable-execution/{first.name or identity}/{identity}",
        "recorded",
        StatePage(operations_of(events, events[-1].event_timestamp)),
        end=end_of(events),
    )
