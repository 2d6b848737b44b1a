"""Functions on AWS's own SDK for Python whose histories test_official_histories compares.

They go where the requirements that are run elsewhere do not: into failures, time-outs and
large results of every kind of operation, and into operations inside of one another.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

sdk: Any = import_module("aws_durable_execution_sdk_python")
config: Any = import_module("aws_durable_execution_sdk_python.config")
retries: Any = import_module("aws_durable_execution_sdk_python.retries")
waits: Any = import_module("aws_durable_execution_sdk_python.waits")

Body = Callable[[Any], object]
SCENARIOS: Final[dict[str, Callable[[Any, Any], object]]] = {}

NONE: Final = config.JitterStrategy.NONE
ONE: Final = config.ParallelConfig(max_concurrency=1)
ONE_ITEM: Final = config.MapConfig(max_concurrency=1)
NO_RETRY: Final = config.StepConfig(retry_strategy=retries.RetryPresets.none())


def scenario(function: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
    """Make a function durable, and have it run."""
    SCENARIOS[function.__name__] = sdk.durable_execution(function)
    return function


def seconds(count: int) -> Any:
    return config.Duration.from_seconds(count)


def gives(value: object) -> Body:
    return lambda step: value


def steps(value: object) -> Body:
    return lambda context: context.step(gives(value))


def fails(context: object) -> object:
    raise RuntimeError("no")


def fails_until(attempt: int) -> Body:
    def body(step: Any) -> object:
        if step.attempt < attempt:
            raise RuntimeError("not yet")
        return "at last"

    return body


def retrying(attempts: int) -> Any:
    strategy = retries.RetryStrategyConfig(
        max_attempts=attempts, initial_delay=seconds(1), jitter_strategy=NONE
    )
    return config.StepConfig(retry_strategy=retries.create_retry_strategy(strategy))


def counts(state: int, check: object) -> int:
    return state + 1


def polling_until(limit: int, rate: int = 1) -> Any:
    def unmet(state: int) -> bool:
        return state < limit

    strategy = waits.WaitStrategyConfig(
        should_continue_polling=unmet,
        initial_delay=seconds(1),
        backoff_rate=rate,
        jitter_strategy=NONE,
    )
    return waits.WaitForConditionConfig(waits.create_wait_strategy(strategy), 0)


def submit(callback_id: str, context: object) -> None:
    """The test finds the callback in the history."""


def waits_for(name: str, **options: int) -> Body:
    durations = {option: seconds(count) for option, count in options.items()}
    given = config.WaitForCallbackConfig(**durations)
    return lambda context: context.wait_for_callback(submit, name=name, config=given)


@scenario
def returns_at_once(event: Any, context: Any) -> object:
    return "done"


@scenario
def raises_at_once(event: Any, context: Any) -> object:
    raise ValueError("bad input")


@scenario
def step_succeeds_the_second_time(event: Any, context: Any) -> object:
    return context.step(fails_until(2), config=retrying(3))


@scenario
def step_never_succeeds(event: Any, context: Any) -> object:
    return context.step(fails, config=retrying(3))


@scenario
def step_with_a_large_result(event: Any, context: Any) -> object:
    text = context.step(gives("x" * 300_000))
    context.wait(seconds(2))
    return len(text)


@scenario
def steps_between_waits(event: Any, context: Any) -> object:
    context.wait(seconds(2), name="first")
    one = context.step(gives(1))
    context.wait(seconds(2), name="second")
    return one + context.step(gives(2))


@scenario
def child_with_a_large_result(event: Any, context: Any) -> object:
    def body(child: Any) -> str:
        child.step(gives("small"))
        return "y" * 300_000

    text = context.run_in_child_context(body, name="large")
    context.wait(seconds(2))
    return len(text)


@scenario
def child_that_is_virtual(event: Any, context: Any) -> object:
    virtual = config.ChildConfig(is_virtual=True)
    return context.run_in_child_context(steps("in it"), name="virtual", config=virtual)


@scenario
def child_in_a_child(event: Any, context: Any) -> object:
    def inner(child: Any) -> object:
        child.wait(seconds(2))
        return child.step(gives("deep"))

    def outer(child: Any) -> object:
        return child.run_in_child_context(inner, name="inner")

    return context.run_in_child_context(outer, name="outer")


@scenario
def child_that_fails_is_replayed(event: Any, context: Any) -> object:
    def body(child: Any) -> object:
        return child.step(fails, config=NO_RETRY)

    caught = ""
    try:
        context.run_in_child_context(body, name="child")
    except sdk.ChildContextError as error:
        caught = str(error)
    context.wait(seconds(2))
    return caught


@scenario
def callback_times_out(event: Any, context: Any) -> object:
    given = config.CallbackConfig(timeout=seconds(2))
    return context.create_callback(name="late", config=given).result()


@scenario
def callback_without_heartbeat(event: Any, context: Any) -> object:
    given = config.CallbackConfig(timeout=seconds(60), heartbeat_timeout=seconds(2))
    return context.create_callback(name="silent", config=given).result()


@scenario
def callback_times_out_in_a_wait(event: Any, context: Any) -> object:
    given = config.CallbackConfig(timeout=seconds(2))
    callback = context.create_callback(name="late", config=given)
    context.wait(seconds(5))
    return callback.result()


@scenario
def callback_fails(event: Any, context: Any) -> object:
    return context.create_callback(name="refused").result()


@scenario
def callback_answered_with_nothing(event: Any, context: Any) -> object:
    def body(child: Any) -> object:
        return child.create_callback(name="empty").result()

    return context.run_in_child_context(body, name="child")


@scenario
def callback_nobody_awaits(event: Any, context: Any) -> object:
    context.create_callback(name="forgotten")
    return "done"


@scenario
def callbacks_one_by_one(event: Any, context: Any) -> object:
    both = [context.create_callback(name=name) for name in ("yes 1", "yes 2")]
    return [callback.result() for callback in both]


@scenario
def wait_for_callback_times_out(event: Any, context: Any) -> object:
    return waits_for("late", timeout=2)(context)


@scenario
def wait_for_callback_fails(event: Any, context: Any) -> object:
    return waits_for("refused")(context)


@scenario
def wait_for_callbacks_in_branches(event: Any, context: Any) -> object:
    both = [waits_for("yes 1"), waits_for("yes 2")]
    return context.parallel(both, name="both", config=ONE).get_results()


@scenario
def invoke_of_a_plain_function(event: Any, context: Any) -> object:
    return context.invoke("plain", {"a": 1}, name="call")


@scenario
def invoke_of_a_plain_function_that_fails(event: Any, context: Any) -> object:
    return context.invoke("plain_fails", None, name="call")


@scenario
def invoke_of_a_durable_function(event: Any, context: Any) -> object:
    answer = context.invoke("durable", 5, name="call")
    context.wait(seconds(2))
    return answer


@scenario
def invoke_of_a_durable_function_that_fails(event: Any, context: Any) -> object:
    return context.invoke("raises_at_once", None, name="call")


@scenario
def invoke_that_takes_too_long(event: Any, context: Any) -> object:
    return context.invoke("short", None, name="call")


@scenario
def invoke_of_nothing(event: Any, context: Any) -> object:
    return context.invoke("nothing", None, name="call")


@scenario
def condition_with_backoff(event: Any, context: Any) -> object:
    return context.wait_for_condition(counts, polling_until(3, rate=2), name="poll")


@scenario
def condition_that_fails(event: Any, context: Any) -> object:
    def check_fails(state: int, check: object) -> object:
        return fails(check)

    return context.wait_for_condition(check_fails, polling_until(3), name="poll")


@scenario
def condition_in_a_child(event: Any, context: Any) -> object:
    def body(child: Any) -> object:
        return child.wait_for_condition(counts, polling_until(2))

    return context.run_in_child_context(body, name="child")


@scenario
def parallel_with_a_failure(event: Any, context: Any) -> object:
    every = config.CompletionConfig.all_completed()
    given = config.ParallelConfig(max_concurrency=1, completion_config=every)
    batch = context.parallel([gives(1), fails, gives(3)], name="all", config=given)
    return [batch.completion_reason.value, batch.success_count, batch.failure_count]


@scenario
def parallel_whose_first_is_enough(event: Any, context: Any) -> object:
    first = config.CompletionConfig.first_successful()
    given = config.ParallelConfig(max_concurrency=1, completion_config=first)
    return context.parallel([gives(1), fails], name="first", config=given).get_results()


@scenario
def parallel_of_nothing(event: Any, context: Any) -> object:
    return context.parallel([], name="none").get_results()


@scenario
def parallel_with_a_retry(event: Any, context: Any) -> object:
    def again(child: Any) -> object:
        return child.step(fails_until(2), config=retrying(2))

    return context.parallel([again, steps("b")], name="both", config=ONE).get_results()


@scenario
def parallel_with_a_large_result(event: Any, context: Any) -> object:
    batch = context.parallel([gives("z" * 100_000)] * 3, name="large", config=ONE)
    context.wait(seconds(2))
    return [len(each) for each in batch.get_results()]


@scenario
def parallel_that_is_flat(event: Any, context: Any) -> object:
    given = config.ParallelConfig(max_concurrency=1, nesting_type=config.NestingType.FLAT)

    def waits_two(child: Any) -> object:
        return child.wait(seconds(2))

    return context.parallel([waits_two, steps(2)], name="flat", config=given).get_results()


@scenario
def map_of_maps(event: Any, context: Any) -> object:
    def inner(child: Any, item: int, index: int, items: object) -> object:
        return child.step(gives(item))

    def outer(child: Any, item: int, index: int, items: object) -> object:
        return child.map([item, item], inner, name="inner", config=ONE_ITEM).get_results()

    return context.map([1, 2], outer, name="outer", config=ONE_ITEM).get_results()


@scenario
def map_with_names(event: Any, context: Any) -> object:
    def name_of(item: str, index: int) -> str:
        return f"item {item}"

    def same(child: object, item: str, index: int, items: object) -> str:
        return item

    named = config.MapConfig(max_concurrency=1, item_namer=name_of)
    return context.map(["a", "b"], same, name="map", config=named).get_results()


@scenario
def durable(event: Any, context: Any) -> object:
    return context.step(gives(event))


@scenario
def short(event: Any, context: Any) -> object:
    """It is given two seconds."""
    context.wait(seconds(30))
    return None


def _plain(event: object, context: object) -> object:
    return {"got": event}


def _plain_fails(event: object, context: object) -> object:
    raise LookupError("no mugs")


FUNCTIONS: Final[dict[str, Callable[[Any, Any], object]]] = {
    **SCENARIOS,
    "plain": _plain,
    "plain_fails": _plain_fails,
}
