"""What is invoked is what the test put there, by name."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.programs import Context
from adapters.runtimes import Runtime
from perdure.errors import InvokeError
from perdure_local.testing import Durable, Failure, MisuseError
from testing.conftest import ASYNC, RUNTIMES


async def order(event: Any, ctx: Context) -> Any:
    """Invoke the function price; say what came of it."""
    try:
        return await ctx.invoke("price", {"item": event}, name="ask")
    except InvokeError as error:
        return f"{error.error_type}: {error}"


def test_a_result(runtime: Runtime, durable: Durable) -> None:
    durable.function("price", result=12)
    run = durable.run(runtime.handler(order), "mug")
    assert run.result == 12
    assert run.operation("ask").status == "SUCCEEDED"


def test_a_failure(runtime: Runtime, durable: Durable) -> None:
    durable.function("price", error=Failure("sold out", "OutOfStock"))
    assert durable.run(runtime.handler(order), "mug").result == "OutOfStock: sold out"


def test_a_plain_function(runtime: Runtime, durable: Durable) -> None:
    def price(event: Any, context: Any) -> Any:
        return [event["item"], context.function_name, context.get_remaining_time_in_millis()]

    durable.function("price", price)
    assert durable.run(runtime.handler(order), "mug").result == ["mug", "price", 900_000]


def test_a_plain_function_that_raises(runtime: Runtime, durable: Durable) -> None:
    def price(event: Any, context: Any) -> Any:
        raise KeyError("mug")

    durable.function("price", price)
    assert durable.run(runtime.handler(order), "mug").result == "KeyError: 'mug'"


@pytest.mark.parametrize("other", RUNTIMES)
def test_a_durable_function_of_any_runtime(runtime: Runtime, other: str, durable: Durable) -> None:
    async def price(event: Any, ctx: Context) -> Any:
        await ctx.wait(86_400, name="ask the supplier")
        return len(event["item"])

    durable.function("price", RUNTIMES[other].handler(price))
    run = durable.run(runtime.handler(order), "mug")
    assert (run.result, run.duration) == (3, 86_400)


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
@pytest.mark.parametrize("other", RUNTIMES)
def test_it_runs_while_its_caller_works(runtime: Runtime, other: str, durable: Durable) -> None:
    began: list[float] = []

    async def price(event: Any, ctx: Context) -> Any:
        began.append((await ctx.now()).timestamp())
        return 3

    async def ask(ctx: Context) -> Any:
        return await ctx.invoke("price", {})

    async def work(ctx: Context) -> Any:
        await ctx.step(lambda: runtime.sleep(60), name="work")
        return 4

    async def program(event: Any, ctx: Context) -> Any:
        batch = await ctx.parallel(ask, work)
        return batch.results

    durable.function("price", RUNTIMES[other].handler(price))
    run = durable.run(runtime.handler(program))
    assert (run.result, run.duration) == ([3, 4], 60)
    # It began beside its caller, in the first minute.
    assert 0 < began[0] - run.events[0].event_timestamp < 60


def test_what_is_not_there(runtime: Runtime) -> None:
    durable = Durable()
    durable.function("prices", result=1)
    with pytest.raises(MisuseError) as raised:
        durable.run(runtime.handler(order), "mug")
    assert str(raised.value).startswith(
        "'price' was invoked, and no function of that name is registered; there are: 'prices', "
    )


def test_what_nobody_invokes(runtime: Runtime) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        return event

    durable = Durable()
    durable.function("price", result=1)
    assert durable.run(runtime.handler(program)).result is None
    [complaint] = durable.unused()
    assert complaint.startswith("no function named 'price' was invoked; there were: ")


@pytest.mark.parametrize(
    "given", [{}, {"result": 1, "error": "no"}, {"function": print, "result": None}]
)
def test_exactly_one_of_function_result_and_error(durable: Durable, given: dict[str, Any]) -> None:
    with pytest.raises(MisuseError, match="takes one of"):
        durable.function("price", **given)


def test_a_name_that_lambda_would_not_take(durable: Durable) -> None:
    with pytest.raises(MisuseError, match="is no name of a function"):
        durable.function("price list", result=1)


def test_two_functions_of_one_name(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        return await ctx.invoke(name, event)

    handler = runtime.handler(program)
    name = handler.func.__name__
    durable.function(name, result=6)
    run = durable.run(handler)
    assert run.result == 6
    assert f":function:{name}_:" in run.arn
