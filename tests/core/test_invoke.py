"""Invoking other functions, in every status."""

from __future__ import annotations

from typing import Any, Final

import pytest

from core.obedient import recorded
from core.transcript import FIRST, Answer, Play, Wire, outcome
from perdure.errors import (
    InvokeError,
    RemoteProtocolError,
    ReplayError,
    SerDesError,
    Suspended,
    UpdateTooLargeError,
    ValidationError,
)
from perdure.operations.invoke import InvokeConfig
from perdure.serdes import PASS_THROUGH, TAGGED

ERROR: Final = {"ErrorMessage": "boom", "ErrorType": "Other", "StackTrace": ["a"]}


def invocation(status: str, **details: object) -> Wire:
    """A recorded invocation of another function."""
    return recorded("CHAINED_INVOKE", "ChainedInvoke", status, FIRST, details)


def invoke(
    play: Play, payload: object = None, config: InvokeConfig | None = None, name: str | None = None
) -> Any:
    """What the first invocation comes to."""
    return outcome(play, play.context.begin_invoke("f:1", payload, name, config or InvokeConfig()))


def test_what_is_sent() -> None:
    play = Play()
    config = InvokeConfig("tenant one", "Root=1-2")
    assert isinstance(invoke(play, {"a": [1, "é"]}, config, "call"), Suspended)
    assert play.updates == [
        [
            {
                "Id": FIRST,
                "Type": "CHAINED_INVOKE",
                "SubType": "ChainedInvoke",
                "Action": "START",
                "Name": "call",
                "Payload": '{"a": [1, "\\u00e9"]}',
                "ChainedInvokeOptions": {
                    "FunctionName": "f:1",
                    "TenantId": "tenant one",
                    "XAmznTraceId": "Root=1-2",
                },
            }
        ]
    ]
    assert [(park.ids, park.until) for park in play.parks] == [((FIRST,), None)]
    play = Play()
    invoke(play)
    assert play.updates[0][0]["ChainedInvokeOptions"] == {"FunctionName": "f:1"}
    assert play.updates[0][0]["Payload"] == "null"


def test_an_answer_may_come_at_once_or_later() -> None:
    found = invocation("FAILED", Error=ERROR)
    play = Play(answers=[Answer([found])])
    assert isinstance(invoke(play), InvokeError)
    assert play.parks == []
    play = Play(news=[[], [invocation("SUCCEEDED", Result="7")]])
    assert invoke(play) == 7


@pytest.mark.parametrize(
    ("details", "value"), [({"Result": '{"a": 1}'}, {"a": 1}), ({}, None), (None, None)]
)
def test_a_recorded_answer(details: Wire | None, value: object) -> None:
    found = invocation("SUCCEEDED", **(details or {}))
    if details is None:
        del found["ChainedInvokeDetails"]
    play = Play([found])
    assert invoke(play) == value
    assert play.requests == []


def test_the_serdes_of_both_directions() -> None:
    play = Play(news=[[invocation("SUCCEEDED", Result='"x"')]])
    config = InvokeConfig(payload_serdes=TAGGED, result_serdes=PASS_THROUGH)
    assert invoke(play, {"a": 1}, config) == '"x"'
    assert play.updates[0][0]["Payload"] == '{"t":"m","v":{"a":{"t":"i","v":1}}}'


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"])
@pytest.mark.parametrize("details", [{"Error": ERROR}, {}, None])
def test_an_invocation_that_ended_badly(status: str, details: Wire | None) -> None:
    found = invocation(status, **(details or {}))
    if details is None:
        del found["ChainedInvokeDetails"]
    error = invoke(Play([found]))
    assert isinstance(error, InvokeError)
    assert (error.message, error.error_type) == (("boom", "Other") if details else (None, None))


def test_a_recorded_start_parks_without_another() -> None:
    play = Play([invocation("STARTED")])
    assert isinstance(invoke(play), Suspended)
    assert play.requests == []


@pytest.mark.parametrize("status", ["PENDING", "READY"])
def test_an_impossible_status(status: str) -> None:
    assert isinstance(invoke(Play([invocation(status)])), RemoteProtocolError)


def test_another_operation_in_its_place() -> None:
    assert isinstance(invoke(Play([invocation("STARTED")]), name="other"), ReplayError)


def test_payloads_that_cannot_be_sent() -> None:
    play = Play()
    assert isinstance(invoke(play, {1, 2}), SerDesError)
    assert isinstance(invoke(play, "x" * 2_000_000), UpdateTooLargeError)
    assert play.requests == []


def test_an_answer_that_cannot_be_read() -> None:
    assert isinstance(invoke(Play([invocation("SUCCEEDED", Result="{")])), SerDesError)


@pytest.mark.parametrize("target", ["", "f" * 257, None, 7])
def test_a_target_that_is_none(target: Any) -> None:
    play = Play()
    with pytest.raises(ValidationError, match="1 to 256 characters"):
        play.do(play.context.begin_invoke(target, None, None, InvokeConfig()))


@pytest.mark.parametrize("tenant", ["", "t" * 257, "a\n", "é", "a;b"])
def test_a_tenant_that_is_none(tenant: str) -> None:
    play = Play()
    with pytest.raises(ValidationError, match="a tenant is"):
        play.do(play.context.begin_invoke("f", None, None, InvokeConfig(tenant_id=tenant)))
    assert isinstance(outcome(play, play.context.wait(1)), Suspended)
    assert play.updates[0][0]["Id"] == FIRST, "no place was taken"
