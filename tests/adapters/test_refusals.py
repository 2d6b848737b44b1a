"""What the service's refusals mean: fail the execution, try again, or step aside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.replies import KEY_GONE, NORMAL, REFUSED, STALE, Answer, refusal
from adapters.runtimes import Job, Runtime
from adapters.updates import start
from adapters.world import World
from perdure.batching import Batcher
from perdure.errors import Closed, ServiceError, Suspended
from perdure.models.operation import ErrorObject
from perdure.outcome import Pending


def one() -> int:
    return 1


async def program(event: Any, ctx: Context) -> object:
    first = await ctx.step(one, name="first")
    try:
        second = await ctx.step(one, name="second")
    except Exception:
        # It sticks, whatever the function does about it.
        second = await ctx.step(one, name="instead")
    return first + second


async def stubborn(event: Any, ctx: Context) -> object:
    for _ in range(5):
        try:
            await ctx.step(one)
        except BaseException:
            continue
    return "all is well"


@pytest.mark.parametrize("function", [program, stubborn])
@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (KEY_GONE, "KMSDisabledException", "the key is disabled"),
        (REFUSED, "ValidationException", "1 validation error detected"),
        (refusal(404, "ResourceNotFoundException", "gone"), "ResourceNotFoundException", "gone"),
        (refusal(403, "AccessDeniedException", "not you"), "AccessDeniedException", "not you"),
        (
            refusal(400, "InvalidParameterValueException", "Invalid update"),
            "InvalidParameterValueException",
            "Invalid update",
        ),
        (Answer(413, b"too much"), None, "HTTP status 413"),
        (Answer(502, b'{"__type":"x#KMSNotFoundException"}'), "KMSNotFoundException", "502"),
    ],
)
def test_what_no_repetition_can_mend_fails_the_execution(
    world: World,
    make_handler: MakeHandler,
    function: Any,
    answer: Answer,
    code: str | None,
    message: str,
) -> None:
    world.loopback.plan(NORMAL, answer)
    run = world.run(make_handler(function))
    assert run.statuses == ["FAILED"]
    [output] = run.outputs
    assert isinstance(output, dict)
    assert output["Error"]["ErrorType"] == "perdure.errors.ServiceError"
    assert message in output["Error"]["ErrorMessage"] or code in output["Error"]["ErrorMessage"]
    assert run.status == "FAILED"
    # Asked once, and nothing after it; what was confirmed before stays.
    assert len(world.requests) == 2
    assert len(world.operations()) == 1


@pytest.mark.parametrize("function", [program, stubborn])
@pytest.mark.parametrize(
    "answer",
    [
        STALE,
        refusal(400, "InvalidParameterValueException", "Invalid Checkpoint Token: too old"),
        refusal(400, "InvalidParameterValueException", "INVALID CHECKPOINT TOKEN"),
        refusal(403, "ExpiredTokenException", "The security token is expired"),
        # Local services name the code in the body alone.
        Answer(
            400, b'{"Type":"InvalidParameterValueException","message":"Invalid checkpoint token"}'
        ),
    ],
)
def test_what_concerns_this_invocation_alone_leaves_the_handler(
    world: World, make_handler: MakeHandler, function: Any, answer: Answer
) -> None:
    world.loopback.plan(NORMAL, answer)
    run = world.run(make_handler(function))
    assert run.statuses == ["ServiceError", "SUCCEEDED"]
    assert run.status == "SUCCEEDED"
    error = run.outputs[0]
    assert isinstance(error, ServiceError)
    assert not error.retryable
    # Not repeated within the invocation: a request, the refused one, and a second invocation.
    assert len(world.requests) == (3 if function is program else 6)


def test_a_second_invocation_makes_the_first_step_aside(world: World, runtime: Runtime) -> None:
    """The real thing: the service has given up on this invocation and begun another."""
    event = world.event()
    world.returned(world.last, RuntimeError("timed out, as far as the service knows"))
    world.invocation()
    with pytest.raises(ServiceError, match="Invalid checkpoint token"):
        runtime.invoke(program, event, world.loopback.settings())
    assert world.operations() == []


# -- answers without a token ---------------------------------------------------------------

WITHDRAWN = Answer(200, json.dumps({"NewExecutionState": {"Operations": []}}).encode())


@pytest.mark.parametrize("function", [program, stubborn])
def test_a_token_withheld_suspends(world: World, runtime: Runtime, function: Any) -> None:
    world.loopback.plan(NORMAL, WITHDRAWN)
    output = runtime.invoke(function, world.event(), world.loopback.settings())
    assert output == {"Status": "PENDING"}
    assert len(world.requests) == 2


def test_who_waits_when_the_token_is_withheld_is_suspended(world: World, runtime: Runtime) -> None:
    world.loopback.plan(NORMAL, WITHDRAWN)

    async def main() -> list[str | Exception]:
        async with runtime.open(
            world.event(), world.loopback.settings(), batcher=Batcher(max_updates=1)
        ) as session:

            def job(name: str) -> Job[str]:
                async def run() -> str:
                    try:
                        await session.checkpoint_sync(start(name))
                    except Suspended:
                        return "suspended"
                    return "durable"

                return run

            outcomes = await runtime.at_once([job(f"n{number}") for number in range(10)])
            assert session.state.close(Pending()).status == "PENDING"
            return outcomes

    # The answer that withheld it was an answer: what it was about is recorded.
    assert sorted(map(str, runtime.run(main))) == ["durable"] * 2 + ["suspended"] * 8
    assert len(world.requests) == 2


@pytest.mark.parametrize("good", [True, False])
def test_an_execution_ended_by_checkpoint_takes_nothing_more(
    world: World, runtime: Runtime, good: bool
) -> None:
    async def main() -> list[object]:
        async with runtime.open(world.event(), world.loopback.settings()) as session:
            await session.checkpoint_sync(start("a"))
            if good:
                await session.complete_execution_success('"result"')
            else:
                await session.complete_execution_failure(ErrorObject("message", "Type"))
            try:
                await session.checkpoint_sync(start("b"))
            except Closed as error:
                return [error]
            return []

    assert len(runtime.run(main)) == 1
    shown = world.shown()
    assert shown["Status"] == ("SUCCEEDED" if good else "FAILED")
    if good:
        assert shown["Result"] == '"result"'
    else:
        assert shown["Error"] == {"ErrorMessage": "message", "ErrorType": "Type"}
    assert len(world.requests) == 2
