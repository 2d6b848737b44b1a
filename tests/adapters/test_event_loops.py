"""One asyncio client in several event loops, one after the other: it leaks nothing."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Generator
from pathlib import Path

import pytest

import perdure_asyncio
from adapters.certificates import OPENSSL, self_signed
from adapters.conftest import lead_to
from adapters.updates import start
from adapters.world import World


@pytest.fixture(params=["plain", "tls"])
def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[World]:
    """A service with and without TLS."""
    tls = None
    if request.param == "tls":
        if OPENSSL is None:
            pytest.skip("there is no openssl command here")
        certificate = self_signed(tmp_path)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.bundle))
        tls = certificate.server
    with World(tls=tls) as made:
        yield made


async def invocation(world: World, client: perdure_asyncio.ServiceClient) -> None:
    async with perdure_asyncio.open_execution(world.event(), client=client) as execution:
        await execution.checkpoint_sync(start("a"))


def test_a_client_is_closed_with_each_loop_and_used_again(world: World) -> None:
    client = perdure_asyncio.ServiceClient(world.loopback.settings())

    async def main() -> None:
        await invocation(world, client)
        await invocation(world, client)
        await client.aclose()

    for _ in range(3):
        asyncio.run(main())
    gc.collect()
    assert [request.connection for request in world.requests] == [1, 1, 2, 2, 3, 3]


def test_a_handler_may_be_given_up_while_a_foreign_loop_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def program(event: object, context: perdure_asyncio.DurableContext) -> object:
        return event

    async def give_up(handler: perdure_asyncio.AsyncioHandler) -> None:
        handler.close()

    with World() as world:
        lead_to(world, monkeypatch)
        handler = perdure_asyncio.durable_execution(program)
        assert handler(world.event(), None)["Status"] == "SUCCEEDED"
        asyncio.run(give_up(handler))
        gc.collect()
    assert not handler.close.alive


@pytest.mark.skipif(
    not hasattr(asyncio, "eager_task_factory"), reason="eager tasks came with Python 3.12"
)
@pytest.mark.parametrize("size", [10, 2000])
def test_tasks_that_run_as_soon_as_they_are_made_begin_in_order(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    begun: list[int] = []

    async def branch(ctx: perdure_asyncio.DurableContext, item: int, index: int) -> int:
        begun.append(index)
        return await ctx.step(int, item)

    async def program(event: object, context: perdure_asyncio.DurableContext) -> object:
        return sum((await context.map(range(size), branch)).results)

    with World() as world:
        lead_to(world, monkeypatch)
        handler = perdure_asyncio.durable_execution(program)

        async def main() -> dict[str, object]:
            factory = getattr(asyncio, "eager_task_factory")  # noqa: B009  # not in 3.11's types
            asyncio.get_running_loop().set_task_factory(factory)
            return await handler.invoke(world.event(), None)

        output = asyncio.run(main())
        handler.close()
    assert output == {"Status": "SUCCEEDED", "Result": str(sum(range(size)))}
    assert begun == list(range(size))
