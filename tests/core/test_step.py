"""What a step says on the wire, attempt by attempt."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from typing import Final

import pytest

from core.transcript import FIRST, NOW, SECOND, Context, Play, Wire, fails_with, step
from perdure.effects import Call, Effect, Park
from perdure.errors import (
    LocalProtocolError,
    SerDesError,
    StepError,
    Suspended,
    ValidationError,
)
from perdure.models.enums import InvocationStatus
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepConfig, StepSemantics
from perdure.retries import DEFAULT, NO_RETRY, fixed
from perdure.step_context import StepContext, step_context

ONCE: Final = StepConfig(NO_RETRY)
SERDES_ERROR: Final = "aws_durable_execution_sdk_python.exceptions.SerDesError"


def update(action: str, id: str = FIRST, **members: object) -> Wire:
    """One update of a step, as it travels."""
    return {"Id": id, "Type": "STEP", "Action": action, "SubType": "Step", **members}


def refused(play: Play, operation: Coroutine[Effect, object, object]) -> StepError:
    """The error of a step that failed for good."""
    with pytest.raises(StepError) as raised:
        play.do(operation)
    return raised.value


# -- sequences -----------------------------------------------------------------------------


def test_start_and_result_travel_together() -> None:
    play = Play()
    assert play.do(play.context.step(lambda: 42)) == 42
    assert play.updates == [[update("START"), update("SUCCEED", Payload="42")]]


def test_a_name_and_arguments() -> None:
    play = Play()
    assert play.do(play.context.step(divmod, 7, 2, name="divide")) == (3, 1)
    payload = '{"t":"t","v":[{"t":"i","v":3},{"t":"i","v":1}]}'
    assert play.updates == [
        [update("START", Name="divide"), update("SUCCEED", Name="divide", Payload=payload)]
    ]


def test_an_async_body_is_awaited() -> None:
    async def body(text: str) -> str:
        return text.upper()

    play = Play()
    assert play.do(play.context.step(body, "x")) == "X"


def test_a_failing_attempt_is_retried_and_then_succeeds() -> None:
    config = StepConfig(fixed(3))
    first = Play()
    with pytest.raises(Suspended):
        first.do(first.context.step(fails_with(ValueError("no")), config=config))
    error = {"ErrorMessage": "no", "ErrorType": "ValueError"}
    retry = update("RETRY", Error=error, StepOptions={"NextAttemptDelaySeconds": 3})
    assert first.updates == [[update("START"), retry]]
    assert first.parks == [Park((FIRST,), NOW + 3)]
    second = Play(first.later())
    assert second.do(second.context.step(lambda: "ok", config=config)) == "ok"
    assert second.updates == [[update("START"), update("SUCCEED", Payload='"ok"')]]


def test_the_last_attempt_fails_the_step() -> None:
    play = Play([step("READY", Attempt=4)])
    error = refused(
        play, play.context.step(fails_with(ValueError("no")), config=StepConfig(fixed()))
    )
    assert (str(error), error.error_type) == ("no", "ValueError")
    recorded = {"ErrorMessage": "no", "ErrorType": "ValueError"}
    assert play.updates == [[update("START"), update("FAIL", Error=recorded)]]


def test_six_attempts_are_the_default() -> None:
    assert StepConfig().retry is DEFAULT
    recorded: list[Wire] = []
    for attempt in range(1, 7):
        play = Play(recorded)
        with pytest.raises((Suspended, StepError)):
            play.do(play.context.step(fails_with(OSError("gone"))))
        assert play.actions == [["STEP START", "STEP RETRY" if attempt < 6 else "STEP FAIL"]]
        recorded = play.later()


def test_the_spread_of_the_delay_is_drawn_once_per_retry() -> None:
    delays: list[int] = []
    recorded: list[Wire] = []
    for draw in (0.0, 0.5, 0.999):
        play = Play(recorded, draws=[draw])
        with pytest.raises(Suspended):
            play.do(play.context.step(fails_with(OSError())))
        delays.append(play.updates[0][1]["StepOptions"]["NextAttemptDelaySeconds"])
        recorded = play.later()
    assert delays == [1, 5, 20]


class ModuleError(Exception):
    """An error of a user's module."""


