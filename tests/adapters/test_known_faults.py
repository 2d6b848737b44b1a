"""What other SDKs of this service got wrong, in steps, callbacks and invocations: not here.

Each test names the harm in its first line. Faults of batches are in
`test_known_batch_faults.py`; what no user can see is tested in `tests/core`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World
from perdure.errors import CallbackExternalError, CallbackTimeoutError, StepError
from perdure.limits import MAX_ERROR_BYTES
from perdure.models.operation import ErrorObject
from perdure.retries import NO_RETRY, fixed
from perdure.serdes import JSON, Value

KIB = 1024


class Utf8:
    """A user's serdes whose text is not ASCII."""

    def encode(self, value: Value) -> str:
        return str(value)

    def decode(self, text: str) -> Value:
        return text


class StatusOf:
    """A user's serdes that reads an object and takes one member of it; it does not write one."""

    def encode(self, value: Any) -> str:
        return JSON.encode(value)

    def decode(self, text: str) -> Any:
        return JSON.decode(text)["status"]


def nothing() -> None:
    pass


def test_an_update_above_the_batch_limit_is_sent_alone(
    world: World, make_handler: MakeHandler
) -> None:
    """A result over 750 KiB that was not the first of its batch hung until Lambda's timeout."""

    def large() -> str:
        return "x" * 800 * KIB

    async def program(event: Any, ctx: Context) -> object:
        return len(await ctx.step(large, serdes=JSON))

    run = world.run(make_handler(program))
    assert run.result == 800 * KIB
    assert world.actions() == ["STEP START", "STEP SUCCEED"]


def test_an_invoke_above_the_batch_limit_leaves_a_child_context(
    world: World, make_handler: MakeHandler
) -> None:
    """The same hang: a payload of 900 kB is legal, and its context's START took the batch."""
    world.plain_function("measure", lambda event: len(event["text"]))

    async def child(ctx: Context) -> object:
        return await ctx.invoke("measure", {"text": "x" * 900_000})

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.run_in_child_context(child)

    assert world.run(make_handler(program)).result == 900_000


def test_an_invocation_ends_when_it_is_done(world: World, make_handler: MakeHandler) -> None:
    """A queue that was polled each 100 ms made every invocation 100 ms longer."""

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(nothing)

    handler = make_handler(program)
    world.run(handler)
    durations: list[float] = []
    for _ in range(10):
        began = time.perf_counter()
        world.run(handler)
        durations.append(time.perf_counter() - began)
    assert min(durations) < 0.05


def test_limits_are_bytes_not_characters(world: World, make_handler: MakeHandler) -> None:
    """256 KiB were counted in characters: a child's result in UTF-8 was refused."""

    async def child(ctx: Context) -> str:
        return "ü" * 200 * KIB

    async def program(event: Any, ctx: Context) -> object:
        return len(await ctx.run_in_child_context(child, name="large", serdes=Utf8()))

    assert world.run(make_handler(program)).result == 200 * KIB
    [context] = world.operations()
    assert context.context_details is not None
    assert context.context_details.replay_children


def test_a_long_error_can_be_caught(world: World, make_handler: MakeHandler) -> None:
    """A message over 32 KB was sent whole; the service refused it and the execution failed."""

    def fails() -> None:
        raise LookupError("e" * 40 * KIB)

    async def program(event: Any, ctx: Context) -> object:
        try:
            await ctx.step(fails, retry=NO_RETRY)
        except StepError as error:
            await ctx.wait(60)
            return [error.error_type, str(error.message)[:3]]
        return "no error"

    assert world.run(make_handler(program)).result == ["LookupError", "eee"]
    failed = world.operations()[0].step_details
    assert failed is not None
    assert failed.error is not None
    assert failed.error.error_message is not None
    assert len(failed.error.error_message) <= MAX_ERROR_BYTES


def test_a_strategy_that_raises_fails_its_step(world: World, make_handler: MakeHandler) -> None:
    """The exception escaped, and the step stayed STARTED for ever."""

    def broken(error: Exception, attempts: int) -> None:
        raise KeyError("strategy")

    def fails() -> None:
        raise LookupError("body")

    async def program(event: Any, ctx: Context) -> object:
        try:
            await ctx.step(fails, name="risky", retry=broken)
        except StepError as error:
            return error.error_type
        return "no error"

    assert world.run(make_handler(program)).result == "KeyError"
    assert world.recorded() == ["STEP risky FAILED"]


def test_a_callbacks_serdes_reads_the_answer_alone(world: World, make_handler: MakeHandler) -> None:
    """It was applied to what the submitter returned as well, and failed on its `null`."""

    def submit(callback_id: str) -> None:
        pass

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.wait_for_callback(submit, name="ask", serdes=StatusOf())

    handler = make_handler(program)
    world.start()
    first = world.invocation()
    world.returned(first, handler(_json(first.payload), None))
    world.answer_callback('{"status": "good"}')
    second = world.invocation()
    world.returned(second, handler(_json(second.payload), None))
    assert _json(world.shown()["Result"]) == "good"


