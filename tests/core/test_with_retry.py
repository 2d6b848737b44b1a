"""A body that is retried as a whole: its waits, its errors, its names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.flowing import Flowing, TinyContext
from perdure.errors import ChildContextError, ConcurrencyError, ValidationError
from perdure.operations.with_retry import RETRY
from perdure.retries import NO_RETRY, Retry, fixed


class Flaky:
    """A body that raises the first times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.given: list[object] = []
        self.attempts = 0

    def attempt(self) -> int:
        self.attempts += 1
        return self.attempts

    async def __call__(self, ctx: TinyContext, *args: object) -> object:
        self.given.append(args)
        number = await ctx.step(self.attempt)
        if number <= len(self.errors):
            raise self.errors[number - 1]
        return number


def test_a_durable_wait_lies_between_two_attempts() -> None:
    flaky = Flaky(ValueError("one"), ValueError("two"))

    async def program(ctx: TinyContext) -> object:
        return await ctx.with_retry(flaky, "a", 1, name="order")

    first = Flowing().run(program)
    assert first.output.status == "PENDING"
    # 5 s, then 10 s, spread by a draw of 0.5.
    assert first.sent("order-backoff-1", "START")["WaitOptions"] == {"WaitSeconds": 3}
    second = first.again(program)
    assert second.sent("order-backoff-2", "START")["WaitOptions"] == {"WaitSeconds": 5}
    third = second.again(program)
    assert third.result == 3
    assert set(flaky.given) == {("a", 1)}
    # The last run carried out one step, its two others came from the record.
    assert third.flat == ["STEP START", "STEP SUCCEED", "order SUCCEED"]


def test_without_a_name_the_waits_have_none() -> None:
    async def program(ctx: TinyContext) -> object:
        return await ctx.with_retry(Flaky(ValueError("one")), retry=fixed(9))

    assert "WAIT START" in Flowing().run(program).flat


def broken(error: Exception, attempts: int) -> Retry | None:
    raise KeyError("no such rule")


@pytest.mark.parametrize(
    ("retry", "expected"),
    [(NO_RETRY, "ValueError: one"), (broken, "KeyError: 'no such rule'")],
)
def test_an_error_that_is_not_retried_fails_the_context(
    retry: Callable[[Exception, int], Retry | None], expected: str
) -> None:
    async def program(ctx: TinyContext) -> object:
        try:
            return await ctx.with_retry(Flaky(ValueError("one")), name="it", retry=retry)
        except ChildContextError as error:
            return f"{error.error_type}: {error.message}"

    play = Flowing().run(program)
    assert play.result == expected
    assert play.sent("it", "FAIL")["Error"]["ErrorType"] == expected.partition(":")[0]


def test_a_fault_of_the_invocation_is_not_retried() -> None:
    async def program(ctx: TinyContext) -> object:
        async def body(inner: TinyContext) -> object:
            return await ctx.step(lambda: 1)

        with pytest.raises(ConcurrencyError):
            await ctx.with_retry(body)
        return "once"

    assert Flowing().run(program).result == "once"


def test_what_it_does_not_take() -> None:
    async def program(ctx: TinyContext) -> object:
        with pytest.raises(ValidationError, match="takes a function"):
            ctx.with_retry(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong
        with pytest.raises(ValidationError, match="takes a function"):
            ctx.with_retry(Flaky(), retry=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong
        with pytest.raises(ValidationError, match="at most 244"):
            ctx.with_retry(Flaky(), name="n" * 245)
        return await ctx.with_retry(Flaky(), name="n" * 244)

    assert Flowing().run(program).result == 1


def test_the_default_makes_three_attempts() -> None:
    error = ValueError()
    delays = [RETRY(error, attempt) for attempt in (1, 2, 3)]
    assert [each and each.delay for each in delays] == [5, 10, None]
