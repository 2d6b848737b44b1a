"""Every runtime drives an execution in the official local emulator to its end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.official_emulator import COMMAND, Emulator, emulator, find
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import Handler
from perdure.errors import StepError
from perdure.retries import NO_RETRY, fixed

FUNCTIONS: dict[str, Handler] = {}


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    command = find()
    if command is None:
        pytest.skip(f"{COMMAND} is not here; PERDURE_OFFICIAL_BIN may name its folder")
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with emulator(command, FUNCTIONS, log) as running:
        yield running
    FUNCTIONS.clear()


def double(number: int) -> int:
    return number * 2


def refuse() -> None:
    raise ValueError("no stock")


async def step_wait_step(event: Any, ctx: Context) -> object:
    first = await ctx.step(double, event["n"], name="first")
    await ctx.wait(1, name="pause")
    try:
        await ctx.step(refuse, name="refuse", retry=NO_RETRY)
    except StepError as error:
        return {"total": await ctx.step(double, first, name="second"), "refused": str(error)}
    return "never"


async def fail_for_good(event: Any, ctx: Context) -> object:
    return await ctx.step(refuse, name="refuse", retry=fixed(1, max_attempts=2))


@pytest.fixture(autouse=True)
def _leads_to_it(official: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", official.url)
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")


def test_two_executions_to_their_ends(
    official: Emulator, runtime: Runtime, make_handler: MakeHandler
) -> None:
    FUNCTIONS[runtime.name] = make_handler(step_wait_step)
    FUNCTIONS[f"{runtime.name}-fails"] = make_handler(fail_for_good)
    good = official.start(runtime.name, {"n": 5})
    bad = official.start(f"{runtime.name}-fails", {})
    shown = official.wait_for_end(good)
    assert shown["Status"] == "SUCCEEDED", shown
    assert shown["Result"] == '{"total": 20, "refused": "no stock"}'
    shown = official.wait_for_end(bad)
    assert shown["Status"] == "FAILED", shown
    assert shown["Error"]["ErrorMessage"] == "no stock"
