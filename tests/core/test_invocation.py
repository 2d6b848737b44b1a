"""One invocation from its input to its answer."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from core.durable_functions import answer, failed, raises, returns
from core.transcript import ARN, NOW, Answer, Context, Play, Wire, step, wait
from perdure.effects import Call, Effect, Persist
from perdure.errors import (
    Closed,
    RemoteProtocolError,
    Suspended,
)
from perdure.invocation import run_invocation
from perdure.limits import MAX_ERROR_BYTES, MAX_OUTPUT_BYTES
from perdure.models.decode import decode_page
from perdure.models.encode import compact
from perdure.models.enums import OperationAction, OperationType
from perdure.models.update import OperationUpdate
from perdure.modes import CheckpointingMode
from perdure.state import ExecutionState, Phase


class ModuleError(Exception):
    """An error of a user's module."""


# -- what the function came to -------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ({"a": [1, "é"]}, '{"a": [1, "\\u00e9"]}'),
        ((1, 2), "[1, 2]"),
        ("", '""'),
        (float("nan"), "NaN"),
    ],
)
def test_a_result_is_plain_json(value: object, text: str) -> None:
    assert answer(Play().run(returns(value))) == {"Status": "SUCCEEDED", "Result": text}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("no"), failed("ValueError", "no")),
        (ModuleError("no"), failed(f"{__name__}.ModuleError", "no")),
        (ExceptionGroup("two", [ValueError()]), failed("ExceptionGroup", "two (1 sub-exception)")),
        (OSError("b\udce9d"), failed("OSError", r"b\udce9d")),
    ],
)
def test_an_error_of_the_function_fails_the_execution(error: Exception, expected: Wire) -> None:
    assert answer(Play().run(raises(error))) == expected


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), {(1,): 2}, b"x"], ids=["set", "object", "key", "bytes"]
)
def test_a_result_that_is_not_json_fails_the_execution(value: object) -> None:
    told = answer(Play().run(returns(value)))
    assert (told["Status"], told["Error"]["ErrorType"]) == ("FAILED", "TypeError")


def test_a_result_within_itself_fails_the_execution() -> None:
    circular: list[object] = []
    circular.append(circular)
    told = answer(Play().run(returns(circular)))
    assert told == failed("ValueError", "Circular reference detected")


def test_a_sync_function_will_do() -> None:
    play = Play()
    output = play.do(run_invocation(play.state, lambda event, context: event, play.context))
    assert answer(output) == {"Status": "SUCCEEDED", "Result": "null"}


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_what_ends_the_process_comes_out(error: BaseException) -> None:
    with pytest.raises(type(error)):
        Play().run(raises(error))


@pytest.mark.parametrize(
    "group",
    [
        BaseExceptionGroup("g", [Suspended()]),
        BaseExceptionGroup("g", [ValueError("no"), KeyboardInterrupt()]),
        BaseExceptionGroup("g", [SystemExit(1)]),
    ],
    ids=["without a suspension", "interrupt", "exit"],
)
def test_a_group_that_is_no_suspension_comes_out(group: BaseExceptionGroup[Any]) -> None:
    with pytest.raises(BaseExceptionGroup):
        Play().run(raises(group))


# -- the input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        ('{"order": 7}', {"order": 7}),
        ("null", None),
        ("[1]", [1]),
        ("", {}),
        (None, {}),
        (' "spaces" ', "spaces"),
    ],
)
def test_the_function_gets_the_decoded_input(raw: str | None, event: object) -> None:
    play = Play(input=raw)
    seen: list[object] = []
    play.do(run_invocation(play.state, lambda event, context: seen.append(event), None))
    assert seen == [event]


@pytest.mark.parametrize("raw", ["{", "nonsense", "[" * 100_000, '{"a":1}x'])
def test_input_that_is_not_json_fails_the_execution_and_runs_nothing(raw: str) -> None:
    play = Play(input=raw)
    told = answer(play.run(raises(AssertionError("it ran"))))
    assert told["Error"]["ErrorType"] == "ValueError"
    assert told["Error"]["ErrorMessage"].startswith("the input is not JSON: ")
    assert not any(isinstance(effect, Call) for effect in play.effects)
    assert play.requests == []


