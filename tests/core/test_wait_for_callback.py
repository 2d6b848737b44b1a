"""Waiting for a callback: a context around a callback and the step that hands it out."""

from __future__ import annotations

from typing import Any, Final

import pytest

from core.obedient import recorded
from core.transcript import FIRST, SECOND, Counted, Play, Wire, fails_with, outcome
from perdure.errors import (
    CallbackError,
    CallbackExternalError,
    CallbackSubmitterError,
    CallbackTimeoutError,
    ChildContextError,
    OperationError,
    SerDesError,
    Suspended,
    ValidationError,
)
from perdure.ids import operation_id
from perdure.operations.callback import CallbackConfig
from perdure.operations.step import StepConfig
from perdure.retries import NO_RETRY, fixed
from perdure.serdes import JSON, JsonSerDes

CALLBACK: Final = operation_id(1, FIRST)
SUBMITTER: Final = operation_id(2, FIRST)


def run(
    play: Play,
    submitter: Any = print,
    name: str | None = None,
    config: CallbackConfig | None = None,
    submit: StepConfig | None = None,
) -> Any:
    """What the first wait for a callback comes to."""
    return outcome(
        play,
        play.context.begin_wait_for_callback(
            submitter, name, config or CallbackConfig(), submit or StepConfig()
        ),
    )


def quiet(callback_id: str) -> None:
    """A submitter."""


def answered(play: Play, status: str, **details: object) -> list[Wire]:
    """What the next invocation finds once somebody answered."""
    found = play.service.operations[CALLBACK]
    details = {**found["CallbackDetails"], **details}
    play.service.record({**found, "Status": status, "CallbackDetails": details})
    return play.later()


def test_the_cheat_sheet() -> None:
    """[C.START, CB.START] [S.START, S.SUCCEED "null"] PENDING, then [C.SUCCEED]."""
    given: list[str] = []
    play = Play()
    config = CallbackConfig(30, 5)
    assert isinstance(run(play, given.append, "ask", config), Suspended)
    assert given == [f"id of {CALLBACK[:8]}"]
    context = {"Type": "CONTEXT", "SubType": "WaitForCallback", "Name": "ask", "Id": FIRST}
    step = {
        "Type": "STEP",
        "SubType": "Step",
        "Id": SUBMITTER,
        "Name": "ask submitter",
        "ParentId": FIRST,
    }
    assert play.updates == [
        [
            {**context, "Action": "START"},
            {
                "Type": "CALLBACK",
                "SubType": "Callback",
                "Id": CALLBACK,
                "Name": "ask create callback id",
                "ParentId": FIRST,
                "Action": "START",
                "CallbackOptions": {"TimeoutSeconds": 30, "HeartbeatTimeoutSeconds": 5},
            },
        ],
        [{**step, "Action": "START"}, {**step, "Action": "SUCCEED", "Payload": "null"}],
    ]
    again = Play(answered(play, "SUCCEEDED", Result="yes"))
    assert run(again, given.append, "ask", config) == "yes"
    assert again.updates == [
        [
            {
                **context,
                "Action": "SUCCEED",
                "Payload": '"yes"',
                "ContextOptions": {"ReplayChildren": False},
            }
        ]
    ]
    assert len(given) == 1, "the submitter never runs again"
    assert run(Play(again.later()), given.append, "ask", config) == "yes"


def test_the_names_inside_of_one_without_a_name() -> None:
    play = Play()
    run(play, quiet)
    names = {update.get("Name") for sent in play.updates for update in sent}
    assert names == {None, "create callback id", "submitter"}


def test_the_serdes_is_for_the_answer_only() -> None:
    """The submitter's own value was read with it too, and that failed."""

    class Status(JsonSerDes):
        def decode(self, text: str) -> Any:
            return super().decode(text)["status"]

    config = CallbackConfig(serdes=Status())
    play = Play()
    assert isinstance(run(play, quiet, config=config), Suspended)
    again = Play(answered(play, "SUCCEEDED", Result='{"status": 7}'))
    assert run(again, quiet, config=config) == 7


@pytest.mark.parametrize(
    ("status", "error_type", "kind"),
    [
        ("FAILED", "RejectedError", CallbackExternalError),
        ("TIMED_OUT", "Callback.Heartbeat", CallbackTimeoutError),
    ],
)
def test_a_bad_answer_is_raised_alike_on_every_run(
    status: str, error_type: str, kind: type[CallbackError]
) -> None:
    error = {"ErrorMessage": "no", "ErrorType": error_type}
    play = Play()
    run(play, quiet)
    again = Play(answered(play, status, Error=error))
    first = run(again, quiet)
    assert again.actions == [["CONTEXT FAIL"]]
    assert again.updates[0][0]["Error"] == {"ErrorMessage": "no", "ErrorType": kind.WIRE_TYPE}
    for raised in (first, run(Play(again.later()), quiet)):
        assert type(raised) is kind
        assert raised.message == "no"


def test_a_submitter_is_retried_and_then_gives_up() -> None:
    submit = StepConfig(fixed(3, max_attempts=2))
    play = Play()
    assert isinstance(run(play, fails_with(ValueError("x")), submit=submit), Suspended)
    assert play.actions[-1] == ["STEP START", "STEP RETRY"]
    again = Play(play.later())
    first = run(again, fails_with(ValueError("x")), submit=submit)
    assert again.actions == [["STEP START", "STEP FAIL"], ["CONTEXT FAIL"]]
    for raised in (first, run(Play(again.later()), quiet)):
        assert isinstance(raised, CallbackSubmitterError)
        assert raised.message == "x"


def test_an_answer_that_cannot_be_read() -> None:
    play = Play()
    run(play, quiet)
    again = Play(answered(play, "SUCCEEDED", Result="{"))
    assert isinstance(run(again, quiet, config=CallbackConfig(serdes=JSON)), SerDesError)
    assert again.actions == [["CONTEXT FAIL"]]


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        ("SUCCEEDED", {"Result": "1"}, 1),
        ("SUCCEEDED", {}, None),
        ("FAILED", {}, ChildContextError),
        ("STOPPED", {"Error": {"ErrorType": "Other"}}, ChildContextError),
        ("TIMED_OUT", {"Error": {"ErrorType": SerDesError.WIRE_TYPE}}, SerDesError),
    ],
)
def test_a_finished_one_is_one_record(status: str, details: Wire, expected: object) -> None:
    body = Counted()
    play = Play([recorded("CONTEXT", "WaitForCallback", status, FIRST, details)])
    found = run(play, body)
    assert found == expected if not isinstance(expected, type) else type(found) is expected
    assert (play.requests, body.runs) == ([], 0)


def test_it_takes_one_place_outside() -> None:
    play = Play()
    run(play, quiet, submit=StepConfig(NO_RETRY))
    with pytest.raises(ValidationError, match="takes a function"):
        run(play, "no function")
    state = Play()
    state.do(state.context.child(lambda ctx: None))
    run(state, quiet)
    begun = [each["Id"] for sent in state.updates for each in sent if each["Action"] == "START"]
    assert begun == [FIRST, SECOND, operation_id(1, SECOND), operation_id(2, SECOND)]
    assert issubclass(CallbackSubmitterError, OperationError)
