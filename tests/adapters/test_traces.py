"""The same program makes the same requests on every runtime, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.conftest import RUNTIMES, lead_to
from adapters.loopback import Received
from adapters.programs import Context
from adapters.replies import FAULT, Cut
from adapters.runtimes import UNHURRIED
from adapters.world import Run, World
from perdure.delivery import RequestRetries
from perdure.errors import StepError
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepSemantics
from perdure.retries import NO_RETRY, fixed

# These depend on the time and on the port.
PATIENT = RequestRetries(max_attempts=6, base=0.001)
_VARYING = {"authorization", "x-amz-date", "host"}


async def program(event: Any, ctx: Context) -> object:
    tries: int = event["tries"]
    done = 0

    def flaky() -> str:
        nonlocal done
        done += 1
        if ctx.state.operation_count < 3:
            raise ConnectionError("busy")
        return "fine"

    def refuse() -> None:
        raise ValueError("no stock")

    first = await ctx.step(lambda: {"tries": tries}, name="first")
    second = await ctx.step(flaky, name="second", retry=fixed(2))
    await ctx.wait(3600)
    third = await ctx.step(lambda: b"\xff", semantics=StepSemantics.AT_MOST_ONCE)
    try:
        await ctx.step(refuse, name="refuse", retry=NO_RETRY)
    except StepError as error:
        return [first, second, len(third), str(error)]
    return "sold"


def trace(request: Received) -> tuple[str, str, dict[str, str], bytes]:
    headers = {name: "" if name in _VARYING else value for name, value in request.headers.items()}
    return request.method, request.target, headers, request.body


@pytest.mark.parametrize("mode", CheckpointingMode)
@pytest.mark.parametrize("faults", [False, True], ids=["calm", "faults"])
def test_the_same_program_makes_the_same_requests(mode: CheckpointingMode, faults: bool) -> None:
    traces: list[list[tuple[str, str, dict[str, str], bytes]]] = []
    runs: list[Run] = []
    for runtime in RUNTIMES.values():
        with World() as world:
            if faults:
                world.loopback.plan(FAULT, Cut(30), Cut(0, taken=False))
            handler = runtime.entry_point(
                program, world.loopback.settings(), mode=mode, batcher=UNHURRIED, retries=PATIENT
            )
            runs.append(world.run(handler, {"tries": 1}))
            traces.append([trace(request) for request in world.requests])
    assert runs[0].result == [{"tries": 1}, "fine", 1, "no stock"]
    assert runs[1:] == runs[:1] * 2
    assert len(traces[0]) >= 4
    assert traces[1] == traces[0]
    assert traces[2] == traces[0]


def test_what_a_request_looks_like(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = RUNTIMES["asyncio"]
    with World() as world:
        lead_to(world, monkeypatch)
        monkeypatch.setenv("AWS_REGION", "eu-west-3")
        handler = runtime.handler(program)
        world.run(handler, {"tries": 1})
        runtime.close(handler)
    request = world.requests[0]
    arn = world.arn.replace(":", "%3A").replace("/", "%2F").replace("$", "%24")
    assert request.target == f"/2025-12-01/durable-executions/{arn}/checkpoint"
    assert request.headers["host"] == f"localhost:{world.loopback.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("perdure/")
    assert "/eu-west-3/lambda/aws4_request" in request.headers["authorization"]
    assert set(request.json()) == {"CheckpointToken", "ClientToken", "Updates"}
