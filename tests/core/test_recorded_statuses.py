"""Every status in which a step or a wait can be found, and what its call does about it."""

from __future__ import annotations

from typing import Final

import pytest

from core.transcript import (
    FIRST,
    NOW,
    SECOND,
    Answer,
    Context,
    Counted,
    Play,
    Wire,
    outcome,
    step,
    wait,
)
from perdure.effects import Park
from perdure.errors import (
    OperationError,
    RemoteProtocolError,
    StepError,
    StepInterruptedError,
    Suspended,
)
from perdure.models.enums import OperationStatus
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepConfig, StepSemantics
from perdure.retries import fixed

MOST_ONCE: Final = StepConfig(fixed(7), StepSemantics.AT_MOST_ONCE)
LEAST_ONCE: Final = StepConfig(fixed(7), StepSemantics.AT_LEAST_ONCE)
BOTH: Final = pytest.mark.parametrize("config", [LEAST_ONCE, MOST_ONCE], ids=["least", "most"])

ERROR: Final = {
    "ErrorMessage": "no stock",
    "ErrorType": "shop.NoStock",
    "ErrorData": "{}",
    "StackTrace": ["a", "b"],
}
TERMINAL: Final = ("FAILED", "TIMED_OUT", "STOPPED", "CANCELLED")


# -- steps ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "config", "actions", "runs"),
    [
        ([], LEAST_ONCE, [["STEP START", "STEP SUCCEED"]], 1),
        ([], MOST_ONCE, [["STEP START"], ["STEP SUCCEED"]], 1),
        ([step("STARTED")], LEAST_ONCE, [["STEP SUCCEED"]], 1),
        ([step("READY", Attempt=1)], LEAST_ONCE, [["STEP START", "STEP SUCCEED"]], 1),
        ([step("READY", Attempt=1)], MOST_ONCE, [["STEP START"], ["STEP SUCCEED"]], 1),
        ([step("SUCCEEDED", Result='"run 1"')], LEAST_ONCE, [], 0),
        ([step("SUCCEEDED", Result='"run 1"')], MOST_ONCE, [], 0),
    ],
)
def test_a_step_that_can_succeed(
    recorded: list[Wire], config: StepConfig, actions: list[list[str]], runs: int
) -> None:
    play, body = Play(recorded), Counted()
    assert play.do(play.context.step(body, config=config)) == "run 1"
    assert play.actions == actions
    assert body.runs == runs


@BOTH
@pytest.mark.parametrize("status", TERMINAL)
def test_a_step_that_ended_badly_raises_and_is_never_run_again(
    status: str, config: StepConfig
) -> None:
    play, body = Play([step(status, Error=ERROR)]), Counted()
    with pytest.raises(StepError, match=r"^no stock$") as raised:
        play.do(play.context.step(body, config=config))
    error = raised.value
    assert (error.error_type, error.data, error.stack_trace) == ("shop.NoStock", "{}", ("a", "b"))
    assert (play.requests, body.runs) == ([], 0)


@pytest.mark.parametrize("status", TERMINAL)
def test_a_step_that_ended_badly_without_an_error(status: str) -> None:
    play = Play([step(status)])
    with pytest.raises(StepError, match="the operation failed"):
        play.do(play.context.step(Counted()))


@pytest.mark.parametrize("details", [True, False])
def test_a_step_that_succeeded_without_a_payload_is_none(details: bool) -> None:
    recorded = step("SUCCEEDED")
    if not details:
        del recorded["StepDetails"]
    play = Play([recorded])
    assert play.do(play.context.step(Counted())) is None


@BOTH
def test_a_pending_step_parks_until_its_recorded_time(config: StepConfig) -> None:
    play, body = Play([step("PENDING", Attempt=1, NextAttemptTimestamp=NOW + 30)]), Counted()
    assert isinstance(outcome(play, play.context.step(body, config=config)), Suspended)
    assert play.parks == [Park((FIRST,), NOW + 30)]
    assert (play.requests, body.runs) == ([], 0)


@pytest.mark.parametrize("with_details", [True, False])
def test_a_pending_step_without_a_time_parks_for_as_long_as_it_takes(with_details: bool) -> None:
    recorded = step("PENDING")
    if not with_details:
        del recorded["StepDetails"]
    play = Play([recorded])
    assert isinstance(outcome(play, play.context.step(Counted())), Suspended)
    assert play.parks == [Park((FIRST,), None)]


def test_a_pending_step_that_falls_due_in_process_starts_its_next_attempt() -> None:
    play = Play([step("PENDING", Attempt=1)], news=[[step("READY", Attempt=1)]])
    assert play.do(play.context.step(Counted())) == "run 1"
    assert play.actions == [[], ["STEP START", "STEP SUCCEED"]]


