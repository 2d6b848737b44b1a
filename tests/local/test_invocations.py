"""A function is called as Lambda calls it, and its end is told as Lambda tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from perdure_local.functions.invocations import Raised, Returned, invoke
from perdure_local.functions.lambda_context import LambdaContext

CONTEXT = LambdaContext(
    function_name="order",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:order:$LATEST",
    aws_request_id="11111111-2222-3333-4444-555555555555",
    seconds_left=900,
    tenant_id="blue",
)


def test_it_gets_the_event_and_a_context() -> None:
    seen: list[object] = []

    def function(event: dict[str, Any], context: LambdaContext) -> object:
        seen.extend([event, context])
        return {"über": [1, None]}

    assert invoke(function, '{"x": 1}', CONTEXT) == Returned('{"über": [1, null]}')
    assert seen == [{"x": 1}, CONTEXT]


def _raises(error: BaseException) -> Callable[[dict[str, Any], LambdaContext], object]:
    def function(event: dict[str, Any], context: LambdaContext) -> object:
        raise error

    return function


class OutOfStock(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (OutOfStock("no mugs"), "OutOfStock", "no mugs"),
        (KeyError("k"), "KeyError", "'k'"),
        (
            SystemExit(3),
            "Runtime.ExitError",
            f"RequestId: {CONTEXT.aws_request_id} Error: Runtime exited with error: exit status 3",
        ),
        (
            SystemExit("bye"),
            "Runtime.ExitError",
            f"RequestId: {CONTEXT.aws_request_id} Error: Runtime exited with error: exit status 1",
        ),
        (
            GeneratorExit(),
            "Runtime.ExitError",
            f"RequestId: {CONTEXT.aws_request_id} Error: Runtime exited with error: GeneratorExit",
        ),
    ],
)
def test_an_error_carries_its_bare_class_name(
    error: BaseException, kind: str, message: str
) -> None:
    outcome = invoke(_raises(error), "{}", CONTEXT)
    assert isinstance(outcome, Raised)
    assert outcome.error.error_type == kind
    assert outcome.error.error_message == message


def test_the_stack_shows_the_function_and_not_its_caller() -> None:
    outcome = invoke(_raises(OutOfStock()), "{}", CONTEXT)
    assert isinstance(outcome, Raised)
    assert outcome.error.stack_trace is not None
    assert len(outcome.error.stack_trace) == 1
    assert "in function" in outcome.error.stack_trace[0]


def _nested() -> object:
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize("value", [{1, 2}, object(), _nested()])
def test_what_is_no_json_cannot_be_returned(value: object) -> None:
    outcome = invoke(lambda event, context: value, "{}", CONTEXT)
    assert isinstance(outcome, Raised)
    assert outcome.error.error_type == "Runtime.MarshalError"
    assert str(outcome.error.error_message).startswith("Unable to marshal response: ")


def test_the_context_has_what_lambda_gives() -> None:
    assert CONTEXT.log_group_name == "/aws/lambda/order"
    assert CONTEXT.function_version == "$LATEST"
    assert CONTEXT.memory_limit_in_mb == "128"
    assert CONTEXT.tenant_id == "blue"
    fresh = LambdaContext("f", "arn", "id", 900)
    assert 895_000 < fresh.get_remaining_time_in_millis() <= 900_000
    late = LambdaContext("f", "arn", "id", -5)
    assert late.get_remaining_time_in_millis() == 0


def test_its_log_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    CONTEXT.log("hello\n")
    assert capsys.readouterr().out == "hello\n"
