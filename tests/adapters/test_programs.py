"""Whole executions through Lambda's entry point: what the user gets, what is recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.runtimes import UNHURRIED, Runtime
from adapters.world import Handler, World, lambda_context
from perdure.errors import SerDesError, StepError, StepInterruptedError
from perdure.handler import DurableHandler
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepSemantics
from perdure.retries import NO_RETRY, fixed
from perdure.step_context import step_context


def double(number: int) -> int:
    return number * 2


async def step_wait_step(event: Any, ctx: Context) -> object:
    first = await ctx.step(double, event["n"], name="first")
    await ctx.wait(timedelta(hours=1), name="pause")
    return await ctx.step(double, first, name="second")


@pytest.mark.parametrize("mode", CheckpointingMode)
def test_step_wait_step(world: World, make_handler: MakeHandler, mode: CheckpointingMode) -> None:
    run = world.run(make_handler(step_wait_step, mode), {"n": 5})
    assert run.outputs == [{"Status": "PENDING"}, {"Status": "SUCCEEDED", "Result": "20"}]
    assert (run.status, run.result) == ("SUCCEEDED", 20)
    assert world.recorded() == [
        "STEP first SUCCEEDED",
        "WAIT pause SUCCEEDED",
        "STEP second SUCCEEDED",
    ]
    assert world.event_types() == [
        "ExecutionStarted",
        "StepStarted",
        "StepSucceeded",
        "WaitStarted",
        "InvocationCompleted",
        "WaitSucceeded",
        "StepStarted",
        "StepSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]


@pytest.mark.parametrize(
    ("mode", "requests"),
    [
        (CheckpointingMode.EAGER, [["STEP START"], ["STEP SUCCEED"]] * 3),
        (CheckpointingMode.BATCHED, [["STEP START", "STEP SUCCEED"]] * 3),
        # START and one more of an id share a request, and nothing waits before the end.
        (CheckpointingMode.OPTIMISTIC, [["STEP START", "STEP SUCCEED"] * 3]),
    ],
)
def test_how_the_mode_groups_updates(
    world: World, runtime: Runtime, mode: CheckpointingMode, requests: list[list[str]]
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return [await ctx.step(double, number) for number in range(3)]

    handler = runtime.entry_point(program, world.loopback.settings(), mode=mode, batcher=UNHURRIED)
    assert world.run(handler).result == [0, 2, 4]
    assert [request.actions for request in world.requests] == requests


def test_a_program_without_operations_sends_nothing(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return {"given": event}

    assert world.run(make_handler(program), [1, "ü"]).result == {"given": [1, "ü"]}
    assert world.run(make_handler(program)).result == {"given": {}}
    assert world.requests == []


def test_a_failing_step_is_tried_again(world: World, make_handler: MakeHandler) -> None:
    attempts: list[int] = []

    def flaky() -> str:
        attempts.append(step_context().attempt)
        if len(attempts) < 3:
            raise ConnectionError("the line is busy")
        return "connected"

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(flaky, name="call", retry=fixed(30))

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "PENDING", "SUCCEEDED"]
    assert run.result == "connected"
    assert attempts == [1, 2, 3]
    retries = [update for request in world.requests for update in request.updates]
    assert [update["Action"] for update in retries] == [
        *("START", "RETRY"),
        *("START", "RETRY"),
        *("START", "SUCCEED"),
    ]
    assert retries[1]["StepOptions"] == {"NextAttemptDelaySeconds": 30}
    assert retries[1]["Error"] == {
        "ErrorMessage": "the line is busy",
        "ErrorType": "ConnectionError",
    }


def test_a_step_that_fails_for_good_can_be_caught(world: World, make_handler: MakeHandler) -> None:
    def refuse() -> None:
        raise ValueError("no stock")

    async def program(event: Any, ctx: Context) -> object:
        try:
            await ctx.step(refuse, name="reserve", retry=NO_RETRY)
        except StepError as error:
            await ctx.wait(60)
            return [error.error_type, error.message]
        return "reserved"

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    # The second invocation raised it again, from the record.
    assert run.result == ["ValueError", "no stock"]


def test_at_most_once_begins_when_start_is_durable(world: World, make_handler: MakeHandler) -> None:
    seen: list[list[str]] = []

    def charge() -> str:
        seen.extend(request.actions for request in world.requests)
        return world.recorded()[0]

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(charge, name="charge", semantics=StepSemantics.AT_MOST_ONCE)

    assert world.run(make_handler(program)).result == "STEP charge STARTED"
    assert seen == [["STEP START"]]
    assert [request.actions for request in world.requests] == [["STEP START"], ["STEP SUCCEED"]]


def as_sandbox(handler: DurableHandler) -> Handler:
    """A Lambda sandbox: when its process ends, the invocation has failed."""

    def sandbox(event: dict[str, Any], lambda_context: Any) -> dict[str, Any]:
        try:
            return handler(event, lambda_context)
        except SystemExit as crash:
            raise RuntimeError("the sandbox ended") from crash

    return sandbox


def test_at_most_once_that_was_cut_off_does_not_run_again(
    world: World, make_handler: MakeHandler
) -> None:
    bodies = 0

    def charge() -> None:
        nonlocal bodies
        bodies += 1
        raise SystemExit(1)  # As good as a crash: nothing of it is recorded.

    async def program(event: Any, ctx: Context) -> object:
        try:
            await ctx.step(
                charge, name="charge", semantics=StepSemantics.AT_MOST_ONCE, retry=NO_RETRY
            )
        except StepError as error:
            return [error.error_type, error.message]
        return "charged"

    run = world.run(as_sandbox(make_handler(program)))
    assert run.statuses == ["RuntimeError", "SUCCEEDED"]
    assert bodies == 1
    [step] = world.operations()
    assert run.result == [
        StepInterruptedError.WIRE_TYPE,
        f"Step operation_id={step.id} name=charge was previously interrupted",
    ]


@pytest.mark.parametrize(
    ("mode", "recorded"), [(CheckpointingMode.BATCHED, 0), (CheckpointingMode.EAGER, 1)]
)
def test_at_least_once_that_was_cut_off_runs_again(
    world: World, make_handler: MakeHandler, mode: CheckpointingMode, recorded: int
) -> None:
    attempts: list[int] = []

    def body() -> str:
        attempts.append(step_context().attempt)
        if len(attempts) == 1:
            assert len(world.operations()) == recorded
            raise SystemExit(1)
        return "done"

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(body)

    run = world.run(as_sandbox(make_handler(program, mode)))
    assert run.statuses == ["RuntimeError", "SUCCEEDED"]
    assert (run.result, attempts) == ("done", [1, 1])
    assert world.actions() == ["STEP START", "STEP SUCCEED"]


def itself(value: Any) -> Any:
    return value


VALUES: list[Any] = [
    None,
    True,
    0,
    -(2**70),
    1.5,
    "text \U0001f40d \x00",
    b"\x00\xff",
    Decimal("1.10"),
    UUID(int=7),
    datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
    date(2024, 2, 29),
    (1, (2, "three")),
    [1, [2, None]],
    {"a": {"b": (b"c", Decimal(1))}},
    [],
    {},
]


def test_results_of_all_kinds_come_back_as_they_were(
    world: World, make_handler: MakeHandler
) -> None:
    kept: list[list[Any]] = []

    async def program(event: Any, ctx: Context) -> object:
        got = [await ctx.step(itself, value) for value in VALUES]
        await ctx.wait(1)
        kept.append(got)
        return len(got)

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert kept == [VALUES]
    assert [type(value) for value in kept[0]] == [type(value) for value in VALUES]


def test_a_result_that_cannot_be_recorded_fails_the_step_and_the_execution(
    world: World, make_handler: MakeHandler
) -> None:
    runs = 0

    def body() -> set[int]:
        nonlocal runs
        runs += 1
        return {1}

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(body, name="set")

    run = world.run(make_handler(program))
    assert run.statuses == ["FAILED"]
    assert runs == 1
    message = "cannot encode set: choose another serdes"
    error = {"ErrorMessage": message, "ErrorType": SerDesError.WIRE_TYPE}
    assert run.outputs == [{"Status": "FAILED", "Error": error}]
    assert world.recorded() == ["STEP set FAILED"]
    [step] = world.operations()
    assert step.step_details is not None
    assert step.step_details.error is not None
    assert step.step_details.error.error_message == message


class Refused(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "name"), [(ValueError("no"), "ValueError"), (Refused("no"), f"{__name__}.Refused")]
)
def test_an_error_nobody_catches_fails_the_execution(
    world: World, make_handler: MakeHandler, error: Exception, name: str
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        await ctx.step(double, 1, name="done")
        raise error

    run = world.run(make_handler(program))
    expected = {"ErrorMessage": "no", "ErrorType": name}
    assert run.outputs == [{"Status": "FAILED", "Error": expected}]
    assert run.shown["Error"] == expected
    assert world.recorded() == ["STEP done SUCCEEDED"]


def test_a_result_that_is_no_json_fails_the_execution(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return {1, 2}

    [output] = world.run(make_handler(program)).outputs
    assert isinstance(output, dict)
    assert (output["Status"], output["Error"]["ErrorType"]) == ("FAILED", "TypeError")


def test_a_vast_result_travels_by_checkpoint(world: World, make_handler: MakeHandler) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return "x" * 6_291_400

    run = world.run(make_handler(program))
    assert run.outputs == [{"Status": "SUCCEEDED", "Result": ""}]
    assert run.result == "x" * 6_291_400
    assert [request.actions for request in world.requests] == [["EXECUTION SUCCEED"]]


def vast(digit: int) -> str:
    return str(digit) * 700_000


def test_the_record_is_fetched_page_by_page(make_handler: MakeHandler, world: World) -> None:
    async def program(event: Any, ctx: Context) -> object:
        texts = [await ctx.step(vast, number) for number in range(10)]
        await ctx.wait(1)
        return [text[0] for text in texts]

    run = world.run(make_handler(program))
    assert run.result == [str(n) for n in range(10)]
    pages = [request for request in world.requests if request.method == "GET"]
    assert pages, "everything came with the event"
    assert {request.connection for request in world.requests} == {1}


def test_an_input_that_is_no_json_fails_the_execution(
    world: World, make_handler: MakeHandler
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        raise AssertionError("it must not run")

    event = world.event()
    event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"] = {"InputPayload": "{"}
    output = make_handler(program)(event, lambda_context(10))
    assert output["Status"] == "FAILED"
    assert "not JSON" in output["Error"]["ErrorMessage"]
