"""What a handler gets to see, when, and in which pages."""

from __future__ import annotations

import pytest

from perdure.service import ServiceFault, ServicePolicy
from service.lambda_model import faults_of
from service.world import BEGINNING, Handler, World, context, ending, step, wait


def _ids(handler: Handler) -> list[str]:
    return [operation["Id"] for operation in handler.initial]


def test_the_event_of_the_first_invocation() -> None:
    world = World()
    handler = world.begun(name="order-7", tenant_id="t", trace_id="Root=1", qualifier="3")
    assert handler.sent.arn == world.arn
    assert handler.event == {
        "DurableExecutionArn": (
            "arn:aws:lambda:us-east-1:123456789012:function:f:3/durable-execution/order-7/id-1"
        ),
        "CheckpointToken": handler.token,
        "InitialExecutionState": {
            "Operations": [
                {
                    "Id": "id-1",
                    "Type": "EXECUTION",
                    "Status": "STARTED",
                    "StartTimestamp": 1_700_000_000_000,
                    "Name": "order-7",
                    "ExecutionDetails": {"InputPayload": '{"x":1}'},
                }
            ],
            "NextMarker": "",
        },
        "UpdatedOperationIds": [],
    }
    sent = handler.sent
    assert (sent.function_name, sent.qualifier) == ("f", "3")
    assert (sent.tenant_id, sent.trace_id) == ("t", "Root=1")
    assert sent.deadline == BEGINNING + 900


def test_no_input_is_absent() -> None:
    assert World().begun(payload=None).initial[0]["ExecutionDetails"] == {}


def test_the_event_counts_in_whole_milliseconds() -> None:
    world = World()
    world.now += 0.1239
    handler = world.begun()
    handler.checkpoint(wait(2), step("RETRY", delay=5))
    handler.suspends()
    world.jump()
    _, waited, stepped = world.invoked().initial
    started = 1_700_000_000_124
    assert waited["StartTimestamp"] == started
    assert waited["EndTimestamp"] == started + 2000
    assert waited["WaitDetails"] == {"ScheduledEndTimestamp": started + 2000}
    assert stepped["StepDetails"] == {"Attempt": 1, "NextAttemptTimestamp": started + 5000}


@pytest.mark.parametrize("fraction", [0.0004, 0.0005, 0.0006, 0.1239, 0.99999])
def test_who_waits_until_the_time_he_was_told_finds_it_due(fraction: float) -> None:
    world = World()
    world.now += fraction
    handler = world.begun()
    handler.checkpoint(wait(2), step("RETRY", delay=2), wait(1, "w1"))
    handler.suspends()
    world.jump()
    handler = world.invoked()
    told = handler.initial[1]["WaitDetails"]["ScheduledEndTimestamp"]
    assert told == handler.initial[2]["StepDetails"]["NextAttemptTimestamp"]
    assert 0 <= told / 1000 - (BEGINNING + fraction + 2) < 0.001
    world.now = told / 1000
    assert handler.ids() == ["w", "s"]


def test_a_delta_holds_what_changed_in_the_order_of_creation() -> None:
    world = World()
    handler = world.begun()
    assert handler.ids(wait(1), step("START")) == ["w", "s"]
    assert handler.ids() == []
    assert handler.ids(step("RETRY", delay=3), step("START", "t")) == ["s", "t"]
    world.pass_time(1)
    assert handler.ids(step("SUCCEED", "t")) == ["w", "t"]


def test_the_operations_of_a_delta_are_whole() -> None:
    world = World()
    handler = world.begun()
    response = handler.checkpoint(wait(1), step("SUCCEED", payload="1"), context("START"))
    for operation in response.new_execution_state.operations:
        wire = world.wire(operation.id)
        assert operation == world.operation(operation.id)
        assert faults_of(wire, "Operation") == ""


