"""Chained invokes of plain functions: calls, and every way they can end."""

from __future__ import annotations

from typing import Any, Final

import pytest

from perdure.models.operation import ErrorObject
from perdure.service import FunctionCallToSend, ServicePolicy
from perdure.service.outcomes import read_function_error
from service.world import BEGINNING, BOOM, World, chained, wait


def _calling(policy: ServicePolicy | None = None, **options: Any) -> World:
    """An execution that has suspended on the call of a plain function."""
    world = World(policy)
    handler = world.begun(trace_id="Root=1")
    handler.checkpoint(chained("plain:3", **options))
    handler.suspends()
    return world


def _ended(world: World) -> tuple[str, dict[str, Any]]:
    operation = world.wire("i")
    return operation["Status"], operation["ChainedInvokeDetails"]


def test_the_call() -> None:
    world = _calling(payload='{"a":1}', tenant="blue")
    call = world.called()
    assert call == FunctionCallToSend(
        call.call_id,
        world.arn,
        "plain",
        "3",
        call.call_id,
        '{"a":1}',
        BEGINNING + 900,
        "blue",
        "Root=1",
    )
    assert world.service.function_call_to_send(world.now) is None
    assert world.history()[1]["ChainedInvokeStartedDetails"] == {
        "FunctionName": "plain:3",
        "TenantId": "blue",
        "Input": {"Payload": '{"a":1}', "Truncated": False},
        "ExecutedVersion": "3",
    }


def test_without_input_it_gets_an_empty_object() -> None:
    assert _calling().called().payload == "{}"


def test_two_calls_are_told_apart() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("plain", "a"), chained("plain", "b"))
    handler.suspends()
    first, second = world.called(), world.called()
    world.service.function_call_returned(second.call_id, "2", world.now)
    world.service.function_call_returned(first.call_id, "1", world.now)
    assert world.wire("a")["ChainedInvokeDetails"] == {"Result": "1"}
    assert world.wire("b")["ChainedInvokeDetails"] == {"Result": "2"}


TOO_LARGE: Final = "CHAINED_INVOKE output payload size must be less than or equal to 1048576 bytes."
NO_UTF_8: Final = "CHAINED_INVOKE response could not be decoded as UTF-8."


@pytest.mark.parametrize(
    ("output", "status", "details"),
    [
        ('{"a":1}', "SUCCEEDED", {"Result": '{"a":1}'}),
        (b"\xc3\xa9", "SUCCEEDED", {"Result": "é"}),
        (b"", "SUCCEEDED", {}),
        ("x" * 1_048_576, "SUCCEEDED", {"Result": "x" * 1_048_576}),
        ("x" * 1_048_577, "FAILED", {"Error": {"ErrorMessage": TOO_LARGE}}),
        (b"\xff", "FAILED", {"Error": {"ErrorMessage": NO_UTF_8}}),
    ],
)
def test_what_it_returns(output: bytes | str, status: str, details: dict[str, Any]) -> None:
    world = _calling()
    world.service.function_call_returned(world.called().call_id, output, world.now)
    assert _ended(world) == (status, details)
    assert world.invoked().event["UpdatedOperationIds"] == ["i"]


def test_that_it_raises() -> None:
    world = _calling()
    world.service.function_call_failed(world.called().call_id, BOOM, world.now)
    boom = {"ErrorMessage": "boom", "ErrorType": "Boom"}
    assert _ended(world) == ("FAILED", {"Error": boom})
    assert world.event_types()[-1] == "ChainedInvokeFailed"
    assert world.invoked().initial[1]["Status"] == "FAILED"


def test_that_its_answer_never_comes() -> None:
    world = _calling()
    world.service.function_call_unanswered(world.called().call_id, world.now)
    assert _ended(world) == ("TIMED_OUT", {})
    assert world.history()[-1]["ChainedInvokeTimedOutDetails"] == {"Error": {"Truncated": False}}


def test_that_it_takes_too_long() -> None:
    world = _calling(ServicePolicy(invocation_timeout_seconds=30))
    call = world.called()
    assert world.jump() == 30
    message = f"2023-11-14T22:13:50.000Z {call.request_id} Task timed out after 30.00 seconds"
    error = {"ErrorMessage": message, "ErrorType": "Sandbox.Timedout"}
    assert _ended(world) == ("FAILED", {"Error": error})
    before = world.history()
    world.service.function_call_returned(call.call_id, "1", world.now)
    world.service.function_call_failed(call.call_id, BOOM, world.now)
    world.service.function_call_unanswered(call.call_id, world.now)
    assert world.history() == before


def test_a_call_is_made_once_and_answered_once() -> None:
    world = _calling()
    call = world.called()
    world.service.function_call_returned(call.call_id, "1", world.now)
    before = world.history()
    world.service.function_call_returned(call.call_id, "2", world.now)
    assert world.history() == before
    world.invoked().suspends()
    world.pass_time(10_000)
    assert world.service.function_call_to_send(world.now) is None


def test_it_is_held_until_the_caller_suspends() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("plain"), wait(60))
    assert world.service.function_call_to_send(world.now) is None
    handler.suspends()
    assert not world.service.is_idle
    call = world.called()
    assert not world.service.is_idle
    world.service.function_call_returned(call.call_id, "1", world.now)
    world.invoked().suspends()
    assert world.service.is_idle


def test_it_is_not_held_for_long() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("plain"))
    assert world.jump() == 0.5
    world.service.function_call_returned(world.called().call_id, "1", world.now)
    assert handler.ids() == ["i"]
    handler.succeeds()
    assert world.service.next_deadline() is None


def test_what_comes_after_the_end_of_the_caller_is_dropped() -> None:
    world = _calling()
    call = world.called()
    world.stop()
    before = world.history()
    world.service.function_call_returned(call.call_id, "1", world.now)
    assert world.history() == before
    late = _calling()
    call = late.called()
    late.stop()
    late.delete()
    late.pass_time(2)
    late.service.function_call_returned(call.call_id, "1", late.now)
    assert late.service.is_idle


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (
            b'{"errorMessage":"m","errorType":"T","errorData":"d","stackTrace":["a",1]}',
            ErrorObject("m", "T", "d", ("a", "1")),
        ),
        ('{"errorMessage":{"a":1},"stackTrace":"x"}', ErrorObject('{"a": 1}')),
        ("{}", ErrorObject()),
        ("[1]", ErrorObject("[1]")),
        (b"\xff", ErrorObject("\ufffd")),
        ("x" * 5000, ErrorObject("x" * 4096)),
    ],
)
def test_errors_as_lambda_answers_them(payload: bytes | str, error: ErrorObject) -> None:
    assert read_function_error(payload) == error
