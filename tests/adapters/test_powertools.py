"""Powertools for AWS Lambda around a durable function, with the real library."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

import perdure_sync
from adapters.world import World

pytestmark = pytest.mark.heavy


def powertools(name: str) -> Any:
    """A module of the library, or a test that is skipped."""
    whole = f"aws_lambda_powertools.{name}"
    return pytest.importorskip(whole, reason="needs aws-lambda-powertools")


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "orders")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "shop")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")


def run(world: World, function: Callable[..., Any]) -> list[str]:
    """Run a durable function to its end; how its invocations ended."""
    handler = perdure_sync.durable_execution(function)
    try:
        return world.run(handler, {"order": 7}).statuses
    finally:
        handler.close()


def test_the_logger_knows_the_lambda_context(world: World) -> None:
    stream = io.StringIO()
    logger = powertools("logging").Logger(stream=stream, level="INFO", service="orders-logger")

    def function(event: Any, context: perdure_sync.DurableContext) -> None:
        context.set_logger(logger)
        context.logger.info("begins")
        context.wait(1)
        context.logger.info("ends")

    assert run(world, logger.inject_lambda_context(function)) == ["PENDING", "SUCCEEDED"]
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["begins", "ends"]
    for line in lines:
        assert line["function_request_id"] == "11111111-2222-3333-4444-555555555555"
        assert line["executionArn"] == world.arn


def test_metrics_are_written_in_every_invocation(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = powertools("metrics").Metrics()

    def function(event: Any, context: perdure_sync.DurableContext) -> None:
        metrics.add_metric(name="Invocations", unit="Count", value=1)
        context.wait(1)

    decorate = metrics.log_metrics(capture_cold_start_metric=True)
    assert run(world, decorate(function)) == ["PENDING", "SUCCEEDED"]
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["Invocations"] for each in written if "Invocations" in each] == [[1.0], [1.0]]


def test_an_idempotent_function_goes_on_and_is_not_repeated(world: World) -> None:
    idempotency = powertools("utilities.idempotency")
    base = powertools("utilities.idempotency.persistence.base").BasePersistenceLayer
    missing = powertools("utilities.idempotency.exceptions").IdempotencyItemNotFoundError
    taken = powertools("utilities.idempotency.exceptions").IdempotencyItemAlreadyExistsError
    records: dict[str, Any] = {}

    def get(_: object, idempotency_key: str) -> Any:
        try:
            return records[idempotency_key]
        except KeyError:
            raise missing from None

    def put(_: object, data_record: Any) -> None:
        if data_record.idempotency_key in records:
            raise taken
        records[data_record.idempotency_key] = data_record

    def update(_: object, data_record: Any) -> None:
        records[data_record.idempotency_key] = data_record

    def delete(_: object, data_record: Any) -> None:
        del records[data_record.idempotency_key]

    methods = {
        "_get_record": get,
        "_put_record": put,
        "_update_record": update,
        "_delete_record": delete,
    }
    store = type("InMemory", (base,), methods)()
    charged: list[int] = []

    def function(event: Any, context: perdure_sync.DurableContext) -> str:
        context.step(charged.append, event["order"], name="charge")
        context.wait(1)
        return "done"

    once = idempotency.idempotent(function, persistence_store=store)
    assert run(world, once) == ["PENDING", "SUCCEEDED"]
    assert run(world, once) == ["SUCCEEDED"]
    assert charged == [7]