def test_a_park_that_brought_nothing_parks_again() -> None:
    pending = step("PENDING", Attempt=1, NextAttemptTimestamp=NOW + 30)
    play = Play([pending], news=[[], [pending]])
    assert isinstance(outcome(play, play.context.step(Counted())), Suspended)
    assert play.parks == [Park((FIRST,), NOW + 30)] * 3
    assert play.actions == [[], []]


# -- at most once, cut off -----------------------------------------------------------------


def test_an_interrupted_attempt_counts_as_failed_and_the_body_does_not_run() -> None:
    play, body = Play([step("STARTED")]), Counted()
    operation = play.context.step(body, config=MOST_ONCE)
    assert isinstance(outcome(play, operation), Suspended)
    assert play.updates == [
        [
            {
                "Id": FIRST,
                "Type": "STEP",
                "Action": "RETRY",
                "SubType": "Step",
                "Error": {
                    "ErrorMessage": f"Step operation_id={FIRST} name=None "
                    "was previously interrupted",
                    "ErrorType": "aws_durable_execution_sdk_python.exceptions.StepInterruptedError",
                },
                "StepOptions": {"NextAttemptDelaySeconds": 7},
            }
        ]
    ]
    assert body.runs == 0
    again = Play(play.later())
    assert again.do(again.context.step(body, config=MOST_ONCE)) == "run 1"
    assert again.actions == [["STEP START"], ["STEP SUCCEED"]]


def test_an_interrupted_attempt_that_is_not_tried_again_fails_the_step() -> None:
    asked: list[tuple[Exception, int]] = []

    def never(error: Exception, attempts: int) -> None:
        asked.append((error, attempts))

    config = StepConfig(never, StepSemantics.AT_MOST_ONCE)
    play = Play([step("STARTED", Attempt=2)])
    with pytest.raises(StepError, match="was previously interrupted") as raised:
        play.do(play.context.step(Counted(), config=config))
    assert raised.value.error_type == StepInterruptedError.WIRE_TYPE
    assert isinstance(raised.value.__cause__, StepInterruptedError)
    assert [(type(error), attempts) for error, attempts in asked] == [(StepInterruptedError, 3)]
    assert play.actions == [["STEP FAIL"]]


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (step("SUCCEEDED", Result='"by another"'), "by another"),
        (step("FAILED", Error=ERROR), StepError),
        (step("STOPPED"), StepError),
        (step("PENDING", Attempt=1, NextAttemptTimestamp=NOW + 9), Suspended),
    ],
)
def test_a_start_that_is_answered_with_another_status_does_not_run_the_body(
    answered: Wire, expected: object
) -> None:
    play, body = Play(answers=[Answer([answered])]), Counted()
    result = outcome(play, play.context.step(body, config=MOST_ONCE))
    assert result == expected or type(result) is expected
    assert (play.actions, body.runs) == ([["STEP START"]], 0)


def test_an_attempt_is_only_begun_once_its_start_is_durable() -> None:
    play = Play()
    seen: list[list[list[str]]] = []
    play.do(play.context.step(lambda: seen.append(play.actions), config=MOST_ONCE))
    assert seen == [[["STEP START"]]]


# -- waits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["SUCCEEDED", "CANCELLED"])
def test_a_wait_that_is_over_returns(status: str) -> None:
    play = Play([wait(status)])
    play.do(play.context.wait(60))
    assert (play.requests, play.effects) == ([], [])


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED"])
@pytest.mark.parametrize("name", [None, "nap"])
def test_a_wait_that_ended_badly_raises(status: str, name: str | None) -> None:
    recorded = wait(status) if name is None else {**wait(status), "Name": name}
    play = Play([recorded])
    with pytest.raises(OperationError) as raised:
        play.do(play.context.wait(60, name))
    assert str(raised.value) == f"the wait {name or FIRST} is {status}"
    assert play.requests == []


def test_a_new_wait_is_recorded_and_then_parks_until_the_recorded_end() -> None:
    play = Play(answers=[Answer([wait("STARTED", end=NOW + 61.5)])])
    assert isinstance(outcome(play, play.context.wait(60)), Suspended)
    assert play.updates == [
        [
            {
                "Id": FIRST,
                "Type": "WAIT",
                "Action": "START",
                "SubType": "Wait",
                "WaitOptions": {"WaitSeconds": 60},
            }
        ]
    ]
    assert play.parks == [Park((FIRST,), NOW + 61.5)]


