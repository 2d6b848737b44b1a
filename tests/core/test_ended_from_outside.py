"""What somebody outside ended is over: it is not begun again, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from core.obedient import recorded
from core.transcript import FIRST, Play, Wire, outcome
from perdure.errors import (
    BatchError,
    ChildContextError,
    InvokeError,
    OperationError,
    StepError,
    WaitForConditionError,
)
from perdure.ids import operation_id
from perdure.operations.invoke import InvokeConfig
from perdure.operations.step import StepConfig, StepSemantics
from perdure.serdes import TAGGED

ERROR: Final = {"ErrorMessage": "somebody ended it", "ErrorType": "Outside"}
ENDED: Final = ("FAILED", "TIMED_OUT", "STOPPED", "CANCELLED")


class Bodies:
    """The functions that the operations would run, and whether any of them ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def step(self) -> None:
        self.ran.append("step")

    def submit(self, callback_id: str) -> None:
        self.ran.append("submit")

    def check(self, state: int) -> int:
        self.ran.append("check")
        return state

    async def child(self, ctx: TinyContext) -> None:
        self.ran.append("child")

    async def item(self, ctx: TinyContext, item: int, index: int) -> None:
        self.ran.append("item")


def met(state: int, attempts: int) -> None:
    """A condition that the first check meets."""


Operation = Callable[[TinyContext, Bodies], Awaitable[object]]

# What the function calls: the type and subtype of its record, and what it raises.
OPERATIONS: Final[dict[str, tuple[Operation, str, str, type[OperationError]]]] = {
    "step": (lambda ctx, do: ctx.step(do.step), "STEP", "Step", StepError),
    "step at most once": (
        lambda ctx, do: ctx.step(do.step, semantics=StepSemantics.AT_MOST_ONCE),
        "STEP",
        "Step",
        StepError,
    ),
    "wait": (lambda ctx, do: ctx.wait(60), "WAIT", "Wait", OperationError),
    "invoke": (lambda ctx, do: ctx.invoke("f"), "CHAINED_INVOKE", "ChainedInvoke", InvokeError),
    "child": (
        lambda ctx, do: ctx.run_in_child_context(do.child),
        "CONTEXT",
        "RunInChildContext",
        ChildContextError,
    ),
    "with_retry": (
        lambda ctx, do: ctx.with_retry(do.child),
        "CONTEXT",
        "RunInChildContext",
        ChildContextError,
    ),
    "wait_for_callback": (
        lambda ctx, do: ctx.wait_for_callback(do.submit),
        "CONTEXT",
        "WaitForCallback",
        ChildContextError,
    ),
    "parallel": (
        lambda ctx, do: ctx.parallel(do.child, do.child),
        "CONTEXT",
        "Parallel",
        BatchError,
    ),
    "map": (lambda ctx, do: ctx.map([1, 2], do.item), "CONTEXT", "Map", BatchError),
    "gather": (
        lambda ctx, do: ctx.gather(ctx.step(do.step), ctx.step(do.step)),
        "CONTEXT",
        "PromiseCombinator",
        BatchError,
    ),
    "wait_for_condition": (
        lambda ctx, do: ctx.wait_for_condition(do.check, 1, met),
        "STEP",
        "WaitForCondition",
        WaitForConditionError,
    ),
}


def found(kind: str, sub_type: str, status: str, id: str = FIRST, **members: object) -> Wire:
    """A recorded operation with an error, but for a wait: that has none to record."""
    return recorded(
        kind, sub_type, status, id, {} if kind == "WAIT" else {"Error": ERROR}, **members
    )


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("name", OPERATIONS)
def test_it_raises_at_once_and_is_not_begun_again(name: str, status: str) -> None:
    """It ran again beside its recorded end, or the execution was suspended for ever."""
    operation, kind, sub_type, raised = OPERATIONS[name]
    bodies = Bodies()
    # The places of the two steps come before that of what combines them.
    identity = operation_id(3) if name == "gather" else FIRST

    async def program(ctx: TinyContext) -> object:
        try:
            await operation(ctx, bodies)
        except OperationError as error:
            return [type(error).__name__, error.message, error.error_type]
        return "went on"

    flowing = Flowing([found(kind, sub_type, status, identity)]).run(program)
    expected: object = [raised.__name__, ERROR["ErrorMessage"], ERROR["ErrorType"]]
    if kind == "WAIT":
        # Who cuts a wait short means the function to go on.
        unfit = [raised.__name__, f"the wait {FIRST} is {status}", None]
        expected = "went on" if status == "CANCELLED" else unfit
    assert (flowing.output.status, flowing.result) == ("SUCCEEDED", expected)
    assert (flowing.updates, bodies.ran) == ([], [])


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_a_branch_that_was_ended_is_a_failed_item(kind: str, status: str) -> None:
    """Its code ran again, and sent a second end for what had ended."""
    bodies = Bodies()
    sub_type, name = {
        "Parallel": ("ParallelBranch", "parallel-branch-0"),
        "Map": ("MapIteration", "map-item-0"),
    }[kind]

    async def program(ctx: TinyContext) -> object:
        if kind == "Parallel":
            batch = await ctx.parallel(bodies.child)
        else:
            batch = await ctx.map([1], bodies.item)
        return [(error.error_message, error.error_type) for error in batch.errors]

    branch = found("CONTEXT", sub_type, status, operation_id(0, FIRST), Name=name, ParentId=FIRST)
    begun = recorded("CONTEXT", kind, "STARTED", FIRST, {})
    flowing = Flowing([begun, branch]).run(program)
    assert flowing.result == [[ERROR["ErrorMessage"], ERROR["ErrorType"]]]
    assert (flowing.flat, bodies.ran) == (["CONTEXT SUCCEED"], [])


Coroutines = Callable[[Play, Bodies], Any]

# What the service moves, and what the function calls for it.
PARKED: Final[dict[str, tuple[Coroutines, str, str, str, type[OperationError]]]] = {
    "wait": (
        lambda play, do: play.context.wait(60),
        *("WAIT", "Wait", "STARTED", OperationError),
    ),
    "invoke": (
        lambda play, do: play.context.begin_invoke("f", None, None, InvokeConfig()),
        *("CHAINED_INVOKE", "ChainedInvoke", "STARTED", InvokeError),
    ),
    "step": (
        lambda play, do: play.context.step(do.step, config=StepConfig()),
        *("STEP", "Step", "PENDING", StepError),
    ),
    "wait_for_condition": (
        lambda play, do: play.context.begin_wait_for_condition(do.check, 1, met, None, TAGGED),
        *("STEP", "WaitForCondition", "PENDING", WaitForConditionError),
    ),
}


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("name", PARKED)
def test_what_is_ended_while_it_is_waited_for_wakes_the_function(name: str, status: str) -> None:
    """An answer told of it, and the flow went to sleep again, for ever."""
    operation, kind, sub_type, open_status, raised = PARKED[name]
    bodies = Bodies()
    open_record = recorded(kind, sub_type, open_status, FIRST, {})
    play = Play([open_record], news=[[found(kind, sub_type, status)]])
    came_to = outcome(play, operation(play, bodies))
    if (kind, status) == ("WAIT", "CANCELLED"):
        assert came_to is None
    else:
        assert type(came_to) is raised
    # One park and the poll that ended it: nothing was begun, nothing was parked again.
    assert (len(play.parks), play.actions, bodies.ran) == (1, [[]], [])
