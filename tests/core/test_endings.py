"""What a function wants done at its true end: when, in which order, and what fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from core.flowing import Flowing, TinyContext
from perdure.errors import (
    ChildContextError,
    LocalProtocolError,
    ServiceError,
    StepError,
    Suspended,
    ValidationError,
)
from perdure.retries import NO_RETRY, fixed

Program = Callable[[TinyContext], Awaitable[object]]


def note(done: list[str], text: str) -> Callable[[], None]:
    return lambda: done.append(text)


def refuse() -> None:
    raise LookupError("gone")


def returning(done: list[str]) -> Program:
    async def program(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "first"), name="first")
        ctx.on_failure(note(done, "undo"), name="undo")
        ctx.at_end(note(done, "second"), name="second")
        return "done"

    return program


def raising(done: list[str]) -> Program:
    async def program(ctx: TinyContext) -> object:
        await returning(done)(ctx)
        raise ValueError("no stock")

    return program


def test_the_last_one_runs_first() -> None:
    done: list[str] = []
    play = Flowing().run(returning(done))
    assert (play.result, done) == ("done", ["second", "first"])
    assert play.flat == ["second START", "second SUCCEED", "first START", "first SUCCEED"]


def test_a_failure_is_compensated_for_and_remains_one() -> None:
    done: list[str] = []
    output = Flowing().run(raising(done)).output
    assert done == ["second", "undo", "first"]
    assert output.error is not None
    assert (output.error.error_type, output.error.error_message) == ("ValueError", "no stock")


def test_a_result_that_is_no_json_is_a_failure() -> None:
    done: list[str] = []

    async def program(ctx: TinyContext) -> object:
        ctx.on_failure(note(done, "undo"))
        return {1, 2}

    output = Flowing().run(program).output
    assert (output.status, done) == ("FAILED", ["undo"])


def test_a_suspension_is_no_end_even_if_it_is_swallowed() -> None:
    done: list[str] = []

    async def program(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "end"))
        try:
            await ctx.wait(60)
        except Suspended:
            return "swallowed"
        return "waited"

    async def by_an_error(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "end"))
        try:
            await ctx.wait(60)
        except Suspended:
            raise ValueError("in its place") from None
        return "waited"

    for each in (program, by_an_error):
        play = Flowing().run(each)
        assert (play.output.status, done) == ("PENDING", [])
        again = play.again(each)
        assert (again.result, done) == ("waited", ["end"])
        done.clear()


def test_an_error_that_stuck_is_no_end() -> None:
    done: list[str] = []

    async def program(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "end"))
        return await ctx.step(lambda: 1)

    with pytest.raises(ServiceError):
        Flowing(refuse={0: ServiceError("gone")}).run(program)
    assert done == []


def test_an_ending_may_suspend_and_is_not_repeated() -> None:
    done: list[str] = []
    errors = [ConnectionError("busy")]

    def flaky() -> None:
        if errors:
            raise errors.pop()
        done.append("flaky")

    async def program(ctx: TinyContext) -> object:
        ctx.at_end(flaky, name="flaky", retry=fixed(5))
        ctx.at_end(note(done, "once"))
        raise ValueError("no stock")

    play = Flowing().run(program)
    assert (play.output.status, done) == ("PENDING", ["once"])
    assert play.again(program).output.status == "FAILED"
    assert done == ["once", "flaky"]


def test_an_ending_that_fails_does_not_keep_others_from_running() -> None:
    done: list[str] = []

    async def program(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "first"))
        ctx.at_end(refuse, name="refuse", retry=NO_RETRY)
        ctx.at_end(refuse, name="refuse too", retry=NO_RETRY)
        return "done"

    output = Flowing().run(program).output
    assert done == ["first"]
    assert output.error is not None
    assert output.error.error_type == StepError.WIRE_TYPE


def test_the_error_of_the_body_counts_more_than_that_of_an_ending() -> None:
    async def program(ctx: TinyContext) -> object:
        ctx.at_end(refuse, retry=NO_RETRY)
        raise ValueError("no stock")

    output = Flowing().run(program).output
    assert output.error is not None
    assert output.error.error_message == "no stock"


@pytest.mark.parametrize("fails", [False, True])
def test_a_fault_ends_the_endings(fails: bool) -> None:
    done: list[str] = []

    async def program(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "first"))
        ctx.at_end(note(done, "second"))
        if fails:
            raise ValueError("no stock")
        return "done"

    with pytest.raises(ServiceError):
        Flowing(refuse={0: ServiceError("gone")}).run(program)
    assert done == ["second"]


def test_a_child_context_has_an_end_of_its_own() -> None:
    done: list[str] = []

    async def child(ctx: TinyContext) -> None:
        ctx.on_failure(note(done, "undo"), name="undo")
        raise ValueError("no stock")

    async def program(ctx: TinyContext) -> object:
        ctx.at_end(note(done, "end"), name="end")
        try:
            await ctx.run_in_child_context(child, name="child")
        except ChildContextError:
            done.append("caught")
        return "done"

    play = Flowing().run(program)
    assert done == ["undo", "caught", "end"]
    assert play.sent("undo", "START")["ParentId"] == play.sent("child", "FAIL")["Id"]
    assert play.flat.index("undo SUCCEED") < play.flat.index("child FAIL")


def test_each_attempt_of_with_retry_has_an_end() -> None:
    done: list[str] = []

    async def body(ctx: TinyContext) -> None:
        ctx.on_failure(note(done, "undo"), name="undo")
        raise ValueError("no stock")

    async def program(ctx: TinyContext) -> object:
        try:
            await ctx.with_retry(body, retry=fixed(5, max_attempts=2))
        except ChildContextError:
            return len(done)
        return None

    assert Flowing().run(program).again(program).result == 2


def test_what_cannot_be_registered() -> None:
    async def program(ctx: TinyContext) -> object:
        with pytest.raises(ValidationError, match="takes a function"):
            ctx.at_end(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong
        with pytest.raises(ValidationError, match="a name"):
            ctx.at_end(refuse, name="é")
        with pytest.raises(
            LocalProtocolError, match="the body of a child context, a branch or a step"
        ):
            await ctx.step(lambda: ctx.at_end(refuse), retry=NO_RETRY)
        return "refused"

    assert Flowing().run(program).result == "refused"
