"""What the three runtimes' handlers share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from perdure.errors import LocalProtocolError, RemoteProtocolError, ReplayError, ValidationError
from perdure.handler import DurableHandler, invocation_deadline, no_client
from perdure.models.checkpoint import StatePage
from perdure.models.invocation import InvocationInput
from perdure.modes import CheckpointingMode
from perdure.replaying import RecordedInvocation


class Handler(DurableHandler):
    """A handler of no runtime."""

    runtime = "manual"

    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        return {"event": event}


def order(event: object, context: object) -> None:
    """Ships."""


def test_a_handler_looks_like_its_function() -> None:
    handler = Handler(order, CheckpointingMode.EAGER)
    assert (handler.func, handler.mode) == (order, CheckpointingMode.EAGER)
    assert repr(handler) == "<durable manual function order>"
    assert (handler.__doc__, getattr(handler, "__name__", None)) == ("Ships.", "order")
    assert handler({"a": 1}, None) == {"event": {"a": 1}}


def test_a_callable_without_a_name_will_do() -> None:
    function = partial(order, None)
    assert repr(Handler(function, CheckpointingMode.BATCHED)).startswith(
        "<durable manual function functools.partial("
    )


def test_anything_else_is_refused() -> None:
    nothing: Any = None
    with pytest.raises(ValidationError, match="decorates a function, not None"):
        Handler(nothing, CheckpointingMode.BATCHED)


class LambdaContext:
    """What Lambda hands over."""

    def get_remaining_time_in_millis(self) -> int:
        """Fifteen seconds and a half."""
        return 15_500


@pytest.mark.parametrize(("context", "deadline"), [(LambdaContext(), 1015.5), (None, None)])
def test_when_an_invocation_ends(context: object, deadline: float | None) -> None:
    assert invocation_deadline(context, 1000.0) == deadline


class Broken(Handler):
    """A handler that the service, or the protocol, lets down."""

    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        recorded: Any = event
        if lambda_context is not None:
            recorded.findings.divergence = lambda_context
        raise RemoteProtocolError("odd")


def _recorded() -> RecordedInvocation:
    return RecordedInvocation("arn", "token", StatePage())


def test_a_handler_replays_what_it_is_given() -> None:
    recorded = _recorded()
    findings = Handler(order, CheckpointingMode.BATCHED).replay(recorded)
    assert findings is recorded.findings
    assert findings.agrees


def test_a_replay_asks_nobody() -> None:
    client = no_client(_recorded())
    for call in (client.checkpoint, client.get_operations):
        with pytest.raises(LocalProtocolError, match="nothing to send"):
            call(None)
    assert no_client({}) is None
    assert no_client(InvocationInput("arn", "token", StatePage())) is None


def test_a_replay_that_breaks_off_does_not_agree() -> None:
    findings = Broken(order, CheckpointingMode.BATCHED).replay(_recorded())
    assert not findings.agrees
    assert isinstance(findings.fault, RemoteProtocolError)


def test_a_divergence_counts_more_than_what_came_of_it() -> None:
    first = ReplayError("id", {"type": "STEP"}, {"type": "WAIT"})
    findings = Broken(order, CheckpointingMode.BATCHED).replay(_recorded(), first)
    assert (findings.divergence, findings.fault) == (first, None)
