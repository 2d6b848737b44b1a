"""Callbacks: created once, awaited in every status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from core.obedient import recorded
from core.transcript import FIRST, Answer, Play, Wire, outcome
from perdure.errors import (
    CallbackError,
    CallbackExternalError,
    CallbackHeartbeatError,
    CallbackTimeoutError,
    RemoteProtocolError,
    ReplayError,
    SerDesError,
    Suspended,
    ValidationError,
)
from perdure.operations.callback import (
    CallbackConfig,
    await_callback,
    create_callback,
    timeout_seconds,
)
from perdure.serdes import JSON, PASS_THROUGH, SerDes

ERROR: Final = {"ErrorMessage": "not approved", "ErrorType": "RejectedError", "ErrorData": "{}"}


def callback(status: str, **details: object) -> Wire:
    """A recorded callback."""
    details = {"CallbackId": "cb", **details}
    return recorded("CALLBACK", "Callback", status, FIRST, details)


def result(play: Play, serdes: SerDes = PASS_THROUGH) -> Any:
    """Create the first callback, and wait for its answer."""
    this, creation = play.context.begin_callback(None, CallbackConfig(serdes=serdes))
    assert play.do(creation)
    return outcome(play, await_callback(this, serdes))


def test_creation_sends_both_timeouts_and_waits_for_the_id() -> None:
    play = Play()
    config = CallbackConfig(30, 5)
    _, creation = play.context.begin_callback("approval", config)
    assert play.do(creation) == f"id of {FIRST[:8]}"
    assert play.updates == [
        [
            {
                "Id": FIRST,
                "Type": "CALLBACK",
                "SubType": "Callback",
                "Action": "START",
                "Name": "approval",
                "CallbackOptions": {"TimeoutSeconds": 30, "HeartbeatTimeoutSeconds": 5},
            }
        ]
    ]
    play = Play()
    play.do(play.context.begin_callback(None, CallbackConfig())[1])
    assert play.updates[0][0]["CallbackOptions"] == {
        "TimeoutSeconds": 0,
        "HeartbeatTimeoutSeconds": 0,
    }


@pytest.mark.parametrize(
    "status", ["STARTED", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"]
)
def test_whatever_became_of_it_its_id_is_known(status: str) -> None:
    play = Play([callback(status)])
    assert play.do(play.context.begin_callback(None, CallbackConfig())[1]) == "cb"
    assert play.requests == []


def test_without_an_answer_the_invocation_suspends_for_as_long_as_it_takes() -> None:
    play = Play([callback("STARTED")])
    assert isinstance(result(play), Suspended)
    assert [(park.ids, park.until) for park in play.parks] == [((FIRST,), None)]


def test_an_answer_may_come_while_it_waits() -> None:
    play = Play(news=[[], [callback("SUCCEEDED", Result="yes")]])
    assert result(play) == "yes"
    assert play.actions == [["CALLBACK START"], [], []]


@pytest.mark.parametrize(
    ("details", "serdes", "value"),
    [
        ({"Result": '"x"'}, PASS_THROUGH, '"x"'),
        ({"Result": '"x"'}, JSON, "x"),
        ({"Result": "42"}, JSON, 42),
        ({}, JSON, None),
        ({"Result": ""}, PASS_THROUGH, ""),
    ],
)
def test_an_answer_is_read_with_the_serdes(details: Wire, serdes: SerDes, value: object) -> None:
    assert result(Play([callback("SUCCEEDED", **details)]), serdes) == value


def test_an_answer_that_cannot_be_read() -> None:
    assert isinstance(result(Play([callback("SUCCEEDED", Result="{")]), JSON), SerDesError)


@pytest.mark.parametrize(
    ("status", "details", "kind"),
    [
        ("FAILED", {"Error": ERROR}, CallbackExternalError),
        ("STOPPED", {"Error": ERROR}, CallbackExternalError),
        ("CANCELLED", {}, CallbackExternalError),
        ("FAILED", {"Error": {"ErrorType": "Callback.Heartbeat"}}, CallbackExternalError),
        ("TIMED_OUT", {"Error": {"ErrorType": "Callback.Timeout"}}, CallbackTimeoutError),
        ("TIMED_OUT", {"Error": {"ErrorType": "Callback.Heartbeat"}}, CallbackHeartbeatError),
        ("TIMED_OUT", {}, CallbackTimeoutError),
    ],
)
def test_an_answer_that_is_a_failure(status: str, details: Wire, kind: type[CallbackError]) -> None:
    error = result(Play([callback(status, **details)]))
    assert type(error) is kind
    recorded_error: Wire = details.get("Error", {})
    assert error.message == recorded_error.get("ErrorMessage")
    assert error.error_type == recorded_error.get("ErrorType"), "what the outsider called it"
    assert error.data == recorded_error.get("ErrorData")


def test_the_first_answer_may_settle_it_at_once() -> None:
    play = Play(answers=[Answer([callback("SUCCEEDED", Result="quick")])])
    assert result(play) == "quick"
    assert play.parks == []


@pytest.mark.parametrize("details", [{"CallbackDetails": {}}, {}])
def test_a_callback_without_an_id_is_no_answer(details: Wire) -> None:
    found = callback("STARTED")
    del found["CallbackDetails"]
    play = Play([{**found, **details}])
    error = outcome(play, play.context.begin_callback(None, CallbackConfig())[1])
    assert isinstance(error, RemoteProtocolError)


def test_an_answer_without_the_callback_is_none() -> None:
    play = Play(answers=[Answer([])])
    error = outcome(play, play.context.begin_callback(None, CallbackConfig())[1])
    assert isinstance(error, RemoteProtocolError)


@pytest.mark.parametrize("status", ["PENDING", "READY", "BROKEN"])
def test_an_impossible_status_sticks(status: str) -> None:
    play = Play([callback(status)])
    error = outcome(play, play.context.begin_callback(None, CallbackConfig())[1])
    assert isinstance(error, RemoteProtocolError)
    with pytest.raises(RemoteProtocolError):
        play.do(play.context.begin_wait(1, None))


def test_another_operation_in_its_place() -> None:
    play = Play([callback("SUCCEEDED")])
    this, creation = play.context.begin_callback("other name", CallbackConfig())
    assert isinstance(outcome(play, creation), ReplayError)
    with pytest.raises(ReplayError):
        play.do(create_callback(this, CallbackConfig()))


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [(None, 0), (0, 0), (7, 7), (timedelta(minutes=1), 60), (99_999_999, 99_999_999)],
)
def test_timeouts(duration: int | timedelta | None, seconds: int) -> None:
    assert timeout_seconds(duration) == seconds


@pytest.mark.parametrize(
    "duration", [-1, 100_000_000, timedelta(milliseconds=1500), timedelta(-1), True, 1.5, "1"]
)
def test_timeouts_that_cannot_be(duration: Any) -> None:
    with pytest.raises(ValidationError, match="timeout"):
        timeout_seconds(duration)
