"""Programs of every kind, whose steps tell whether they ran: to be played and replayed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from core.flowing import TinyContext
from perdure import retries, waits
from perdure.batch_completion import FIRST_SUCCESSFUL
from perdure.errors import (
    BatchError,
    CallbackError,
    ChildContextError,
    InvokeError,
    OperationError,
)
from perdure.models.operation import ErrorObject
from perdure.operations.batch import Nesting
from perdure.replaying import Findings
from service.played import Played, Program, replayed

T = TypeVar("T")
Body = Callable[[TinyContext, "Effects"], Awaitable[Any]]
"""A program whose steps have their effects through the second argument."""


class Ran(BaseException):
    """The body of a step ran in a replay. No function can catch it."""


class Effects:
    """The bodies of steps. In a replay none of them may run."""

    def __init__(self, *, allowed: bool) -> None:
        self.allowed: Final = allowed

    def __call__(self, value: T) -> Callable[..., T]:
        def body(*args: object) -> T:
            if not self.allowed:
                raise Ran(str(value))
            return value

        return body

    def failing(self, *args: object) -> None:
        """A body that fails."""
        if not self.allowed:
            raise Ran("a body that fails")
        raise ValueError("no")


def live(body: Body) -> Program:
    return lambda ctx: body(ctx, Effects(allowed=True))


def harmless(body: Body) -> Program:
    return lambda ctx: body(ctx, Effects(allowed=False))


def check(recorded: Body, today: Body | None = None, **options: Any) -> Findings:
    """Play one program, and replay its history with another, or itself."""
    played = Played(live(recorded), **options)
    return replayed(played.history, harmless(today or recorded))


def kept(findings: Findings) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """What differs: recorded and attempted, the members that differ alone."""
    error = findings.divergence
    assert error is not None, "it agrees"
    assert findings.fault is None
    assert not findings.agrees
    names = [*error.differing, *(each for each in error.attempted if each not in error.recorded)]
    return (
        {name: error.recorded[name] for name in names if name in error.recorded},
        {name: error.attempted[name] for name in names},
    )


async def steps(ctx: TinyContext, do: Effects) -> Any:
    first = await ctx.step(do("a"), name="first")
    await ctx.wait(5, name="pause")
    return [first, await ctx.step(do("b"), name="second")]


async def retried(ctx: TinyContext, do: Effects) -> Any:
    patient = retries.exponential(max_attempts=2, initial_delay=2)
    try:
        await ctx.step(do.failing, name="fails", retry=patient)
    except OperationError as error:
        return str(error)


async def callbacks(ctx: TinyContext, do: Effects) -> Any:
    callback = await ctx.create_callback(name="asked")
    submitted = await ctx.wait_for_callback(do("sent"), name="submitted")
    return [await callback.result(), submitted]


async def refused_callbacks(ctx: TinyContext, do: Effects) -> Any:
    said: list[str] = []
    for _ in range(2):
        try:
            await ctx.wait_for_callback(do("sent"), name="late", timeout=9)
        except CallbackError as error:
            said.append(type(error).__name__)
    return said


async def invokes(ctx: TinyContext, do: Effects) -> Any:
    durable = await ctx.invoke("child", {"a": 1}, name="durable")
    plain = await ctx.invoke("plain", {"b": 2}, name="plain")
    try:
        await ctx.invoke("nobody", name="missing")
    except InvokeError as error:
        return [durable, plain, str(error)]


async def polls(ctx: TinyContext, do: Effects) -> Any:
    strategy = waits.poll_until(lambda state: state == "met", max_attempts=4)
    return await ctx.wait_for_condition(do("met"), "not", strategy, name="polled")


async def never_met(ctx: TinyContext, do: Effects) -> Any:
    strategy = waits.poll_until(lambda state: False, max_attempts=2)
    try:
        await ctx.wait_for_condition(do("not"), "not", strategy, name="polled")
    except OperationError as error:
        return type(error).__name__


async def large(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext) -> str:
        return await inner.step(do("x" * 200_000), name="half") * 2

    one = await ctx.run_in_child_context(body, name="large")
    many = await ctx.map([1, 2], lambda inner, item, index: body(inner), name="many")
    told = await ctx.run_in_child_context(body, name="told", summary=lambda value: "a lot")
    return [len(one), [len(text) for text in many.results], len(told)]


async def failing_children(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext) -> None:
        await inner.step(do("a"), name="before")
        raise ValueError("broken")

    said: list[str] = []
    try:
        await ctx.run_in_child_context(body, name="broken")
    except ChildContextError as error:
        said.append(str(error))
    batch = await ctx.map([1, 2, 3], lambda inner, item, index: body(inner), name="batch")
    return [said, batch.to_dict()]


async def huge_child(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext) -> str:
        return "x" * 300_000

    try:
        await ctx.run_in_child_context(body, summary=lambda text: text * 5)
    except ChildContextError as error:
        return error.error_type


async def refused_batch(ctx: TinyContext, do: Effects) -> Any:
    def broken(result: object) -> str:
        raise RuntimeError("no summary")

    async def body(inner: TinyContext, item: int, index: int) -> str:
        return await inner.step(do("x" * 300_000), name="half")

    try:
        await ctx.map([1], body, summary=broken)
    except BatchError as error:
        return str(error)


async def races(ctx: TinyContext, do: Effects) -> Any:
    async def slow(inner: TinyContext) -> str:
        await inner.wait(500, name="slow")
        return await inner.step(do("slow"))

    first = await ctx.race(
        ctx.run_in_child_context(slow, name="loser"), ctx.step(do("fast"), name="winner")
    )
    both = await ctx.gather(ctx.step(do("c")), ctx.wait(3))
    settled = await ctx.all_settled(ctx.step(do("d")), ctx.wait(3))
    return [first, both, settled.to_dict()]


async def first_of(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext, item: int, index: int) -> int:
        await inner.wait(item, name=f"for {item}")
        return await inner.step(do(item), name="then")

    nested = await ctx.map([50, 2, 70], body, completion=FIRST_SUCCESSFUL, name="nested")
    flat = await ctx.map(
        [50, 2, 70], body, completion=FIRST_SUCCESSFUL, name="flat", nesting=Nesting.FLAT
    )
    return [nested.to_dict(), flat.to_dict()]


async def composed(ctx: TinyContext, do: Effects) -> Any:
    attempts: list[int] = []

    async def body(inner: TinyContext) -> str:
        attempts.append(1)
        await inner.step(do("tried"), name="try")
        if len(attempts) < 2:
            raise ValueError("again")
        return "done"

    async def virtual(inner: TinyContext) -> str:
        return await inner.step(do("inside"), name="inside")

    ctx.at_end(do("cleaned"), name="clean up")
    attempts.clear()
    tried = await ctx.with_retry(body, name="all of it")
    return [tried, await ctx.run_in_child_context(virtual, virtual=True)]


async def fails(ctx: TinyContext, do: Effects) -> Any:
    await ctx.step(do("a"), name="first")
    raise LookupError("nothing there")


async def too_large_to_return(ctx: TinyContext, do: Effects) -> Any:
    text = await ctx.step(do('"' * 400_000), name="quotes")
    return text * 7


KINDS: Final[list[Body]] = [
    steps,
    retried,
    callbacks,
    refused_callbacks,
    invokes,
    polls,
    never_met,
    large,
    failing_children,
    huge_child,
    refused_batch,
    races,
    first_of,
    composed,
    fails,
    too_large_to_return,
]


def answers(name: str) -> str | ErrorObject | None:
    if name.startswith("late"):
        return None
    return '"yes"'


def played(body: Body) -> Played:
    return Played(live(body), answers)
