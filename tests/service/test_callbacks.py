"""Callbacks: their ids, their two timeouts, and the three calls about them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final

import pytest

from perdure.models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
)
from perdure.models.operation import ErrorObject
from perdure.service import ServiceFault, ServicePolicy
from service.lambda_model import faults_of
from service.world import BEGINNING, BOOM, World, callback, context, ending, step, wait

CLOSED: Final = (
    "The callback ID token has either expired or the callback associated with the token "
    "has already been closed."
)
TOO_LATE: Final = {"ErrorMessage": "Callback timed out", "ErrorType": "Callback.Timeout"}
NO_HEARTBEAT: Final = {
    "ErrorMessage": "Callback timed out on heartbeat",
    "ErrorType": "Callback.Heartbeat",
}


def _waiting(timeout: int = 0, heartbeat: int = 0) -> World:
    """An execution that has suspended on one callback."""
    world = World()
    handler = world.begun()
    handler.checkpoint(callback(timeout=timeout, heartbeat=heartbeat))
    handler.suspends()
    return world


def test_the_id_comes_with_the_checkpoint_that_starts_it() -> None:
    world = World()
    handler = world.begun()
    (started,) = handler.checkpoint(callback()).new_execution_state.operations
    assert started.status == "STARTED"
    assert started.callback_details is not None
    assert re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", started.callback_details.callback_id or "")
    assert faults_of(world.wire("cb"), "Operation") == ""
    assert world.wire("cb") == {
        "Id": "cb",
        "Type": "CALLBACK",
        "Status": "STARTED",
        "StartTimestamp": BEGINNING,
        "CallbackDetails": {"CallbackId": started.callback_details.callback_id},
    }


def test_ids_differ() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(callback("a"), callback("b"))
    ids = {world.callback_id("a"), world.callback_id("b")}
    world.begun().checkpoint(callback("a"))
    assert len({*ids, world.callback_id("a")}) == 3


def test_the_longest_names_make_an_id_that_is_short_enough() -> None:
    world = World()
    handler = world.begun(function_name="f" * 64, name="n" * 64, execution_id="e" * 64)
    handler.checkpoint(callback("o" * 64))
    assert len(world.callback_id("o" * 64)) <= 1024
    world.answer(of="o" * 64)


ENDINGS: Final[list[tuple[Callable[[World], object], str, dict[str, Any]]]] = [
    (lambda w: w.answer('"yes"'), "SUCCEEDED", {"Result": '"yes"'}),
    (lambda w: w.answer(), "SUCCEEDED", {}),
    (
        lambda w: w.answer(error=BOOM),
        "FAILED",
        {"Error": {"ErrorMessage": "boom", "ErrorType": "Boom"}},
    ),
    (lambda w: w.answer(error=ErrorObject()), "FAILED", {"Error": {}}),
    (lambda w: w.pass_time(20), "TIMED_OUT", {"Error": TOO_LATE}),
]


@pytest.mark.parametrize(("complete", "status", "details"), ENDINGS)
def test_how_it_ends(
    complete: Callable[[World], object], status: str, details: dict[str, Any]
) -> None:
    world = _waiting(timeout=20)
    complete(world)
    wire = world.wire("cb")
    assert wire["Status"] == status
    assert wire["EndTimestamp"] == world.now
    assert wire["CallbackDetails"] == {"CallbackId": world.callback_id(), **details}
    handler = world.invoked()
    assert handler.event["UpdatedOperationIds"] == ["cb"]
    assert handler.initial[1]["Status"] == status
    handler.suspends()


def test_a_failure_without_an_error_is_an_empty_one() -> None:
    world = _waiting()
    world.service.fail_callback(CallbackFailureRequest(world.callback_id()), world.now)
    assert world.wire("cb")["CallbackDetails"]["Error"] == {}


def test_an_answer_while_the_handler_runs_comes_with_its_next_checkpoint() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(callback())
    world.answer("1")
    (operation,) = handler.checkpoint().new_execution_state.operations
    assert (operation.id, operation.status) == ("cb", "SUCCEEDED")
    handler.succeeds()
    assert world.is_quiet()


def test_an_answer_that_the_handler_missed_owes_an_invocation() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(callback())
    world.answer("1")
    handler.suspends()
    assert world.invoked().event["UpdatedOperationIds"] == ["cb"]


# Timeouts


@pytest.mark.parametrize(
    ("timeout", "heartbeat", "after", "error"),
    [(7, 0, 7, TOO_LATE), (7, 9, 7, TOO_LATE), (0, 5, 5, NO_HEARTBEAT), (9, 5, 5, NO_HEARTBEAT)],
)
def test_which_timeout_comes_first(
    timeout: int, heartbeat: int, after: int, error: dict[str, str]
) -> None:
    world = _waiting(timeout, heartbeat)
    assert world.jump() == after
    assert world.wire("cb")["CallbackDetails"]["Error"] == error
    world.invoked().suspends()
    world.pass_time(100)
    assert world.event_types().count("CallbackTimedOut") == 1


def test_without_timeouts_it_waits_as_long_as_the_execution() -> None:
    world = _waiting()
    world.pass_time(31_622_399)
    assert world.operation("cb").status == "STARTED"
    world.pass_time(1)
    assert world.status == "TIMED_OUT"


def test_a_heartbeat_restarts_its_own_timeout_only() -> None:
    world = _waiting(timeout=10, heartbeat=4)
    before = world.history()
    for _ in range(3):
        world.pass_time(3)
        world.heartbeat()
    assert world.history() == before
    assert world.is_quiet()
    assert world.jump() == 1
    assert world.wire("cb")["CallbackDetails"]["Error"] == TOO_LATE


def test_without_further_heartbeats_it_ends() -> None:
    world = _waiting(timeout=100, heartbeat=4)
    world.pass_time(3)
    world.heartbeat()
    assert world.jump() == 4
    assert world.wire("cb")["CallbackDetails"]["Error"] == NO_HEARTBEAT


def test_a_heartbeat_without_heartbeat_timeout_changes_nothing() -> None:
    world = _waiting(timeout=10)
    world.pass_time(9)
    world.heartbeat()
    assert world.jump() == 1
    assert world.wire("cb")["CallbackDetails"]["Error"] == TOO_LATE


def test_an_answer_disarms_both_timeouts() -> None:
    world = _waiting(timeout=10, heartbeat=4)
    world.answer()
    world.invoked().suspends()
    world.pass_time(20)
    assert world.event_types()[-3:] == [
        "InvocationCompleted",
        "CallbackSucceeded",
        "InvocationCompleted",
    ]


def test_an_answer_at_the_very_instant_of_the_timeout_is_too_late() -> None:
    world = _waiting(timeout=10)
    world.now += 10
    with pytest.raises(ServiceFault, match="expired"):
        world.answer()
    assert world.operation("cb").status == "TIMED_OUT"
    assert world.invoked().event["UpdatedOperationIds"] == ["cb"]


# Refusals


def _calls(world: World, callback_id: str) -> list[Callable[[], None]]:
    service, now = world.service, world.now
    return [
        lambda: service.succeed_callback(CallbackSuccessRequest(callback_id), now),
        lambda: service.fail_callback(CallbackFailureRequest(callback_id), now),
        lambda: service.heartbeat_callback(CallbackHeartbeatRequest(callback_id), now),
    ]


def _refused(call: Callable[[], None]) -> tuple[str, int, str]:
    with pytest.raises(ServiceFault) as caught:
        call()
    return caught.value.code, caught.value.status, caught.value.message


CLOSINGS: Final[list[Callable[[World], object]]] = [
    lambda w: w.answer(),
    lambda w: w.answer(error=BOOM),
    lambda w: w.pass_time(20),
    lambda w: w.stop(),
    lambda w: w.pass_time(40),
]


@pytest.mark.parametrize("close", CLOSINGS)
def test_one_that_is_over_takes_no_answer(close: Callable[[World], object]) -> None:
    world = World()
    handler = world.begun(timeout_seconds=40)
    handler.checkpoint(callback(timeout=20))
    handler.suspends()
    callback_id = world.callback_id()
    close(world)
    before = (world.history(), world.wire("cb"))
    for call in _calls(world, callback_id):
        assert _refused(call) == ("CallbackTimeoutException", 400, CLOSED)
    assert (world.history(), world.wire("cb")) == before


def test_one_whose_execution_ended_by_checkpoint() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(callback(), ending("SUCCEED"))
    for call in _calls(world, world.callback_id()):
        assert _refused(call)[0] == "CallbackTimeoutException"


def _id_of(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_one_that_does_not_exist() -> None:
    world = _waiting()
    arn = world.arn
    for text in (f'["{arn}","other"]', '["nowhere","cb"]', f'["{arn}","id-1"]'):
        for call in _calls(world, _id_of(text)):
            expected = ("ResourceNotFoundException", 404, "Callback does not exist")
            assert _refused(call) == expected


@pytest.mark.parametrize(
    "callback_id",
    ["AAAA", "A", "====", _id_of("[1,2]"), _id_of('["a"]'), _id_of("{"), _id_of("[" * 9000)],
)
def test_an_id_that_nobody_gave(callback_id: str) -> None:
    for call in _calls(_waiting(), callback_id):
        expected = ("InvalidParameterValueException", 400, "Invalid callback ID")
        assert _refused(call) == expected


def test_an_error_that_is_too_large() -> None:
    world = World(ServicePolicy(max_payload_bytes=100))
    world.begun().checkpoint(callback())
    with pytest.raises(ServiceFault, match="Error object size must be less than 100 bytes"):
        world.answer(error=ErrorObject("x" * 100))
    world.answer(error=ErrorObject("x" * 50))


# The sequences of events that the conformance requirements name


def _facts(world: World) -> list[tuple[str, dict[str, Any]]]:
    return [
        (event["EventType"], event[f"{event['EventType']}Details"]) for event in world.history()[1:]
    ]


def test_a_callback_that_succeeds() -> None:
    world = _waiting()
    world.answer('"text"')
    world.invoked().succeeds('"text"')
    assert world.event_types(after=1) == [
        "CallbackStarted",
        "InvocationCompleted",
        "CallbackSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    facts = dict(_facts(world))
    assert facts["CallbackStarted"] == {"CallbackId": world.callback_id()}
    assert facts["CallbackSucceeded"] == {"Result": {"Payload": '"text"', "Truncated": False}}


def test_a_callback_that_times_out_during_a_wait() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(callback(timeout=3), wait(6))
    handler.suspends()
    assert world.jump() == 3
    world.invoked().suspends()
    assert world.jump() == 3
    world.invoked().returns({"Status": "FAILED", "Error": TOO_LATE})
    facts = _facts(world)
    assert [kind for kind, _ in facts] == [
        "CallbackStarted",
        "WaitStarted",
        "InvocationCompleted",
        "CallbackTimedOut",
        "InvocationCompleted",
        "WaitSucceeded",
        "InvocationCompleted",
        "ExecutionFailed",
    ]
    assert facts[0][1] == {"CallbackId": world.callback_id(), "Timeout": 3}
    assert facts[3][1] == {"Error": {"Payload": TOO_LATE, "Truncated": False}}
    assert facts[-1] == ("ExecutionFailed", {"Error": {"Payload": TOO_LATE, "Truncated": False}})


def test_wait_for_callback() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(
        context("START"),
        callback(heartbeat=9, timeout=99, parent="c"),
        step("START", parent="c", sub_type="Step"),
        step("SUCCEED", parent="c", sub_type="Step"),
    )
    handler.suspends()
    world.answer("1")
    handler = world.invoked()
    handler.checkpoint(context("SUCCEED", payload="1"))
    handler.succeeds("1")
    assert world.event_types(after=1) == [
        "ContextStarted",
        "CallbackStarted",
        "StepStarted",
        "StepSucceeded",
        "InvocationCompleted",
        "CallbackSucceeded",
        "ContextSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    events = world.history()
    assert [event.get("ParentId") for event in events[2:5]] == ["c", "c", "c"]
    assert events[6]["ParentId"] == "c"
    assert events[2]["CallbackStartedDetails"] == {
        "CallbackId": world.callback_id(),
        "HeartbeatTimeout": 9,
        "Timeout": 99,
    }
    for event in events:
        assert faults_of(event, "Event") == ""


def test_a_failed_callback() -> None:
    world = _waiting()
    world.answer(error=BOOM)
    boom = {"ErrorMessage": "boom", "ErrorType": "Boom"}
    assert _facts(world)[-1] == (
        "CallbackFailed",
        {"Error": {"Payload": boom, "Truncated": False}},
    )