@pytest.mark.parametrize("late", [0.0, 0.5])
def test_a_checkpoint_completes_what_is_due(late: float) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5), step("RETRY", delay=5), wait(6, "later"))
    world.now += 5 + late
    operations = handler.checkpoint().new_execution_state.operations
    assert [(op.id, op.status) for op in operations] == [("w", "SUCCEEDED"), ("s", "READY")]
    assert world.service.next_deadline() == BEGINNING + 6


def test_what_came_with_the_event_does_not_come_again() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5), step("SUCCEED"))
    handler.suspends()
    world.jump()
    handler = world.invoked()
    assert _ids(handler) == ["id-1", "w", "s"]
    assert handler.ids() == []


def test_the_execution_itself_changes_only_at_the_end() -> None:
    world = World()
    handler = world.begun()
    assert handler.ids(step("START")) == ["s"]
    operations = handler.checkpoint(ending("FAIL")).new_execution_state.operations
    assert [(op.id, op.status) for op in operations] == [("id-1", "FAILED")]


def test_updated_ids_are_those_that_changed_while_nobody_looked() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1, "a"), wait(5, "b"), wait(5, "c"), step("RETRY", delay=5))
    world.pass_time(1)
    handler.checkpoint()
    handler.suspends()
    world.jump()
    handler = world.invoked()
    assert handler.event["UpdatedOperationIds"] == ["b", "c", "s"]
    handler.crashes()
    world.jump()
    assert world.invoked().event["UpdatedOperationIds"] == []


# Paging


def _many(count: int, page_bytes: int = 5 * 1024 * 1024) -> tuple[World, Handler]:
    """An execution with a wait and many steps, in its second invocation."""
    world = World(ServicePolicy(initial_page_bytes=page_bytes))
    handler = world.begun()
    handler.checkpoint(wait(1), *(step("SUCCEED", f"s{i}") for i in range(count)))
    handler.suspends()
    world.jump()
    return world, world.invoked()


@pytest.mark.parametrize("page_bytes", [1, 400, 1000, 10_000])
@pytest.mark.parametrize("max_items", [1, 7, 1000])
def test_pages_make_up_the_whole(page_bytes: int, max_items: int) -> None:
    _, handler = _many(30, page_bytes)
    marker = handler.event["InitialExecutionState"]["NextMarker"]
    ids = _ids(handler)
    assert 1 <= len(ids) < 32 or not marker
    while marker:
        page = handler.page(marker, max_items)
        assert 1 <= len(page.operations) <= max_items
        ids += [operation.id for operation in page.operations]
        marker = page.next_marker
    assert ids == ["id-1", "w", *(f"s{i}" for i in range(30))]
    assert handler.ids() == []


def test_the_first_page_keeps_to_its_size() -> None:
    world = World(ServicePolicy(initial_page_bytes=2000))
    handler = world.begun(payload='"é"')
    handler.checkpoint(wait(1), *(step("SUCCEED", f"s{i}", payload='"é"' * 20) for i in range(40)))
    handler.suspends()
    world.jump()
    text = world.invoked().sent.payload
    inner = text[
        text.index('"Operations":[') + len('"Operations":[') : text.index('],"NextMarker"')
    ]
    assert 1700 < len(inner.encode()) - inner.count("},{") <= 2000


def test_one_operation_travels_however_large() -> None:
    world = World(ServicePolicy(initial_page_bytes=10))
    assert _ids(world.begun(payload='"' + "x" * 100 + '"')) == ["id-1"]


@pytest.mark.parametrize(("asked", "got"), [(0, 100), (1, 1), (1000, 122)])
def test_how_many_items_a_page_has(asked: int, got: int) -> None:
    _, handler = _many(120)
    assert len(handler.page(None, asked).operations) == got


def test_pages_do_not_spend_the_token_and_do_not_change() -> None:
    _, handler = _many(5)
    first = handler.page(None, 3)
    assert handler.page(None, 3) == first
    assert first.next_marker is not None
    assert [op.id for op in handler.page(first.next_marker, 100).operations] == [
        "s1",
        "s2",
        "s3",
        "s4",
    ]


