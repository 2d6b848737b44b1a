"""From the event of an invocation to its state, and how long it may take."""

from __future__ import annotations

from typing import Any

import pytest

from core.transcript import ARN, NOW, Wire, execution
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import RemoteProtocolError, TransportError
from perdure.models.decode import decode_invocation
from perdure.modes import CheckpointingMode
from perdure.state_for import state_for

EVENT: Wire = {
    "DurableExecutionArn": ARN,
    "CheckpointToken": "t0",
    "InitialExecutionState": {"Operations": [execution('{"a":1}')], "NextMarker": ""},
}


@pytest.mark.parametrize("event", [EVENT, decode_invocation(EVENT)], ids=["event", "decoded"])
def test_the_state_of_an_event(event: Any) -> None:
    state = state_for(event, CheckpointingMode.EAGER, None, None, None)
    assert state.durable_execution_arn == ARN
    assert state.checkpoint_token == "t0"
    assert state.original_input_raw == '{"a":1}'
    assert state.is_eager_checkpointing


@pytest.mark.parametrize("event", [{}, {"orderId": 7}, None, []])
def test_an_event_that_is_no_durable_invocation(event: Any) -> None:
    with pytest.raises(RemoteProtocolError, match="not a durable invocation"):
        state_for(event, CheckpointingMode.BATCHED, None, None, None)


def test_the_limits_are_passed_on() -> None:
    state = state_for(
        EVENT,
        CheckpointingMode.BATCHED,
        Batcher(linger=3.0),
        RequestRetries(max_attempts=2, base=8.0, cap=8.0),
        NOW + 100,
    )
    state.poll()
    assert state.request_to_send(NOW) is not None
    state.request_failed(TransportError("cut off"), NOW, 0.0)
    assert state.next_deadline() == NOW + 4


def test_nothing_is_repeated_past_the_deadline() -> None:
    state = state_for(EVENT, CheckpointingMode.BATCHED, None, None, NOW + 0.01)
    state.poll()
    assert state.request_to_send(NOW) is not None
    cut = TransportError("cut off")
    state.request_failed(cut, NOW, 0.0)
    assert state.error is cut
