"""Steps whose strategy, result or service fails them."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from typing import Any, Final

import pytest

from core.transcript import FIRST, Answer, Play, fails_with, step
from perdure.effects import Effect
from perdure.errors import (
    ConcurrencyError,
    SerDesError,
    ServiceError,
    StepError,
    Suspended,
    UpdateTooLargeError,
)
from perdure.limits import MAX_ERROR_BYTES
from perdure.operations.step import StepConfig
from perdure.retries import DEFAULT, NO_RETRY, Jitter, Retry
from perdure.serdes import JSON, PASS_THROUGH, Value

ONCE: Final = StepConfig(NO_RETRY)
SERDES_ERROR: Final = "aws_durable_execution_sdk_python.exceptions.SerDesError"


def refused(play: Play, operation: Coroutine[Effect, object, object]) -> StepError:
    """The error of a step that failed for good."""
    with pytest.raises(StepError) as raised:
        play.do(operation)
    return raised.value


# -- strategies that misbehave -------------------------------------------------------------


def raising(error: Exception, attempts: int) -> Retry:
    raise KeyError("strategy")


def answering(answer: object) -> Any:
    """A strategy with a constant answer."""

    def strategy(error: Exception, attempts: int) -> object:
        return answer

    return strategy


@pytest.mark.parametrize(
    ("strategy", "error_type"),
    [
        (raising, "KeyError"),
        (answering(Retry(float("inf"))), "OverflowError"),
        (answering(Retry(float("nan"), Jitter.FULL)), "ValueError"),
        (answering(5), "AttributeError"),
        (None, "TypeError"),
    ],
    ids=["raises", "infinite", "nan", "no Retry", "no strategy"],
)
def test_a_strategy_that_breaks_fails_the_step_and_leaves_nothing_open(
    strategy: Any, error_type: str
) -> None:
    play = Play()
    error = refused(
        play, play.context.step(fails_with(ValueError("no")), config=StepConfig(strategy))
    )
    assert error.error_type == error_type
    assert play.actions == [["STEP START", "STEP FAIL"]]
    cause = error.__cause__
    assert cause is not None
    assert type(cause).__name__ == error_type
    assert isinstance(cause.__context__, ValueError)


# -- results that cannot be recorded -------------------------------------------------------


class OneWay:
    """Encodes what it cannot decode."""

    def encode(self, value: Value) -> str:
        return "}{"

    def decode(self, text: str) -> Value:
        return JSON.decode(text)


class Uncalled:
    """A strategy that must not be asked."""

    def __call__(self, error: Exception, attempts: int) -> Retry:
        raise AssertionError("asked")


@pytest.mark.parametrize(
    ("value", "serdes", "message"),
    [
        ({1, 2}, StepConfig().serdes, "cannot encode set: choose another serdes"),
        (5, PASS_THROUGH, "only a string passes through, not int"),
        ("x", OneWay(), "cannot decode what is recorded: "),
        ("half \ud800", PASS_THROUGH, "not writable as UTF-8: "),
    ],
    ids=["encode", "own error", "decode", "surrogate"],
)
def test_a_result_that_cannot_be_recorded_fails_the_step_at_once(
    value: object, serdes: Any, message: str
) -> None:
    config = StepConfig(Uncalled(), serdes=serdes)
    first = Play()
    with pytest.raises(SerDesError) as raised:
        first.do(first.context.step(lambda: value, config=config))
    assert raised.value.message is not None
    assert raised.value.message.startswith(message)
    assert first.actions == [["STEP START", "STEP FAIL"]]
    assert first.updates[0][1]["Error"]["ErrorType"] == SERDES_ERROR
    replay = Play(first.later())
    with pytest.raises(SerDesError) as repeated:
        replay.do(replay.context.step(lambda: value, config=config))
    assert str(repeated.value) == str(raised.value)


def test_what_is_recorded_but_cannot_be_read_is_a_serdes_error() -> None:
    play = Play([step("SUCCEEDED", Result="}{")])
    with pytest.raises(SerDesError, match="cannot decode what is recorded"):
        play.do(play.context.step(lambda: 1))


def test_a_large_result_leaves_in_a_request_of_its_own() -> None:
    play = Play()
    text = "x" * 800_000
    assert play.do(play.context.step(lambda: text)) == text
    assert play.actions == [["STEP START"], ["STEP SUCCEED"]]


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * (1_048_576 - 2), True), ("x" * (1_048_576 - 1), False), ("漢" * 400_000, False)],
    ids=["at the limit", "above", "bytes count, not characters"],
)
def test_a_result_above_the_limit_is_an_error_to_catch(text: str, fits: bool) -> None:
    class Utf8:
        """JSON that escapes nothing."""

        def encode(self, value: Value) -> str:
            return json.dumps(value, ensure_ascii=False)

        def decode(self, text: str) -> Value:
            return json.loads(text)

    play = Play()
    operation = play.context.step(lambda: text, config=StepConfig(Uncalled(), serdes=Utf8()))
    if fits:
        assert play.do(operation) == text
        return
    error = refused(play, operation)
    assert str(error).startswith(f"the payload of STEP {FIRST} has ")
    assert isinstance(error.__cause__, UpdateTooLargeError)
    assert play.actions == [["STEP START", "STEP FAIL"]]


@pytest.mark.parametrize("retry", [NO_RETRY, DEFAULT])
def test_a_long_error_is_shortened_to_what_the_service_takes(retry: Any) -> None:
    play = Play()
    with pytest.raises((StepError, Suspended)) as raised:
        play.do(play.context.step(fails_with(ValueError("é" * 40_000)), config=StepConfig(retry)))
    sent = play.updates[0][1]["Error"]
    assert len(json.dumps(sent, ensure_ascii=False).encode()) <= MAX_ERROR_BYTES
    assert sent["ErrorMessage"].endswith(" … (shortened)")
    if retry is NO_RETRY:
        assert str(raised.value) == sent["ErrorMessage"]


def test_an_error_that_is_no_text_is_recorded_as_far_as_it_is() -> None:
    # Names of files that are not UTF-8 come with halves of characters in them.
    play = Play()
    error = refused(play, play.context.step(fails_with(OSError("no file b\udce9d")), config=ONCE))
    assert str(error) == r"no file b\udce9d"
    assert play.updates[0][1]["Error"]["ErrorMessage"] == r"no file b\udce9d"


# -- errors that are not the step's --------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [Suspended(), SystemExit(3), KeyboardInterrupt(), ConcurrencyError("two"), GeneratorExit()],
)
def test_what_is_no_failure_of_the_step_records_nothing(error: BaseException) -> None:
    play = Play()
    with pytest.raises(type(error)):
        play.do(play.context.step(fails_with(error)))
    assert play.actions == []


def test_a_swallowed_suspension_does_not_let_a_step_succeed() -> None:
    play = Play()

    def body() -> str:
        play.state.suspend()
        return "too late"

    with pytest.raises(Suspended):
        play.do(play.context.step(body))
    assert play.actions == []


def test_a_flow_that_others_suspended_meanwhile_goes_no_further() -> None:
    play = Play(answers=[Answer(revoked=True)])
    with pytest.raises(Suspended):
        play.do(play.context.step(lambda: 1))
    assert play.actions == [["STEP START", "STEP SUCCEED"]]


def test_a_step_that_failed_to_persist_raises_the_services_error() -> None:
    refusal = ServiceError("gone", status=400, code="X")
    play = Play(answers=[Answer(error=refusal)])
    with pytest.raises(ServiceError) as raised:
        play.do(play.context.step(lambda: 1))
    assert raised.value is refusal
    with pytest.raises(ServiceError):
        play.do(play.context.step(lambda: 2))