@pytest.mark.parametrize(
    ("error", "recorded"),
    [
        (ValueError("no"), {"ErrorMessage": "no", "ErrorType": "ValueError"}),
        (ModuleError("x"), {"ErrorMessage": "x", "ErrorType": f"{__name__}.ModuleError"}),
        (ValueError(), {"ErrorMessage": "", "ErrorType": "ValueError"}),
        (json.JSONDecodeError("m", "d", 0), {"ErrorType": "json.decoder.JSONDecodeError"}),
        (ValidationError("v"), {"ErrorType": "perdure.errors.ValidationError"}),
        (SerDesError("s"), {"ErrorMessage": "s", "ErrorType": SERDES_ERROR}),
        (
            StepError("inner", "a.B", "data", ("line",)),
            {
                "ErrorMessage": "inner",
                "ErrorType": "aws_durable_execution_sdk_python.exceptions.StepError",
                "ErrorData": "data",
                "StackTrace": ["line"],
            },
        ),
        (StepError(None), {"ErrorType": "aws_durable_execution_sdk_python.exceptions.StepError"}),
    ],
    ids=repr,
)
def test_what_is_recorded_of_an_error(error: Exception, recorded: Wire) -> None:
    play = Play()
    with pytest.raises((StepError, SerDesError)):
        play.do(play.context.step(fails_with(error), config=ONCE))
    sent = play.updates[0][1]["Error"]
    assert {**sent, **recorded} == sent
    assert ("StackTrace" in sent, "ErrorData" in sent) == (
        "StackTrace" in recorded,
        "ErrorData" in recorded,
    )


@pytest.mark.parametrize("mode", list(CheckpointingMode))
@pytest.mark.parametrize("semantics", list(StepSemantics))
def test_when_a_step_is_durable(mode: CheckpointingMode, semantics: StepSemantics) -> None:
    play = Play(mode=mode)
    play.do(play.context.step(lambda: 1, config=StepConfig(semantics=semantics)))
    before_the_end = play.actions
    if mode is CheckpointingMode.OPTIMISTIC:
        most = semantics is StepSemantics.AT_MOST_ONCE
        assert before_the_end == ([["STEP START"]] if most else [])
        assert play.state.has_pending
        return
    together = mode is CheckpointingMode.BATCHED and semantics is StepSemantics.AT_LEAST_ONCE
    assert before_the_end == (
        [["STEP START", "STEP SUCCEED"]] if together else [["STEP START"], ["STEP SUCCEED"]]
    )
    assert not play.state.has_pending


def test_optimistic_results_leave_before_the_answer() -> None:
    async def body(context: Context) -> int:
        return sum([await context.step(int, n) for n in range(3)])

    play = Play(mode=CheckpointingMode.OPTIMISTIC)
    output = play.run(body)
    assert (output.status, output.result) == (InvocationStatus.SUCCEEDED, "3")
    assert play.actions == [["STEP START", "STEP SUCCEED"] * 3]


def test_an_optimistic_retry_waits_all_the_same() -> None:
    play = Play(mode=CheckpointingMode.OPTIMISTIC)
    with pytest.raises(Suspended):
        play.do(play.context.step(fails_with(OSError())))
    assert play.actions == [["STEP START", "STEP RETRY"]]


# -- the attempt ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "attempt"),
    [
        ([], 1),
        ([step("STARTED")], 1),
        ([step("STARTED", Attempt=2)], 3),
        ([step("READY", Attempt=1)], 2),
    ],
)
def test_the_body_knows_its_attempt(recorded: list[Wire], attempt: int) -> None:
    play = Play(recorded)
    seen: list[StepContext] = []
    play.do(play.context.step(lambda: seen.append(step_context())))
    assert seen == [StepContext(FIRST, None, attempt)]


@pytest.mark.parametrize(("recorded", "attempt"), [([], 1), ([step("READY", Attempt=3)], 4)])
def test_the_strategy_is_told_the_attempts_made(recorded: list[Wire], attempt: int) -> None:
    asked: list[tuple[Exception, int]] = []
    error = ValueError("no")

    def give_up(error: Exception, attempts: int) -> None:
        asked.append((error, attempts))

    play = Play(recorded)
    refused(play, play.context.step(fails_with(error), config=StepConfig(give_up)))
    assert asked == [(error, attempt)]


def test_there_is_no_attempt_outside_a_body() -> None:
    play = Play()
    play.do(play.context.step(lambda: 1))
    refused(play, play.context.step(fails_with(OSError()), config=ONCE))
    with pytest.raises(LocalProtocolError, match="for the body of a step"):
        step_context()


def test_a_durable_call_in_the_body_of_a_step_is_refused() -> None:
    # A replay does not run the body, so every later id would be another one.
    play = Play()

    async def body() -> object:
        return await play.context.step(lambda: 1)

    with pytest.raises(LocalProtocolError, match="the body of a step"):
        play.do(play.context.step(body))
    assert play.actions == []
    play.context.wait(1).close()  # the next operation is the second


def test_the_effects_of_a_step_are_data() -> None:
    play = Play()
    play.do(play.context.step(max, 3, 5))
    call, *rest = play.effects
    assert call == Call(max, (3, 5))
    assert [type(each).__name__ for each in rest] == ["Persist"]


def test_two_steps_have_the_ids_of_their_calls() -> None:
    play = Play()
    first, second = play.context.step(lambda: 1), play.context.step(lambda: 2)
    assert [play.do(second), play.do(first)] == [2, 1]
    assert [[each["Id"] for each in sent] for sent in play.updates] == [[SECOND] * 2, [FIRST] * 2]
