"""Chained invokes of durable functions: children, their outcomes, what they inherit."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pytest

from perdure.models.encode import to_wire
from perdure.models.executions import (
    DeleteRequest,
    GetExecutionRequest,
    ListExecutionsRequest,
    StopRequest,
)
from perdure.service import ServicePolicy
from service.lambda_model import faults_of
from service.world import BEGINNING, BOOM, Handler, World, chained, ending, step, wait

BOOM_WIRE: Final = {"ErrorMessage": "boom", "ErrorType": "Boom"}


def _calling(function: str = "child", **options: Any) -> tuple[World, Handler]:
    """An execution that has suspended on one chained invoke, and the child's handler."""
    world = World()
    handler = world.begun()
    handler.checkpoint(chained(function, **options))
    handler.suspends()
    return world, world.invoked()


def _child(world: World) -> dict[str, Any]:
    return to_wire(world.service.get_execution(GetExecutionRequest(world.child_arn())))


def test_a_child_is_an_execution_of_its_own() -> None:
    world, child = _calling("child:7", payload='{"a":1}', tenant="blue", trace="Root=2")
    shown = _child(world)
    assert faults_of(shown, "GetDurableExecutionResponse") == ""
    name = shown["DurableExecutionName"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", name)
    assert child.sent.arn == shown["DurableExecutionArn"]
    assert shown["FunctionArn"] == "arn:aws:lambda:us-east-1:123456789012:function:child:7"
    assert (shown["InputPayload"], shown["Version"]) == ('{"a":1}', "7")
    assert shown["DurableConfig"] == {"RetentionPeriodInDays": 3, "ExecutionTimeout": 31_622_400}
    assert shown["TraceHeader"] == {"XAmznTraceId": "Root=2"}
    assert (child.sent.function_name, child.sent.qualifier) == ("child", "7")
    assert (child.sent.tenant_id, child.sent.trace_id) == ("blue", "Root=2")
    listed = world.service.list_executions(ListExecutionsRequest("child"))
    assert [item.durable_execution_arn for item in listed.durable_executions] == [child.sent.arn]


def test_what_the_child_does_not_get_said() -> None:
    world = World()
    handler = world.begun(trace_id="Root=1", tenant_id="green")
    handler.checkpoint(chained("short"))
    handler.suspends()
    child = world.invoked()
    assert (child.sent.trace_id, child.sent.tenant_id) == ("Root=1", None)
    assert child.sent.qualifier == "$LATEST"
    shown = _child(world)
    assert shown["InputPayload"] == "{}"
    assert shown["DurableConfig"] == {"RetentionPeriodInDays": 14, "ExecutionTimeout": 60}


@pytest.mark.parametrize(
    "function",
    [
        "child",
        "child:$LATEST",
        "child:live",
        "function:child",
        "123456789012:function:child",
        "arn:aws:lambda:us-east-1:123456789012:function:child",
        "arn:aws:lambda:us-east-1:123456789012:function:child:$LATEST",
    ],
)
def test_names_of_a_function(function: str) -> None:
    world, child = _calling(function)
    assert child.sent.function_name == "child"
    assert _child(world)["Version"] == "$LATEST"


def test_the_sequence_of_events() -> None:
    world, child = _calling(payload='"in"', tenant="t")
    child.succeeds('"out"')
    world.invoked().succeeds('"out"')
    assert world.event_types(after=1) == [
        "ChainedInvokeStarted",
        "InvocationCompleted",
        "ChainedInvokeSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    events = world.history()
    assert events[1]["ChainedInvokeStartedDetails"] == {
        "FunctionName": "child",
        "TenantId": "t",
        "Input": {"Payload": '"in"', "Truncated": False},
        "ExecutedVersion": "$LATEST",
        "DurableExecutionArn": world.child_arn(),
    }
    assert events[3]["ChainedInvokeSucceededDetails"] == {
        "Result": {"Payload": '"out"', "Truncated": False}
    }
    for event in events:
        assert faults_of(event, "Event") == ""


TIMED_OUT: Final = {
    "ErrorType": "ChainedInvoke.Timeout",
    "ErrorMessage": "CHAINED_INVOKE timed out after 60 seconds.",
}
STOPPED: Final = {"ErrorMessage": "Execution stopped by user request"}
OUTCOMES: Final[list[tuple[Callable[[World, Handler], object], str, dict[str, Any]]]] = [
    (lambda w, c: c.succeeds("1"), "Succeeded", {"Result": "1"}),
    (lambda w, c: c.succeeds(None), "Succeeded", {}),
    (lambda w, c: c.checkpoint(ending("SUCCEED", payload="1")), "Succeeded", {"Result": "1"}),
    (
        lambda w, c: c.returns({"Status": "FAILED", "Error": BOOM_WIRE}),
        "Failed",
        {"Error": BOOM_WIRE},
    ),
    (
        lambda w, c: c.returns({"Status": "FAILED"}),
        "Failed",
        {"Error": {"ErrorMessage": "Chained invoke failed."}},
    ),
    (lambda w, c: c.crashes(BOOM, retryable=False), "Failed", {"Error": BOOM_WIRE}),
    (lambda w, c: w.pass_time(60), "TimedOut", {"Error": TIMED_OUT}),
    (lambda w, c: w.stop_child(), "Stopped", {"Error": STOPPED}),
    (lambda w, c: w.stop_child(BOOM), "Stopped", {"Error": BOOM_WIRE}),
]


@pytest.mark.parametrize(("end", "outcome", "details"), OUTCOMES)
def test_how_the_child_ends(
    end: Callable[[World, Handler], object], outcome: str, details: dict[str, Any]
) -> None:
    world, child = _calling("short")
    world.pass_time(1)
    end(world, child)
    operation = world.wire("i")
    assert operation["Status"] == re.sub(r"(?<!^)([A-Z])", r"_\1", outcome).upper()
    assert operation["EndTimestamp"] == world.now
    assert operation["ChainedInvokeDetails"] == details
    assert faults_of(operation, "Operation") == ""
    event = world.history()[-1]
    assert event["EventType"] == f"ChainedInvoke{outcome}"
    for member, value in details.items():
        wrapped = {"Payload": value, "Truncated": False}
        assert event[f"ChainedInvoke{outcome}Details"] == {member: wrapped}
    handler = world.invoked()
    assert handler.sent.arn == world.arn
    assert handler.event["UpdatedOperationIds"] == ["i"]


def test_a_result_that_no_caller_may_get_fails_the_child() -> None:
    ends: list[Callable[[Handler], object]] = [
        lambda c: c.succeeds('"' + "x" * 1_048_575 + '"'),
        lambda c: c.checkpoint(ending("SUCCEED", payload="x" * 1_048_577)),
    ]
    for end in ends:
        world, child = _calling()
        end(child)
        error = {
            "ErrorType": "InvalidParameterValueException",
            "ErrorMessage": (
                "Execution output payload size must be less than or equal to 1048576 bytes."
            ),
        }
        assert _child(world)["Error"] == error
        assert world.wire("i")["ChainedInvokeDetails"] == {"Error": error}


def test_an_execution_without_caller_may_return_more() -> None:
    world = World()
    world.begun().succeeds('"' + "x" * 1_048_575 + '"')
    assert world.status == "SUCCEEDED"


@pytest.mark.parametrize("function", ["nobody", "nobody:1", "a b", "function:nobody"])
def test_a_function_that_does_not_exist(function: str) -> None:
    world = World()
    handler = world.begun()
    (operation,) = handler.checkpoint(chained(function, payload="1")).new_execution_state.operations
    error = {
        "ErrorType": "ResourceNotFoundException",
        "ErrorMessage": f"Function not found: {function}.",
    }
    assert to_wire(operation)["ChainedInvokeDetails"] == {"Error": error}
    assert operation.status == "FAILED"
    assert world.event_types(after=1) == ["ChainedInvokeStarted", "ChainedInvokeFailed"]
    handler.succeeds()
    assert world.is_quiet()


# When a child begins, and who is told


def test_a_child_begins_when_its_caller_has_suspended() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("child"), wait(60))
    assert world.is_quiet()
    handler.checkpoint(step("START"))
    assert world.is_quiet()
    handler.suspends()
    child = world.invoked()
    assert child.sent.arn == world.child_arn()
    assert world.is_quiet()


def test_a_caller_that_goes_on_does_not_hold_it_for_long() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("child"))
    assert world.jump() == 0.5
    world.invoked().succeeds("1")
    (operation,) = handler.checkpoint().new_execution_state.operations
    assert (operation.id, operation.status) == ("i", "SUCCEEDED")
    handler.succeeds()
    assert world.is_quiet()


