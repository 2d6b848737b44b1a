"""Callbacks are answered by whom the test says, at the time it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.programs import Context
from adapters.runtimes import Runtime
from perdure.errors import CallbackError
from perdure.serdes import JSON
from perdure_local.testing import Callback, Durable, Failure, MisuseError, Signal

HOUR = 3600


async def approval(event: Any, ctx: Context) -> Any:
    """Wait for a callback named approval, for an hour; say what came of it."""
    callback = await ctx.create_callback(
        name="approval", timeout=HOUR, heartbeat_timeout=600, serdes=JSON
    )
    try:
        return await callback.result()
    except CallbackError as error:
        return [type(error).__name__, str(error)]


def test_by_name(runtime: Runtime, durable: Durable) -> None:
    durable.answer("approval", {"by": "Ada"})
    run = durable.run(runtime.handler(approval))
    assert run.result == {"by": "Ada"}
    assert (run.duration, len(run.invocations)) == (0, 2)
    assert run.operation("approval").status == "SUCCEEDED"


def test_a_text_is_sent_as_it_is(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        callback = await ctx.create_callback(name="answer")
        return await callback.result()

    durable.answer("answer", "yes, gladly")
    assert durable.run(runtime.handler(program)).result == "yes, gladly"


def test_by_a_function(runtime: Runtime, durable: Durable) -> None:
    seen: list[Callback] = []

    def decide(callback: Callback) -> Any:
        seen.append(callback)
        return {"id": callback.id}

    durable.answer("approval", decide, after=60)
    run = durable.run(runtime.handler(approval))
    assert run.result == {"id": seen[0].id}
    assert [(each.name, each.execution_arn) for each in seen] == [("approval", run.arn)]
    assert run.duration == 60


def test_of_a_wait_for_callback(runtime: Runtime, durable: Durable) -> None:
    mailed: list[str] = []

    async def program(event: Any, ctx: Context) -> Any:
        return await ctx.wait_for_callback(mailed.append, name="sign", timeout=HOUR)

    durable.answer("sign", "signed", after=timedelta(minutes=30))
    run = durable.run(runtime.handler(program))
    assert (run.result, run.duration, len(mailed)) == ("signed", 1800, 1)


def test_whatever_their_names(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        first = await ctx.create_callback(name="first")
        second = await ctx.create_callback()
        return [await first.result(), await second.result()]

    durable.answer(None, lambda callback: callback.name or "nameless")
    assert durable.run(runtime.handler(program)).result == ["first", "nameless"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("too dear", "too dear"),
        (Failure("too dear", "Refused"), "too dear"),
        (ValueError("too dear"), "too dear"),
    ],
)
def test_with_a_failure(runtime: Runtime, durable: Durable, error: Any, message: str) -> None:
    durable.answer("approval", error=error)
    run = durable.run(runtime.handler(approval))
    assert run.result == ["CallbackExternalError", message]
    refused = run.operation("approval").error
    assert refused is not None
    assert refused.message == "too dear"


def test_by_a_function_that_refuses(runtime: Runtime, durable: Durable) -> None:
    durable.answer("approval", lambda callback: Failure("no"))
    assert durable.run(runtime.handler(approval)).result == ["CallbackExternalError", "no"]


def test_by_nobody_until_the_timeout(runtime: Runtime, durable: Durable) -> None:
    run = durable.run(runtime.handler(approval))
    assert run.result[0] == "CallbackHeartbeatError"
    assert run.duration == 600


def test_with_signs_of_life_and_then_nothing(runtime: Runtime, durable: Durable) -> None:
    for minutes in range(5, 60, 5):
        durable.heartbeat("approval", after=timedelta(minutes=minutes))
    run = durable.run(runtime.handler(approval))
    assert run.result[0] == "CallbackTimeoutError"
    assert run.duration == HOUR


def test_with_a_sign_of_life_then_an_answer(runtime: Runtime, durable: Durable) -> None:
    durable.heartbeat("approval", after=500)
    durable.answer("approval", lambda callback: Signal.SILENCE, after=550)
    durable.answer("approval", 1, after=900)
    run = durable.run(runtime.handler(approval))
    assert (run.result, run.duration) == (1, 900)


def test_an_answer_that_comes_too_late_changes_nothing(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        said = await approval(event, ctx)
        await ctx.wait(2 * HOUR)
        return said

    durable.answer("approval", 1, after=HOUR)
    assert durable.run(runtime.handler(program)).result[0] == "CallbackHeartbeatError"


def test_nobody_answers_and_there_is_no_timeout(runtime: Runtime) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        callback = await ctx.create_callback(name="approval")
        return await callback.result()

    durable = Durable()
    durable.answer("aproval", True)
    with pytest.raises(MisuseError) as raised:
        durable.run(runtime.handler(program))
    assert str(raised.value) == (
        "the execution can never go on: nobody answers the callback 'approval', which has no "
        "timeout; answers are there for: 'aproval'"
    )
    assert durable.unused() == ["no callback named 'aproval' began; there were: 'approval'"]


def test_with_a_timeout_of_its_own_the_execution_ends(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        callback = await ctx.create_callback(name="approval")
        return await callback.result()

    run = durable.run(runtime.handler(program), timeout=timedelta(days=2))
    assert (run.status, run.duration) == ("TIMED_OUT", 2 * 24 * HOUR)


def test_an_error_in_the_function_of_the_test_is_the_test_s(
    runtime: Runtime, durable: Durable
) -> None:
    def decide(callback: Callback) -> Any:
        raise AssertionError("asked for the wrong thing")

    durable.answer("approval", decide)
    with pytest.raises(AssertionError, match="asked for the wrong thing"):
        durable.run(runtime.handler(approval))


def test_an_outcome_and_an_error_are_too_much(durable: Durable) -> None:
    with pytest.raises(MisuseError, match="an outcome or an error"):
        durable.answer("approval", 1, error="no")
    with pytest.raises(MisuseError, match="in the past"):
        durable.answer("approval", 1, after=-1)
