"""An error longer than the service takes is shortened, whichever operation it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from perdure.errors import OperationError
from perdure.limits import MAX_ERROR_BYTES
from perdure.models.encode import compact
from perdure.retries import NO_RETRY, Retry

LONG: Final = "é" * 30_000
"""Fewer characters than the service takes bytes, but more bytes."""


def fails(*args: object) -> Any:
    raise LookupError(LONG)


async def fails_inside(ctx: TinyContext, *args: object) -> Any:
    raise LookupError(LONG)


async def large(ctx: TinyContext) -> str:
    return "x" * 200_000


async def items(ctx: TinyContext) -> object:
    batch = await ctx.map([1], fails_inside)
    batch.throw_if_error()
    return "no error"


Body = Callable[[TinyContext], Awaitable[object]]

OPERATIONS: Final[dict[str, Body]] = {
    "step": lambda ctx: ctx.step(fails, retry=NO_RETRY),
    "child": lambda ctx: ctx.run_in_child_context(fails_inside),
    "with_retry": lambda ctx: ctx.with_retry(fails_inside, retry=NO_RETRY),
    "branch": items,
    "check": lambda ctx: ctx.wait_for_condition(fails, 1, lambda state, attempts: None),
    "wait strategy": lambda ctx: ctx.wait_for_condition(lambda state: state, 1, fails),
    "submitter": lambda ctx: ctx.wait_for_callback(fails, retry=NO_RETRY),
    "summary of a child": lambda ctx: ctx.run_in_child_context(
        lambda ctx: ctx.parallel(large, large), summary=fails
    ),
    "summary of a batch": lambda ctx: ctx.parallel(large, large, summary=fails),
}


def errors_in(flowing: Flowing) -> list[dict[str, Any]]:
    """The errors that were sent."""
    return [update["Error"] for sent in flowing.updates for update in sent if "Error" in update]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_sent_fits_and_can_be_caught_on_every_run(name: str) -> None:
    """The service refused the whole request, and the execution failed for a long message."""

    async def program(ctx: TinyContext) -> object:
        try:
            await OPERATIONS[name](ctx)
        except OperationError as error:
            return [error.error_type, error.message]
        return "no error"

    flowing = Flowing().run(program)
    errors = errors_in(flowing)
    assert errors
    for error in errors:
        assert len(compact(error).encode()) <= MAX_ERROR_BYTES
        assert error["ErrorMessage"].startswith(LONG[:1_000])
        assert error["ErrorMessage"].endswith("(shortened)")
    # The last one sent is that of the operation as the function sees it.
    assert flowing.result == [errors[-1]["ErrorType"], errors[-1]["ErrorMessage"]]
    assert flowing.again(program).result == flowing.result


def test_what_is_sent_of_an_attempt_that_is_repeated_fits() -> None:
    """The same refusal, long before the step would have failed for good."""

    async def program(ctx: TinyContext) -> None:
        await ctx.step(fails, retry=lambda error, attempts: Retry(5))

    flowing = Flowing().run(program)
    [error] = errors_in(flowing)
    assert len(compact(error).encode()) <= MAX_ERROR_BYTES
    assert flowing.output.status == "PENDING"