@pytest.mark.parametrize("payload", ["{not json", "\x00"])
def test_input_that_is_no_json_fails_the_execution_once(
    world: World, make_handler: MakeHandler, payload: str
) -> None:
    """It raised out of the handler, and the service invoked it until nothing was left."""

    async def program(event: Any, ctx: Context) -> object:
        raise AssertionError("it has no input to run with")

    event = world.event("replaced")
    [execution] = event["InitialExecutionState"]["Operations"]
    execution["ExecutionDetails"]["InputPayload"] = payload
    output = make_handler(program)(event, None)
    assert output["Status"] == "FAILED"
    assert "JSON" in output["Error"]["ErrorMessage"]


@pytest.mark.parametrize("kind", ["external", "timeout", "heartbeat"])
def test_who_ended_a_callback_can_be_told(
    world: World, make_handler: MakeHandler, kind: str
) -> None:
    """The type of the outside error was lost, and a heartbeat looked like any timeout."""

    async def program(event: Any, ctx: Context) -> object:
        callback = await ctx.create_callback(
            timeout=60, heartbeat_timeout=30 if kind == "heartbeat" else None
        )
        try:
            await callback.result()
        except (CallbackExternalError, CallbackTimeoutError) as error:
            return [type(error).__name__, error.error_type, error.message]
        return "no error"

    handler = make_handler(program)
    world.start()
    first = world.invocation()
    world.returned(first, handler(_json(first.payload), None))
    if kind == "external":
        world.answer_callback(error=ErrorObject("too dear", "Budget"))
    second = world.invocation()
    world.returned(second, handler(_json(second.payload), None))
    expected = {
        "external": ["CallbackExternalError", "Budget", "too dear"],
        "timeout": ["CallbackTimeoutError", "Callback.Timeout", "Callback timed out"],
        "heartbeat": [
            *("CallbackHeartbeatError", "Callback.Heartbeat"),
            "Callback timed out on heartbeat",
        ],
    }
    assert _json(world.shown()["Result"]) == expected[kind]


def test_what_was_begun_in_the_background_is_sent_before_it_suspends(
    world: World, make_handler: MakeHandler
) -> None:
    """The queue was given up at a suspension: a START in it was lost."""

    async def program(event: Any, ctx: Context) -> object:
        callback = await ctx.create_callback(name="made outside")

        async def child(ctx: Context) -> object:
            return await callback.result()

        return await ctx.run_in_child_context(child, name="inside")

    handler = make_handler(program)
    world.start()
    first = world.invocation()
    assert handler(_json(first.payload), None) == {"Status": "PENDING"}
    assert world.recorded() == [
        "CALLBACK made outside STARTED",
        "CONTEXT inside STARTED",
    ]
    world.returned(first, {"Status": "PENDING"})


async def wait_and_catch(ctx: Context) -> object:
    try:
        await ctx.wait(60)
    except Exception:
        return "caught the suspension"
    return "waited"


async def retry_and_catch(ctx: Context) -> object:
    calls: list[int] = []

    def fails() -> str:
        calls.append(1)
        raise LookupError(str(len(calls)))

    try:
        return await ctx.step(fails, retry=fixed(60, max_attempts=2))
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("body", "expected"), [(wait_and_catch, "waited"), (retry_and_catch, "StepError")]
)
def test_except_exception_does_not_catch_a_suspension(
    world: World,
    make_handler: MakeHandler,
    body: Callable[[Context], Awaitable[object]],
    expected: str,
) -> None:
    """Where it was an ordinary exception, the function went on as if nothing waited."""

    async def program(event: Any, ctx: Context) -> object:
        return await body(ctx)

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == expected


def test_the_cost_of_a_step_does_not_grow_with_the_history(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """Each step copied or scanned all that was recorded: 3 ms, and growing."""
    marks: dict[int, float] = {}

    async def program(event: Any, ctx: Context) -> object:
        for index in range(1_200):
            if index in (0, 200, 1_000):
                marks[index] = time.process_time()
            await ctx.step(nothing)
        marks[1_200] = time.process_time()
        return None

    assert world.run(make_handler(program)).status == "SUCCEEDED"
    # Generous: what is quadratic takes five times as long for the last 200.
    assert marks[1_200] - marks[1_000] < 3 * (marks[200] - marks[0])


def _json(text: Any) -> Any:
    assert isinstance(text, str)
    value: Mapping[str, Any] | str = JSON.decode(text)
    return value
