"""Each test for each runtime."""

from __future__ import annotations

import os

import pytest

from adapters.runtime_asyncio import Asyncio
from adapters.runtime_sync import Sync
from adapters.runtime_trio import Trio
from adapters.runtimes import Runtime

RUNTIMES: dict[str, Runtime] = {each.name: each for each in (Asyncio(), Trio(), Sync())}
ASYNC = ["asyncio", "trio"]


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    """Each of the three; those of a name with ``parametrize(…, indirect=True)``."""
    return RUNTIMES[request.param]


@pytest.fixture(autouse=True)
def _nothing_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No region, no credentials, no endpoint: nothing here may ask for them."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
