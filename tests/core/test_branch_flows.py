"""Flows of one invocation: who may use a context, and how branches end that do not finish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from core.obedient import recorded
from core.transcript import FIRST, SECOND
from perdure.batch_completion import Completion
from perdure.context import Branch
from perdure.errors import (
    CallbackTimeoutError,
    ChildContextError,
    ConcurrencyError,
    DurableError,
    Scope,
    ServiceError,
    ValidationError,
)
from perdure.ids import operation_id

REFUSED: Final = ServiceError("no", status=400, scope=Scope.EXECUTION)
AGAIN: Final = ServiceError("down", status=503, retryable=True)


async def one_step(ctx: TinyContext) -> str:
    return await ctx.step(lambda: "done", name="s")


async def waiting(ctx: TinyContext) -> str:
    await ctx.wait(60, name="w")
    return "waited"


def nameless(item: object, index: int) -> str:
    return "\n"


# -- operations of the asynchronous context -------------------------------------------------


def test_a_callback_is_created_and_awaited() -> None:
    async def program(ctx: TinyContext) -> object:
        callback = await ctx.create_callback(name="approval", timeout=30)
        await ctx.step(lambda: None, name="hand out")
        return [callback.id, await callback.result()]

    flowing = Flowing().run(program)
    assert flowing.flat == ["approval START", "hand out START", "hand out SUCCEED"]
    found = flowing.service.operations[FIRST]
    details = {**found["CallbackDetails"], "Result": "yes"}
    flowing.service.record({**found, "Status": "SUCCEEDED", "CallbackDetails": details})
    assert flowing.again(program).result == [f"id of {FIRST[:8]}", "yes"]


def test_an_outsider_and_another_function() -> None:
    timed_out = {"CallbackId": "cb", "Error": {"ErrorType": "Callback.Timeout"}}
    inside = operation_id(1, FIRST)
    found = [
        recorded("CONTEXT", "WaitForCallback", "STARTED", FIRST, {}),
        recorded(
            *("CALLBACK", "Callback", "TIMED_OUT", inside, timed_out),
            Name="create callback id",
            ParentId=FIRST,
        ),
        recorded("CHAINED_INVOKE", "ChainedInvoke", "SUCCEEDED", SECOND, {"Result": "7"}),
    ]

    async def program(ctx: TinyContext) -> object:
        try:
            await ctx.wait_for_callback(lambda callback_id: None, timeout=30)
        except CallbackTimeoutError:
            return await ctx.invoke("other", 1)
        raise AssertionError

    assert Flowing(found).run(program).result == 7


def test_the_first_failure_of_a_batch_is_raised_if_asked_for() -> None:
    async def failing(ctx: TinyContext) -> None:
        raise ValueError("x")

    async def program(ctx: TinyContext) -> str:
        (await ctx.parallel(one_step)).throw_if_error()
        try:
            (await ctx.parallel(one_step, failing)).throw_if_error()
        except ChildContextError as error:
            return f"{error.error_type}: {error}"
        raise AssertionError

    assert Flowing().run(program).result == "ValueError: x"


# -- arguments ------------------------------------------------------------------------------

BAD: Final[list[tuple[Callable[[Any], object], str]]] = [
    (lambda ctx: ctx.parallel(one_step, max_concurrency=0), "max_concurrency is at least 1"),
    (lambda ctx: ctx.parallel(one_step, completion=Completion(min_successful=2)), "more than"),
    (lambda ctx: ctx.parallel(one_step, 7), "a branch takes a function, not int"),
    (lambda ctx: ctx.parallel(Branch(print, "é")), "a name is"),
    (lambda ctx: ctx.parallel(one_step, name="n" * 257), "a name is"),
    (lambda ctx: ctx.map([1], "f"), "a map takes a function, not str"),
    (lambda ctx: ctx.map([1], one_step, item_namer=nameless), "a name is"),
    (lambda ctx: ctx.run_in_child_context(None), "a child context takes a function"),
    (lambda ctx: ctx.wait_for_callback(None), "a wait for a callback takes a function"),
    (lambda ctx: ctx.wait_for_condition(None, 0, bool), "a wait for a condition takes"),
    (lambda ctx: ctx.wait_for_condition(bool, 0, None), "the strategy of a wait"),
    (lambda ctx: ctx.invoke(""), "1 to 256 characters"),
    (lambda ctx: ctx.create_callback(timeout=-1), "a timeout lasts"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_arguments_are_checked_before_a_place_is_taken(
    call: Callable[[TinyContext], object], message: str
) -> None:
    async def program(ctx: TinyContext) -> None:
        with pytest.raises(ValidationError, match=message):
            call(ctx)
        await ctx.step(lambda: None)

    flowing = Flowing().run(program)
    assert [each["Id"] for each in flowing.updates[0]] == [FIRST, FIRST]


# -- ownership ------------------------------------------------------------------------------


def test_a_context_is_busy_while_one_of_its_operations_runs() -> None:
    async def program(ctx: TinyContext) -> list[str]:
        errors: list[str] = []

        async def body(inner: TinyContext) -> None:
            with pytest.raises(ConcurrencyError, match="the context it is given"):
                ctx.wait(1)
            errors.append("refused")

        await ctx.run_in_child_context(body)
        await ctx.step(lambda: None)
        return errors

    assert Flowing().run(program).result == ["refused"]


def test_two_operations_of_one_context_do_not_run_at_once() -> None:
    async def program(ctx: TinyContext) -> None:
        second = ctx.step(lambda: None)

        async def body(inner: TinyContext) -> None:
            with pytest.raises(ConcurrencyError, match="the context it is given"):
                await second

        await ctx.run_in_child_context(body)

    assert Flowing().run(program).output.status == "SUCCEEDED"


def test_a_branch_does_not_use_the_context_around_it_nor_anothers() -> None:
    given: list[TinyContext] = []

    async def first(ctx: TinyContext) -> None:
        given.append(ctx)
        await ctx.wait(1)

    async def program(ctx: TinyContext) -> int:
        async def second(inner: TinyContext) -> None:
            with pytest.raises(ConcurrencyError, match="does not own it"):
                ctx.wait(1)
            with pytest.raises(ConcurrencyError, match="does not own it"):
                given[0].wait(1)
            await inner.wait(1)

        return len((await ctx.parallel(first, second)).all)

    flowing = Flowing().run(program)
    assert flowing.output.status == "PENDING"
    given.clear()
    assert flowing.again(program).result == 2


# -- branches that do not finish ------------------------------------------------------------


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_in_a_branch_leaves_the_invocation(
    interrupt: type[BaseException],
) -> None:
    async def broken(ctx: TinyContext) -> None:
        raise interrupt

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(waiting, broken, waiting, name="p", max_concurrency=2)

    flowing = Flowing()
    with pytest.raises(interrupt):
        flowing.run(program)


def test_what_a_branch_may_not_catch_is_raised_by_the_batch() -> None:
    async def misusing(ctx: TinyContext) -> None:
        await ctx.wait(1)
        raise ConcurrencyError("two at once")

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(misusing, waiting)

    flowing = Flowing().run(program).again(program)
    assert flowing.output.error is not None
    assert "two at once" in (flowing.output.error.error_message or "")


def test_a_refusal_reaches_every_flow() -> None:
    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(waiting, one_step, waiting, name="p")

    for number in (0, 1):
        flowing = Flowing(refuse={number: REFUSED}).run(program)
        assert flowing.output.status == "FAILED"
        assert flowing.output.error is not None


def test_a_failure_that_passes_leaves_no_trace() -> None:
    async def program(ctx: TinyContext) -> list[str]:
        return (await ctx.parallel(one_step, one_step, name="p")).results

    flowing = Flowing(refuse={0: AGAIN, 2: AGAIN}).run(program)
    assert flowing.result == ["done", "done"]
    assert flowing.updates[0] == flowing.updates[1]


@pytest.mark.parametrize("answers", [1, 2])
def test_a_withdrawn_right_to_write_suspends_every_flow(answers: int) -> None:
    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(waiting, one_step, waiting, name="p")
        await ctx.step(lambda: None)

    flowing = Flowing(revoke=answers).run(program)
    assert flowing.output.status == "PENDING"
    assert len(flowing.updates) == answers


def test_a_client_that_breaks_leaves_nobody_waiting() -> None:
    flowing = Flowing(refuse={1: ValueError("broken")})  # type: ignore[dict-item]  # a fault

    async def program(ctx: TinyContext) -> None:
        await ctx.parallel(waiting, one_step, name="p")

    with pytest.raises(DurableError, match="broken"):
        flowing.run(program)
