"""What is done once, however much is recorded. Calls and bytes are counted, not seconds."""

from __future__ import annotations

from collections import Counter
from types import FrameType
from typing import Any, Final

import pytest

from core.counting import calls_by_module, each_call, most_memory
from core.flowing import Flowing, TinyContext
from core.test_plugins import handler
from core.transcript import ARN, NOW, Context, Play, Wire, execution, step, wait
from perdure.errors import ServiceError
from perdure.ids import operation_id
from perdure.models.decode import decode_page
from perdure.models.enums import OperationAction, OperationType
from perdure.models.operation import ErrorObject
from perdure.models.update import OperationUpdate
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepConfig
from perdure.plugins import (
    InvocationEndInfo,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationStartInfo,
    Plugin,
    UserFunctionEndInfo,
    UserFunctionStartInfo,
)
from perdure.serdes import JSON, TAGGED, Value
from perdure.state import ExecutionState

HISTORY: Final = 5_000


class Everything(Plugin):
    """A plugin with every hook, which keeps what it is told at the beginning and of changes."""

    def __init__(self) -> None:
        self.views: list[Any] = []

    def create_plugin(self, info: InvocationStartInfo) -> Plugin:
        return self

    def on_invocation_start(self, info: InvocationStartInfo) -> None:
        self.views.append(info.operations)

    def on_operation_change(self, info: OperationChangeInfo) -> None:
        self.views.append(info.operations)

    def on_invocation_end(self, info: InvocationEndInfo) -> None:
        self.views.append(info.operations)

    def on_operation_start(self, info: OperationStartInfo) -> None: ...

    def on_operation_end(self, info: OperationEndInfo) -> None: ...

    def on_user_function_start(self, info: UserFunctionStartInfo) -> None: ...

    def on_user_function_end(self, info: UserFunctionEndInfo) -> None: ...


def nothing() -> None: ...


# -- one more step after a long history ------------------------------------------------------


def after(recorded: int, *, with_plugin: bool) -> Play:
    """An invocation with so many finished steps that the function does not come by."""
    play = Play([step("SUCCEEDED", operation_id(1_000 + n), Result="1") for n in range(recorded)])
    if with_plugin:
        handler(Everything()).report(play.state, None, lambda: play.now)
    return play


def run_with_costs(play: Play) -> tuple[Counter[str], int]:
    """The calls that one step makes, and the memory that another one takes."""
    costs: list[Any] = []

    async def body(ctx: Context) -> None:
        for _ in range(3):  # What is made at first need is there.
            await ctx.step(nothing)
        with calls_by_module() as calls:
            await ctx.step(nothing)
        with most_memory() as most:
            await ctx.step(nothing)
        costs.extend([calls, *most])

    play.run(body)
    calls, most = costs
    return calls, most


@pytest.mark.parametrize("with_plugin", [False, True], ids=["plain", "plugin"])
def test_a_step_costs_no_more_after_a_long_history(with_plugin: bool) -> None:
    """All that is recorded was copied for each answer: quadratic in the number of steps."""
    few_calls, little = run_with_costs(after(10, with_plugin=with_plugin))
    many_calls, much = run_with_costs(after(HISTORY, with_plugin=with_plugin))
    assert many_calls == few_calls
    # A copy, if only of the ids, takes at least eight bytes for each.
    assert much - little < 8 * HISTORY / 2


def test_plugins_see_all_that_is_recorded_by_one_view() -> None:
    """Each answer made another copy for them."""
    seen = Everything()
    play = after(10, with_plugin=False)
    handler(seen).report(play.state, None, lambda: play.now)

    async def body(ctx: Context) -> None:
        for _ in range(5):
            await ctx.step(nothing)

    play.run(body)
    assert len(seen.views) == 1 + 5 + 1
    assert {id(view) for view in seen.views} == {id(seen.views[0])}
    assert len(seen.views[0]) == 1 + 10 + 5


def test_a_branch_costs_no_more_in_a_large_map() -> None:
    """Each end of a branch went through all the others."""

    async def item(ctx: TinyContext, item: int, index: int) -> int:
        return await ctx.step(int, item)

    costs: list[int] = []
    for size in (50, 500):

        async def program(ctx: TinyContext, size: int = size) -> int:
            return sum((await ctx.map(range(size), item)).results)

        flowing = Flowing()
        with calls_by_module() as calls:
            flowing.run(program)
        assert flowing.result == sum(range(size))
        costs.append(sum(calls.values()))
    assert costs[1] < 10.5 * costs[0]


@pytest.mark.parametrize(
    ("mode", "requests"),
    [
        (CheckpointingMode.EAGER, 11),
        (CheckpointingMode.BATCHED, 6),
        (CheckpointingMode.OPTIMISTIC, 1),
    ],
)
def test_an_invocation_lasts_as_long_as_its_requests(
    mode: CheckpointingMode, requests: int
) -> None:
    """A checkpoint waited for company, and the end of an invocation for a queue to time out."""
    flowing = Flowing(mode=mode, latency=3)

    async def program(ctx: TinyContext) -> None:
        for _ in range(5):
            await ctx.step(nothing)
        await ctx.wait(60)

    flowing.run(program)
    assert flowing.output.status == "PENDING"
    # Its clock moves only where somebody waits.
    assert (len(flowing.updates), flowing.now) == (requests, 3 * requests)
    assert flowing.again(program).now == 0