def test_a_state_without_execution_is_the_services_fault() -> None:
    state = ExecutionState(ARN, "t0", decode_page({"Operations": [step("STARTED")]}))
    play = Play()
    with pytest.raises(RemoteProtocolError, match="no EXECUTION operation"):
        play.do(run_invocation(state, lambda event, context: None, None))


# -- suspension ----------------------------------------------------------------------------


def test_a_suspended_function_answers_pending() -> None:
    async def body(context: Context) -> None:
        await context.wait(60)
        raise AssertionError("the wait is not over")

    play = Play()
    assert answer(play.run(body)) == {"Status": "PENDING"}
    assert play.actions == [["WAIT START"]]
    assert play.now == NOW


async def swallowing(context: Context) -> str:
    """Go on as if nothing had happened."""
    with suppress(BaseException):
        await context.wait(60)
    return "done"


async def replacing(context: Context) -> str:
    """Turn the signal into an error."""
    try:
        await context.wait(60)
    except BaseException as error:
        raise ValueError("replaced") from error
    return "done"


async def working_on(context: Context) -> str:
    """Try more durable work."""
    try:
        await context.wait(60)
    finally:
        await context.step(lambda: "clean up", name="in finally")
    return "done"


async def swallowing_again(context: Context) -> str:
    """Swallow the signal, then try more durable work, and swallow that."""
    for _ in range(3):
        try:
            await context.wait(60)
        except BaseException:
            continue
    return "done"


async def grouped(context: Context) -> str:
    """What a task group makes of it."""
    try:
        await context.wait(60)
    except Suspended as signal:
        raise BaseExceptionGroup(
            "unhandled errors in a TaskGroup",
            [BaseExceptionGroup("inner", [signal]), ValueError("a sibling")],
        ) from None
    return "done"


@pytest.mark.parametrize(
    "body", [swallowing, replacing, working_on, swallowing_again, grouped], ids=lambda f: f.__name__
)
def test_suspended_stays_suspended_whatever_the_function_does(body: Any) -> None:
    play = Play()
    assert answer(play.run(body)) == {"Status": "PENDING"}
    assert play.actions == [["WAIT START"]]


def test_a_group_with_more_than_the_suspension_comes_out() -> None:
    async def body(context: Context) -> None:
        try:
            await context.wait(60)
        except Suspended as signal:
            raise BaseExceptionGroup("g", [signal, KeyboardInterrupt()]) from None

    with pytest.raises(BaseExceptionGroup):
        Play().run(body)


def test_everything_queued_is_durable_before_pending() -> None:
    async def body(context: Context) -> None:
        context.state.checkpoint(
            OperationUpdate("ctx", OperationType.CONTEXT, OperationAction.START), sync=False
        )
        await context.wait(60)

    play = Play([wait("STARTED")])
    assert answer(play.run(body)) == {"Status": "PENDING"}
    assert play.actions == [["CONTEXT START"]]
    assert play.now == NOW


def test_news_that_comes_with_the_flush_spares_the_suspension() -> None:
    async def body(context: Context) -> str:
        context.state.checkpoint(
            OperationUpdate("ctx", OperationType.CONTEXT, OperationAction.START), sync=False
        )
        await context.wait(60)
        return "went on"

    play = Play([wait("STARTED")], answers=[Answer([wait("SUCCEEDED")])])
    assert answer(play.run(body)) == {"Status": "SUCCEEDED", "Result": '"went on"'}
    assert play.parks == []


def test_an_invocation_after_a_suspension_goes_on_where_it_was() -> None:
    async def body(context: Context) -> object:
        one = await context.step(lambda: 1)
        await context.wait(60)
        return one + await context.step(lambda: 2)

    first = Play()
    assert answer(first.run(body)) == {"Status": "PENDING"}
    second = Play(first.later())
    assert answer(second.run(body)) == {"Status": "SUCCEEDED", "Result": "3"}
    assert second.actions == [["STEP START", "STEP SUCCEED"]]
    third = Play(second.later())
    assert answer(third.run(body)) == {"Status": "SUCCEEDED", "Result": "3"}
    assert third.requests == []


