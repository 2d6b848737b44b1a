"""What is kept of executions for the lines that `perdure dev` prints: nothing once they end."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest

from perdure.models.enums import OperationAction, OperationType
from perdure.models.update import OperationUpdate
from perdure_local.terminal.event_log import PlainLog
from service.world import Handler, World


def _stopped_in_flight(handler: Handler) -> None:
    handler.world.stop()
    handler.crashes()


def _ended_by_a_checkpoint(handler: Handler) -> None:
    action, kind = OperationAction.SUCCEED, OperationType.EXECUTION
    handler.checkpoint(OperationUpdate("id-1", kind, action, payload='"done"'))
    handler.succeeds()


def _returned(handler: Handler) -> None:
    handler.succeeds()


@pytest.mark.parametrize(
    ("end", "last"),
    [
        (_stopped_in_flight, "f id-1  invocation 1: failed: Boom: boom"),
        (_ended_by_a_checkpoint, "f id-1  execution: succeeded after 0.00 s, 0 invocations"),
        (_returned, "f id-1  execution: succeeded after 0.00 s, 1 invocation"),
    ],
)
@pytest.mark.parametrize("recalled", [False, True])
def test_an_execution_that_has_ended_is_forgotten(
    end: Callable[[Handler], None], last: str, recalled: bool
) -> None:
    world = World()
    handler = world.begun()
    out = StringIO()
    log = PlainLog(out)
    for event in world.service.events(world.arn):
        (log.recall if recalled else log.receive_event)(world.arn, event)
    seen = len(world.service.events(world.arn))
    assert list(log.open) == [world.arn]
    end(handler)
    for event in world.service.events(world.arn)[seen:]:
        log.receive_event(world.arn, event)
    assert out.getvalue().splitlines()[-1] == last
    assert log.open == {}
