"""Limits and registries: quotas, repeated checkpoints, configurations of functions."""

from __future__ import annotations

from typing import Any

import pytest

from perdure.errors import ValidationError
from perdure.models.executions import DurableConfig, GetExecutionRequest
from perdure.service import (
    DURABLE,
    PLAIN,
    FunctionConfig,
    Service,
    ServicePolicy,
    read_function_configs,
)
from service.world import STALE, World, ending, step


def test_an_execution_with_too_many_operations_ends() -> None:
    world = World(ServicePolicy(max_operations=3))
    handler = world.begun()
    handler.checkpoint(*(step("START", f"s{n}") for n in range(3)))
    response = handler.checkpoint(step("SUCCEED", "s0"), step("START", "s3"))
    assert response.checkpoint_token is None
    shown = world.shown()
    assert shown["Status"] == "FAILED"
    assert shown["Error"] == {
        "ErrorType": "ServiceQuotaExceededException",
        "ErrorMessage": "The execution has more than 3 operations.",
    }
    handler.suspends()
    assert world.event_types()[-2:] == ["ExecutionFailed", "InvocationCompleted"]


def test_one_that_ends_by_the_same_batch_is_what_it_says() -> None:
    world = World(ServicePolicy(max_operations=1))
    world.begun().checkpoint(step("START", "a"), step("START", "b"), ending("SUCCEED"))
    assert world.status == "SUCCEEDED"


@pytest.mark.parametrize(("after", "known"), [(0.0, True), (900.0, True), (900.1, False)])
def test_how_long_a_repeated_checkpoint_is_recognised(after: float, known: bool) -> None:
    world = World()
    handler = world.begun()
    first = handler.token
    response = handler.checkpoint(step("START"), client_token="c")
    world.now += after
    handler.token = first
    if known:
        assert handler.checkpoint(step("START"), client_token="c") == response
    else:
        assert handler.refused(step("START")) == STALE


CONFIGS = """{
  "child": {"DurableConfig": {"ExecutionTimeout": 60, "RetentionPeriodInDays": 7}},
  "bare": {"DurableConfig": {}, "Runtime": "python3.13"},
  "plain": {}
}"""


def test_configurations_of_functions() -> None:
    durable = FunctionConfig(DurableConfig(None, 7, 60))
    assert read_function_configs(CONFIGS) == {"child": durable, "bare": DURABLE, "plain": PLAIN}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the functions are not JSON"),
        ("[]", "the functions are no JSON object"),
        ('{"f": 1}', "function f: "),
        ('{"f": {"DurableConfig": {"ExecutionTimeout": 0}}}', "DurableConfig.ExecutionTimeout"),
    ],
)
def test_what_is_no_configuration(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        read_function_configs(text)


def test_a_start_takes_the_functions_own_durations() -> None:
    service = Service(functions=read_function_configs(CONFIGS))
    assert service.setting.functions["plain"] == PLAIN
    cases: list[tuple[str, dict[str, Any], int, int]] = [
        ("child", {}, 60, 7),
        ("child", {"timeout_seconds": 5, "retention_days": 1}, 5, 1),
        ("bare", {}, 31_622_400, 14),
        ("plain", {}, 31_622_400, 14),
        ("unknown", {}, 31_622_400, 14),
    ]
    for number, (name, options, seconds, days) in enumerate(cases):
        arn = service.start(
            function_name=name, payload=None, now=1.0, execution_id=str(number), **options
        ).arn
        config = service.get_execution(GetExecutionRequest(arn)).durable_config
        assert config == DurableConfig(None, days, seconds)