# -- the end -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(CheckpointingMode))
def test_everything_queued_is_durable_before_the_answer(mode: CheckpointingMode) -> None:
    async def body(context: Context) -> object:
        await context.step(lambda: 1)
        return await context.step(lambda: None)

    play = Play(mode=mode)
    assert play.run(body).result == "null"
    together = [action for sent in play.actions for action in sent]
    assert together == ["STEP START", "STEP SUCCEED"] * 2
    assert play.now == NOW  # nobody waited for a timer
    assert play.state.next_request(NOW) is None
    assert play.state.next_deadline() is None


class Straggling(Play):
    """A thread that the function left behind begins a step whenever the function waits."""

    begun = refused = 0

    def _perform(self, effect: Effect) -> object:
        value = super()._perform(effect)
        if isinstance(effect, Persist):
            late = OperationUpdate(f"late-{self.begun}", OperationType.STEP, OperationAction.START)
            try:
                self.state.checkpoint(late, sync=False)
                self.begun += 1
            except Closed:
                self.refused += 1
        return value


def test_what_a_straggler_records_is_durable_until_it_is_refused() -> None:
    play = Straggling()
    assert answer(play.run(returns(1))) == {"Status": "SUCCEEDED", "Result": "1"}
    assert (play.begun, play.refused) == (1, 1)
    assert [each["Id"] for sent in play.updates for each in sent] == ["late-0"]


def test_a_closed_invocation_refuses_stragglers() -> None:
    play = Play()
    play.run(returns(1))
    assert play.state.phase is Phase.CLOSED
    with pytest.raises(Closed):
        play.do(play.context.step(lambda: 1))
    with pytest.raises(Closed):
        play.state.poll()


def text_of(embedded: int) -> str:
    """A string whose JSON is so many bytes once embedded in the answer."""
    return "x" * (embedded - len('"\\"\\""'))


@pytest.mark.parametrize(
    ("embedded", "recorded"), [(MAX_OUTPUT_BYTES - 64, False), (MAX_OUTPUT_BYTES - 63, True)]
)
def test_a_result_too_large_to_return_ends_the_execution_by_checkpoint(
    embedded: int, recorded: bool
) -> None:
    value = text_of(embedded)
    assert len(compact(json.dumps(value))) == embedded
    play = Play()
    told = answer(play.run(returns(value)))
    if not recorded:
        assert told == {"Status": "SUCCEEDED", "Result": json.dumps(value)}
        assert play.requests == []
        return
    assert told == {"Status": "SUCCEEDED", "Result": ""}
    assert play.updates == [
        [
            {
                "Id": "execution-result",
                "Type": "EXECUTION",
                "Action": "SUCCEED",
                "Payload": json.dumps(value),
            }
        ]
    ]


def test_escapes_count_where_they_make_the_answer_too_large() -> None:
    play = Play()
    quotes = '"' * 2_000_000  # 4 MB as JSON, 8 MB once that is embedded
    assert answer(play.run(returns(quotes)))["Result"] == ""
    assert play.actions == [["EXECUTION SUCCEED"]]


def test_steps_are_recorded_before_a_large_result() -> None:
    async def body(context: Context) -> str:
        await context.step(lambda: 1)
        return "x" * MAX_OUTPUT_BYTES

    play = Play(mode=CheckpointingMode.OPTIMISTIC)
    assert answer(play.run(body)) == {"Status": "SUCCEEDED", "Result": ""}
    assert [action for sent in play.actions for action in sent] == [
        "STEP START",
        "STEP SUCCEED",
        "EXECUTION SUCCEED",
    ]


def test_a_result_that_no_checkpoint_takes_fails_the_execution() -> None:
    play = Play()
    told = answer(play.run(returns("x" * 6_291_455)))
    assert told["Status"] == "FAILED"
    assert told["Error"]["ErrorMessage"] == (
        "the payload of EXECUTION execution-result has 6291457 bytes, the service takes 6291456"
    )
    assert play.requests == []


@pytest.mark.parametrize("message", ["x" * 100_000, "漢" * 20_000])
def test_a_long_error_is_shortened_and_says_so(message: str) -> None:
    told = answer(Play().run(raises(ValueError(message))))
    assert len(json.dumps(told["Error"], ensure_ascii=False).encode()) <= MAX_ERROR_BYTES
    assert told["Error"]["ErrorMessage"].endswith(" … (shortened)")