def test_a_child_that_was_stopped_first_never_begins() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("child"))
    world.stop_child()
    handler.suspends()
    assert world.invoked().sent.arn == world.arn
    assert world.is_quiet()


def test_a_child_goes_on_when_its_caller_has_ended() -> None:
    world, child = _calling()
    world.stop()
    before = world.history()
    child.succeeds()
    assert _child(world)["Status"] == "SUCCEEDED"
    assert world.history() == before
    assert world.operation("i").status == "STARTED"
    assert world.is_quiet()


def test_a_child_outlives_a_caller_that_is_forgotten() -> None:
    world, child = _calling()
    arn = world.child_arn()
    world.stop()
    world.delete()
    world.pass_time(2)
    child.succeeds()
    assert world.service.get_execution(GetExecutionRequest(arn)).status == "SUCCEEDED"


def test_the_callers_timeout_comes_first() -> None:
    world = World()
    handler = world.begun(timeout_seconds=10)
    handler.checkpoint(chained("child"))
    handler.suspends()
    child = world.invoked()
    world.now += 10
    child.succeeds()
    assert world.status == "TIMED_OUT"
    assert world.operation("i").status == "STARTED"


def test_children_of_children() -> None:
    world, child = _calling()
    child.checkpoint(chained("child", "j"))
    child.suspends()
    grandchild = world.invoked()
    assert len({world.arn, child.sent.arn, grandchild.sent.arn}) == 3
    grandchild.returns({"Status": "FAILED", "Error": BOOM_WIRE})
    child = world.invoked()
    assert child.initial[1]["ChainedInvokeDetails"] == {"Error": BOOM_WIRE}
    child.succeeds("1")
    assert world.invoked().initial[1]["ChainedInvokeDetails"] == {"Result": "1"}