# -- an update is written once ---------------------------------------------------------------


class Watched(ErrorObject):
    """An error that counts how often its message is read."""

    reads = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "error_message":
            Watched.reads += 1
        return super().__getattribute__(name)


class WatchedUpdate(OperationUpdate):
    """An update that counts how often its payload or its error is read."""

    reads = 0

    def __getattribute__(self, name: str) -> Any:
        if name in ("payload", "error"):
            WatchedUpdate.reads += 1
        return super().__getattribute__(name)


def test_an_update_is_written_once_to_be_measured_and_to_be_sent() -> None:
    """It was serialised to be measured, again to be sent, and again for each repetition."""
    Watched.reads = WatchedUpdate.reads = 0
    state = ExecutionState(ARN, "t", decode_page({"Operations": [execution()]}))
    kind = OperationType.STEP
    state.checkpoint(
        WatchedUpdate("a", kind, OperationAction.FAIL, error=Watched("no stock")), sync=False
    )
    state.checkpoint(WatchedUpdate("b", kind, OperationAction.SUCCEED, payload='"x"'))
    assert Watched.reads == 1
    admitted = WatchedUpdate.reads
    first = state.request_to_send(NOW)
    assert first is not None
    state.request_failed(ServiceError("throttled", retryable=True), NOW)
    retry_at = state.next_deadline()
    assert retry_at is not None
    state.handle_timer(retry_at)
    again = state.request_to_send(retry_at)
    assert again is not None
    assert again.body is first.body
    assert b'"no stock"' in first.body
    assert (Watched.reads, WatchedUpdate.reads) == (1, admitted)


# -- what is read and written once -----------------------------------------------------------

INPUT: Final = '{"lines": ["an input of its own"]}'


async def every_kind_of_value(ctx: TinyContext) -> object:
    """Values that are written and read by the three encodings."""

    async def child(ctx: TinyContext) -> object:
        return await ctx.step(lambda: {"a": 1}, serdes=JSON)

    async def item(ctx: TinyContext, item: int, index: int) -> object:
        return await ctx.step(lambda: (item, b"x"))

    await ctx.run_in_child_context(child)
    await ctx.map(range(5), item)
    await ctx.wait_for_condition(lambda state: state + 1, 1, lambda state, attempts: None)
    for _ in range(5):
        await ctx.step(lambda: [1, "two"])
    await ctx.wait(60)
    return None


def test_the_input_is_read_once_in_each_invocation() -> None:
    """It was parsed again for each value that was written or read."""
    read: list[str] = []

    def look(frame: FrameType) -> None:
        # All ways of the standard library to parse a text lead here.
        if frame.f_code.co_name == "raw_decode" and frame.f_locals["s"] == INPUT:
            read.append(INPUT)

    flowing = Flowing(input=INPUT)
    with each_call(look):
        flowing.run(every_kind_of_value)
    assert (flowing.output.status, len(read)) == ("PENDING", 1)
    with each_call(look):
        flowing = flowing.again(every_kind_of_value, input=INPUT)
    assert (flowing.output.status, len(read)) == ("SUCCEEDED", 2)


class Counting:
    """The default encoding, which counts what it does."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    def encode(self, value: Value) -> str:
        self.done["encode"] += 1
        return TAGGED.encode(value)

    def decode(self, text: str) -> Value:
        self.done["decode"] += 1
        return TAGGED.decode(text)


def test_a_value_is_written_once_and_read_once_in_each_run() -> None:
    """A result was encoded to be measured and again to be sent, or decoded at each look."""
    serdes = Counting()

    async def body(ctx: Context) -> None:
        for _ in range(10):
            await ctx.step(lambda: {"a": 1}, config=StepConfig(serdes=serdes))
        await ctx.wait(60)

    play = Play()
    play.run(body)
    assert serdes.done == {"encode": 10, "decode": 10}
    serdes.done.clear()
    Play(play.later()).run(body)
    assert serdes.done == {"decode": 10}


# -- the record ------------------------------------------------------------------------------


def page(size: int) -> Wire:
    """A page with operations of several types."""
    operations: list[Wire] = []
    for position in range(0, size, 3):
        first, second, third = (operation_id(position + each) for each in range(3))
        operations.append(step("SUCCEEDED", first, Result='"x"', Attempt=1))
        operations.append(step("FAILED", second, Error={"ErrorMessage": "no"}))
        operations.append(wait("SUCCEEDED", third))
    return {"Operations": operations}


def test_a_record_is_read_without_asking_for_the_types_of_its_members() -> None:
    """Type hints were looked up for each operation: seconds before the function began."""
    asked: list[str] = []

    def look(frame: FrameType) -> None:
        module, function = str(frame.f_globals.get("__name__")), frame.f_code.co_name
        # To cast is to do nothing.
        if module in ("dataclasses", "inspect", "typing") and function != "cast":
            asked.append(f"{module}.{function}")

    decode_page(page(3))  # What is made at first need is there.
    with each_call(look):
        assert len(decode_page(page(300)).operations) == 300
    assert asked == []
    totals: list[int] = []
    for size in (300, 3_000):
        raw = page(size)
        with calls_by_module() as calls:
            decode_page(raw)
        totals.append(calls.total())
    # A handful for each, however many there are.
    assert totals[1] <= 10 * totals[0] <= 10 * 300 * 10
