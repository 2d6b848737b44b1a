"""A service for each test, and each test for each runtime."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Sequence

import pytest

from adapters.programs import Program
from adapters.runtime_asyncio import Asyncio
from adapters.runtime_sync import Sync
from adapters.runtime_trio import Trio
from adapters.runtimes import Runtime
from adapters.world import World
from perdure.handler import DurableHandler
from perdure.modes import CheckpointingMode
from perdure.plugins import PluginFactory

RUNTIMES: dict[str, Runtime] = {each.name: each for each in (Asyncio(), Trio(), Sync())}
ASYNC = ["asyncio", "trio"]

MakeHandler = Callable[..., DurableHandler]


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    """Each of the three; those of a name with ``parametrize(…, indirect=True)``."""
    return RUNTIMES[request.param]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what this machine says about AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    """A service; the environment leads to it."""
    with World() as made:
        lead_to(made, monkeypatch)
        yield made


def lead_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment lead to a service."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", world.loopback.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")


@pytest.fixture
def make_handler(runtime: Runtime) -> Generator[MakeHandler]:
    """Lambda's entry point for a program; closed at the end of the test."""
    made: list[DurableHandler] = []

    def make(
        program: Program,
        mode: CheckpointingMode = CheckpointingMode.BATCHED,
        plugins: Sequence[PluginFactory] = (),
    ) -> DurableHandler:
        handler = runtime.handler(program, mode, plugins)
        made.append(handler)
        return handler

    yield make
    for handler in made:
        runtime.close(handler)


@pytest.fixture(autouse=True, scope="module")
def _collected() -> Generator[None]:
    """What was left open complains when it is collected: in its own file."""
    yield
    gc.collect()