@pytest.mark.parametrize("end", [NOW + 5, NOW - 5, None])
def test_a_wait_that_was_begun_ends_when_the_record_says(end: float | None) -> None:
    play = Play([wait("STARTED", end=end)])
    assert isinstance(outcome(play, play.context.wait(60)), Suspended)
    assert (play.parks, play.requests) == ([Park((FIRST,), end)], [])


def test_a_wait_without_details_parks_for_as_long_as_it_takes() -> None:
    recorded = wait("STARTED")
    del recorded["WaitDetails"]
    play = Play([recorded])
    assert isinstance(outcome(play, play.context.wait(60)), Suspended)
    assert play.parks == [Park((FIRST,), None)]


@pytest.mark.parametrize("status", ["SUCCEEDED", "CANCELLED"])
def test_a_wait_that_is_over_in_the_answer_to_its_start_does_not_park(status: str) -> None:
    play = Play(answers=[Answer([wait(status)])])
    play.do(play.context.wait(1))
    assert play.parks == []


@pytest.mark.parametrize("mode", list(CheckpointingMode))
def test_a_wait_is_durable_before_it_parks_in_every_mode(mode: CheckpointingMode) -> None:
    play = Play(mode=mode)
    assert isinstance(outcome(play, play.context.wait(60)), Suspended)
    assert play.actions == [["WAIT START"]]
    assert [type(effect) for effect in play.effects][-1] is Park


@pytest.mark.parametrize("mode", list(CheckpointingMode))
def test_what_is_queued_is_durable_before_a_park(mode: CheckpointingMode) -> None:
    play = Play([wait("STARTED", SECOND)], mode=mode)
    play.do(play.context.step(Counted()))
    assert isinstance(outcome(play, play.context.wait(60)), Suspended)
    assert [each for sent in play.actions for each in sent] == ["STEP START", "STEP SUCCEED"]


def test_a_wait_goes_on_in_process_when_it_is_over() -> None:
    play = Play(news=[[wait("STARTED")], [wait("SUCCEEDED")]])
    play.do(play.context.wait(60))
    assert play.actions == [["WAIT START"], [], []]


# -- statuses that cannot be ---------------------------------------------------------------

KNOWN: Final = {
    "STEP": {"STARTED", "READY", "PENDING", "SUCCEEDED", *TERMINAL},
    "WAIT": {"STARTED", "SUCCEEDED", *TERMINAL},
}


@pytest.mark.parametrize(
    "recorded",
    [
        wait("PENDING"),
        wait("READY"),
        wait("PAUSED"),
        step("PAUSED"),
        step(""" """),
    ],
)
def test_a_status_that_the_type_cannot_have_is_the_services_fault(recorded: Wire) -> None:
    play = Play([recorded])
    context: Context = play.context
    operation = context.wait(1) if recorded["Type"] == "WAIT" else context.step(Counted())
    with pytest.raises(RemoteProtocolError) as raised:
        play.do(operation)
    status = recorded["Status"]
    assert str(raised.value) == f"a {recorded['Type']} cannot be {status}: operation {FIRST}"


@pytest.mark.parametrize("kind", ["STEP", "WAIT"])
@pytest.mark.parametrize("status", list(OperationStatus))
def test_every_status_is_either_handled_or_refused(kind: str, status: OperationStatus) -> None:
    play = Play([step(status) if kind == "STEP" else wait(status)])
    operation = play.context.step(Counted()) if kind == "STEP" else play.context.wait(1)
    refused = isinstance(outcome(play, operation), RemoteProtocolError)
    assert refused == (status not in KNOWN[kind])


@pytest.mark.parametrize("kind", ["step", "wait"])
def test_a_start_that_the_answer_does_not_hold_is_not_sent_for_ever(kind: str) -> None:
    play, body = Play(answers=[Answer([])] * 9), Counted()
    context = play.context
    operation = context.step(body, config=MOST_ONCE) if kind == "step" else context.wait(1)
    with pytest.raises(RemoteProtocolError) as raised:
        play.do(operation)
    assert str(raised.value) == f"the answer does not hold operation {FIRST}"
    # A function that swallows it cannot go on.
    assert play.state.error is raised.value
    assert (play.actions, body.runs) == ([[f"{kind.upper()} START"]], 0)


@pytest.mark.parametrize("answered", [[], [step("STARTED")]])
def test_a_retry_that_the_answer_does_not_hold_does_not_run_the_body_for_ever(
    answered: list[Wire],
) -> None:
    runs: list[int] = []

    def body() -> None:
        runs.append(1)
        raise ValueError("no")

    play = Play(answers=[Answer(answered)] * 9)
    with pytest.raises(RemoteProtocolError, match="the answer does not hold"):
        play.do(play.context.step(body, config=LEAST_ONCE))
    assert len(runs) == 1
