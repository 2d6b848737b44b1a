"""What a durable function logs is written once, however often it runs from its top."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.ids import operation_id
from perdure.replay_logging import LOGGER_NAME, ReplayFilter
from perdure.retries import fixed
from perdure.step_context import step_context

CHILD = operation_id(1)
OWN = "tests.own"


@pytest.fixture
def own() -> Generator[logging.Logger]:
    """A logger of the user's own, with the filter."""
    logger, once = logging.getLogger(OWN), ReplayFilter()
    logger.addFilter(once)
    yield logger
    logger.removeFilter(once)


def said(caplog: pytest.LogCaptureFixture, name: str = LOGGER_NAME) -> list[str]:
    """The messages of one logger."""
    return [record.getMessage() for record in caplog.records if record.name == name]


def fields(record: logging.LogRecord) -> dict[str, object]:
    """The fields that a record has from us."""
    names = ("executionArn", "parentId", "operationName", "attempt", "operationId")
    return {name: getattr(record, name) for name in names if hasattr(record, name)}


def body() -> str:
    step_context().logger.info("in step")
    logging.getLogger(OWN).warning("in step")
    return "x"


async def inner(ctx: Context) -> object:
    ctx.logger.info("child begins")
    logging.getLogger(OWN).warning("child begins")
    await ctx.step(body, name="inner")
    ctx.logger.info("after the step")
    await ctx.wait(1)
    ctx.logger.info("child ends")
    logging.getLogger(OWN).warning("child ends")
    return None


async def outer(event: Any, ctx: Context) -> object:
    ctx.logger.info("begins")
    await ctx.run_in_child_context(inner)
    ctx.logger.info("between")
    await ctx.wait(1)
    ctx.logger.info("ends")
    logging.getLogger(OWN).warning("ends")
    return None


def test_each_line_is_written_once(
    world: World,
    make_handler: MakeHandler,
    caplog: pytest.LogCaptureFixture,
    own: logging.Logger,
) -> None:
    caplog.set_level(logging.INFO)
    run = world.run(make_handler(outer))
    assert run.statuses == ["PENDING", "PENDING", "SUCCEEDED"]
    assert said(caplog) == [
        "begins",
        "child begins",
        "in step",
        "after the step",
        "child ends",
        "between",
        "ends",
    ]
    assert said(caplog, OWN) == ["child begins", "in step", "child ends", "ends"]


def test_a_record_says_where_it_was_written(
    world: World,
    make_handler: MakeHandler,
    caplog: pytest.LogCaptureFixture,
    own: logging.Logger,
) -> None:
    caplog.set_level(logging.INFO)
    world.run(make_handler(outer))
    records = [fields(record) for record in caplog.records if record.name in (LOGGER_NAME, OWN)]
    root: dict[str, object] = {"executionArn": world.arn}
    child = {**root, "parentId": CHILD}
    step = {
        **child,
        "operationName": "inner",
        "attempt": 1,
        "operationId": operation_id(1, CHILD),
    }
    assert records == [root, child, child, step, step, child, child, child, root, root, root]


def test_each_attempt_logs(
    world: World, make_handler: MakeHandler, caplog: pytest.LogCaptureFixture
) -> None:
    def flaky() -> str:
        step_context().logger.warning("attempt")
        if step_context().attempt < 3:
            raise ValueError("not yet")
        return "ok"

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(flaky, retry=fixed(1))

    world.run(make_handler(program))
    ours = [fields(record) for record in caplog.records if record.name == LOGGER_NAME]
    assert [each["attempt"] for each in ours] == [1, 2, 3]
    assert all("operationName" not in each for each in ours)


def test_replays_log_where_they_are_told_to(
    world: World, make_handler: MakeHandler, caplog: pytest.LogCaptureFixture
) -> None:
    async def program(event: Any, ctx: Context) -> None:
        always = ctx.logger.with_is_replaying(lambda: False)
        always.warning("begins %s", "again")
        await ctx.wait(1)
        ctx.logger.with_is_replaying(lambda: True).warning("never")

    world.run(make_handler(program))
    assert said(caplog) == ["begins again", "begins again"]


def test_branches_log_once(
    world: World, make_handler: MakeHandler, caplog: pytest.LogCaptureFixture
) -> None:
    async def branch(ctx: Context, item: int, index: int) -> None:
        ctx.logger.warning("begins %s", item)
        await ctx.wait(item)
        ctx.logger.warning("ends %s", item)

    async def program(event: Any, ctx: Context) -> None:
        await ctx.map([1, 5, 9], branch, max_concurrency=2)
        ctx.logger.warning("over")

    world.run(make_handler(program))
    assert sorted(said(caplog)) == sorted(
        ["begins 1", "ends 1", "begins 5", "ends 5", "begins 9", "ends 9", "over"]
    )