def test_many_children_end_in_any_order() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(*(chained("child", f"i{n}", payload=str(n)) for n in range(5)))
    handler.suspends()
    children = [world.invoked() for _ in range(5)]
    assert [c.initial[0]["ExecutionDetails"]["InputPayload"] for c in children] == list("01234")
    for child in reversed(children):
        child.succeeds(child.initial[0]["ExecutionDetails"]["InputPayload"])
    handler = world.invoked()
    assert handler.event["UpdatedOperationIds"] == ["i4", "i3", "i2", "i1", "i0"]
    assert [op["ChainedInvokeDetails"]["Result"] for op in handler.initial[1:]] == list("01234")


def test_the_caller_is_told_once() -> None:
    world, child = _calling()
    child.checkpoint(ending("SUCCEED", payload="1"))
    world.invoked().suspends()
    before = world.history()
    child.succeeds("2")
    world.service.stop(StopRequest(child.sent.arn), world.now)
    world.service.delete(DeleteRequest(child.sent.arn), world.now)
    assert world.history() == before


def test_it_need_not_wait_at_all() -> None:
    world = World(ServicePolicy(chained_invoke_seconds=0))
    handler = world.begun()
    handler.checkpoint(chained("child"), chained("plain", "p"))
    assert world.service.next_deadline() == BEGINNING
    world.pass_time(0)
    assert world.invoked().sent.function_name == "child"
    assert world.called().function_name == "plain"
