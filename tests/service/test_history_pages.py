"""Histories as they are read: pages, without data, and whether each event is complete."""

from __future__ import annotations

import pytest

from perdure.models.encode import to_wire
from perdure.models.executions import HistoryRequest
from perdure.service import ServiceFault
from service.lambda_model import faults_of, structure
from service.world import BOOM, World, cancel, context, step, wait


def _eventful() -> World:
    """A world with one event of each kind that a single execution can have here."""
    world = World()
    handler = world.begun()
    handler.checkpoint(
        context("START"),
        context("SUCCEED"),
        context("FAIL", "d", error=BOOM),
        step("START"),
        step("RETRY", delay=1, error=BOOM),
        wait(1, "w1"),
        wait(5, "w2"),
    )
    handler.checkpoint(cancel("w2", BOOM))
    handler.suspends()
    world.jump()
    handler = world.invoked()
    handler.checkpoint(step("START"), step("SUCCEED", payload="1"))
    handler.crashes()
    world.jump()
    world.invoked().succeeds()
    return world


def test_without_data_payloads_are_truncated() -> None:
    world = _eventful()
    request = HistoryRequest(world.arn, include_execution_data=False)
    page = [to_wire(event) for event in world.service.get_history(request).events]
    assert [event["EventType"] for event in page] == world.event_types()
    wrappers = 0
    for event in page:
        for name, member in event[f"{event['EventType']}Details"].items():
            if name in ("Input", "Result", "Error"):
                assert member == {"Truncated": True}
                wrappers += 1
    assert wrappers == 8
    assert world.history()[0]["ExecutionStartedDetails"]["Input"]["Payload"] == '{"x":1}'


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_pages_of_a_history(size: int, backwards: bool) -> None:
    world = _eventful()
    marker: str | None = None
    seen: list[int] = []
    while True:
        request = HistoryRequest(world.arn, max_items=size, marker=marker, reverse_order=backwards)
        page = world.service.get_history(request)
        assert len(page.events) <= size
        seen += [event.event_id for event in page.events]
        marker = page.next_marker
        if marker is None:
            break
    count = len(world.service.events(world.arn))
    expected = list(range(1, count + 1))
    assert seen == (expected[::-1] if backwards else expected)


def test_a_page_has_100_events_when_nobody_says() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(*(step("SUCCEED", f"s{i}") for i in range(120)))
    page = world.service.get_history(HistoryRequest(world.arn))
    assert (len(page.events), page.next_marker) == (100, "101")


@pytest.mark.parametrize("marker", ["0", "99", "-1", "1.5", "x", "٣", "9" * 5000])
def test_a_marker_that_nobody_gave(marker: str) -> None:
    world = _eventful()
    with pytest.raises(ServiceFault, match="Invalid marker"):
        world.service.get_history(HistoryRequest(world.arn, marker=marker))


def test_events_that_follow_one() -> None:
    world = _eventful()
    every = world.service.events(world.arn)
    assert world.service.events(world.arn, 3) == every[3:]
    assert world.service.events(world.arn, len(every)) == ()


def test_events_have_every_required_member_of_the_service_model() -> None:
    world = _eventful()
    for event in world.history():
        assert faults_of(event, "Event") == ""
        assert set(event) <= set(structure("Event").members)
    assert set(world.event_types()) == {
        "ExecutionStarted",
        "ContextStarted",
        "ContextSucceeded",
        "ContextFailed",
        "StepStarted",
        "StepSucceeded",
        "StepFailed",
        "WaitStarted",
        "WaitSucceeded",
        "WaitCancelled",
        "InvocationCompleted",
        "ExecutionSucceeded",
    }