@pytest.mark.parametrize("marker", ["x", "1", "1:", ":2", "1:7", "1:-1", "1:1.0", "2:1", "1:٣"])
def test_a_marker_that_nobody_gave(marker: str) -> None:
    _, handler = _many(5)
    with pytest.raises(ServiceFault, match="Invalid marker") as caught:
        handler.page(marker)
    assert caught.value.code == "InvalidParameterValueException"


def test_a_marker_dies_with_its_token() -> None:
    _, handler = _many(5)
    marker = handler.page(None, 2).next_marker
    handler.checkpoint()
    with pytest.raises(ServiceFault, match="Invalid marker"):
        handler.page(marker)


def test_what_changes_after_its_page_was_read_comes_with_the_next_delta() -> None:
    world = World(ServicePolicy(initial_page_bytes=1))
    handler = world.begun()
    handler.checkpoint(wait(1), wait(5, "slow"), wait(6, "slower"))
    handler.suspends()
    world.jump()
    handler = world.invoked()
    marker = handler.event["InitialExecutionState"]["NextMarker"]
    page = handler.page(marker, 2)
    assert [(op.id, op.status) for op in page.operations] == [
        ("w", "SUCCEEDED"),
        ("slow", "STARTED"),
    ]
    world.pass_time(5)
    assert [op.status for op in handler.page(page.next_marker).operations] == ["SUCCEEDED"]
    assert handler.ids() == ["slow"]


# What a closed context hides


def _family(replay_outer: bool | None, replay_inner: bool | None) -> list[str]:
    """What the second invocation sees of a context in a context, both closed."""
    world = World()
    handler = world.begun()
    handler.checkpoint(
        wait(1),
        context("START", "outer"),
        step("SUCCEED", "child", parent="outer"),
        context("START", "inner", parent="outer"),
        step("SUCCEED", "grandchild", parent="inner"),
    )
    handler.checkpoint(context("SUCCEED", "inner", replay_children=replay_inner))
    delta = handler.ids(
        context("FAIL", "outer", replay_children=replay_outer),
        step("SUCCEED", "late", parent="inner"),
    )
    assert delta == ["outer", "late"]
    handler.suspends()
    world.jump()
    handler = world.invoked()
    ids = _ids(handler)
    assert ids[:3] == ["id-1", "w", "outer"]
    assert [op.id for op in handler.page().operations] == ids
    assert len(world.service.operations(world.arn)) == 7
    return ids[3:]


@pytest.mark.parametrize(
    ("outer", "inner", "seen"),
    [
        (None, None, []),
        (False, True, []),
        (None, True, []),
        (True, None, ["child", "inner"]),
        (True, False, ["child", "inner"]),
        (True, True, ["child", "inner", "grandchild", "late"]),
    ],
)
def test_a_closed_context_hides_its_descendants(
    outer: bool | None, inner: bool | None, seen: list[str]
) -> None:
    assert _family(outer, inner) == seen


def test_an_open_context_hides_nothing() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1), context("START"), step("SUCCEED", parent="c"))
    handler.suspends()
    world.jump()
    assert _ids(world.invoked()) == ["id-1", "w", "c", "s"]


def test_what_is_hidden_is_not_reported_as_updated() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(
        context("START"),
        context("START", "inner", parent="c"),
        wait(3, "hidden", parent="inner"),
        wait(3, "shown"),
        context("START", "open"),
        wait(3, "below", parent="open"),
    )
    handler.checkpoint(context("SUCCEED"))
    handler.suspends()
    world.jump()
    handler = world.invoked()
    assert handler.event["UpdatedOperationIds"] == ["shown", "below"]
    assert _ids(handler) == ["id-1", "c", "shown", "open", "below"]
    assert handler.ids() == []
