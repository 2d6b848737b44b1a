"""What plugins are told, on the three runtimes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.ids import operation_id
from perdure.models.enums import OperationType
from perdure.plugins import (
    InvocationEndInfo,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationStartInfo,
    Plugin,
    UserFunctionEndInfo,
    UserFunctionOutcome,
    UserFunctionStartInfo,
)
from perdure.retries import NO_RETRY, fixed

HOOKS = [name for name in vars(Plugin) if name.startswith("on_")]


class Notes:
    """A factory whose plugins write everything down; also the record of it."""

    def __init__(self) -> None:
        self.infos: list[Any] = []
        self.plugins: list[object] = []

    def create_plugin(self, info: InvocationStartInfo) -> object:
        plugin = NotingPlugin(self.infos)
        self.plugins.append(plugin)
        return plugin

    def of(self, *kinds: type[Any]) -> list[Any]:
        return [info for info in self.infos if type(info) in kinds]

    def said(self) -> list[str]:
        """All of it in short, but for changes."""
        return [_short(info) for info in self.infos if not isinstance(info, OperationChangeInfo)]


class NotingPlugin:
    """Not even a `Plugin`: it only has the hooks."""

    def __init__(self, infos: list[Any]) -> None:
        self.on_invocation_start = infos.append
        self.on_operation_start = infos.append
        self.on_user_function_start = infos.append
        self.on_user_function_end = infos.append
        self.on_operation_change = infos.append
        self.on_operation_end = infos.append
        self.on_invocation_end = infos.append


def _short(info: Any) -> str:
    match info:
        case InvocationEndInfo():
            return f"invocation {info.status}"
        case InvocationStartInfo():
            return f"invocation first={info.is_first_invocation}"
        case UserFunctionEndInfo():
            return f"body of {info.name} {info.attempt} {info.outcome}"
        case UserFunctionStartInfo():
            return f"body of {info.name} {info.attempt}"
        case OperationEndInfo():
            return f"{info.name} {info.status}"
        case _:
            assert isinstance(info, OperationStartInfo)
            return f"{info.name} starts{' again' if info.is_replayed else ''}"


def refuse() -> None:
    raise ValueError("no")


def test_a_step_and_a_wait(world: World, make_handler: MakeHandler) -> None:
    async def program(event: Any, ctx: Context) -> object:
        value = await ctx.step(lambda: "x", name="greet")
        await ctx.wait(2, name="pause")
        return value

    notes = Notes()
    world.run(make_handler(program, plugins=[notes]), {"n": 1})
    assert notes.said() == [
        "invocation first=True",
        "greet starts",
        "body of greet 1",
        "body of greet 1 SUCCEEDED",
        "greet SUCCEEDED",
        "pause starts",
        "invocation PENDING",
        "invocation first=False",
        "pause SUCCEEDED",
        "invocation SUCCEEDED",
    ]
    first, second = notes.of(InvocationStartInfo)
    assert first.execution_arn == world.arn
    assert (first.request_id, first.execution_input) == (
        "11111111-2222-3333-4444-555555555555",
        '{"n": 1}',
    )
    assert first.execution_start_time.tzinfo is not None
    assert list(first.updated_operations) == []
    assert list(second.updated_operations) == [operation_id(2)]
    assert list(second.operations)[1:] == [operation_id(1), operation_id(2)]
    _, end = notes.of(InvocationEndInfo)
    assert (end.is_first_invocation, end.execution_result, end.error) == (False, '"x"', None)
    greet, pause = notes.of(OperationEndInfo)
    assert (greet.result, greet.error, greet.attempt, greet.is_replayed) == ('"x"', None, 1, False)
    assert (pause.operation_type, pause.sub_type, pause.is_replayed) == ("WAIT", "Wait", True)
    assert pause.start_time < pause.end_time
    assert len(notes.plugins) == 2
    assert notes.plugins[0] is not notes.plugins[1]


def test_attempts(world: World, make_handler: MakeHandler) -> None:
    tries: list[int] = []

    def flaky() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "ok"

    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(flaky, name="flaky", retry=fixed(1))

    notes = Notes()
    world.run(make_handler(program, plugins=[notes]))
    assert notes.said() == [
        "invocation first=True",
        "flaky starts",
        "body of flaky 1",
        "body of flaky 1 FAILED",
        "invocation PENDING",
        "invocation first=False",
        "flaky starts again",
        "body of flaky 2",
        "body of flaky 2 SUCCEEDED",
        "flaky SUCCEEDED",
        "invocation SUCCEEDED",
    ]
    failed, succeeded = notes.of(UserFunctionEndInfo)
    assert failed.error.error_message == "not yet"
    assert succeeded.error is None
    assert failed.start_time <= failed.end_time
    (end,) = notes.of(OperationEndInfo)
    # The service keeps the error of the first attempt; it is none of the operation.
    assert (end.attempt, end.error, end.result) == (2, None, '"ok"')


def test_a_step_that_fails_for_good(world: World, make_handler: MakeHandler) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(refuse, name="refuse", retry=NO_RETRY)

    notes = Notes()
    world.run(make_handler(program, plugins=[notes]))
    assert notes.said()[2:] == [
        "body of refuse 1",
        "body of refuse 1 FAILED",
        "refuse FAILED",
        "invocation FAILED",
    ]
    (end,) = notes.of(OperationEndInfo)
    assert (end.result, end.error.error_message) == (None, "no")
    (over,) = notes.of(InvocationEndInfo)
    assert (over.execution_result, over.error.error_message) == (None, "no")


def test_branches_and_what_is_still_open(world: World, make_handler: MakeHandler) -> None:
    async def branch(ctx: Context, item: str, index: int) -> str:
        await ctx.wait(2 if item == "short" else 8, name=item)
        return f"{item}-done"

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.map(["short", "long"], branch, name="waits")).results

    notes = Notes()
    run = world.run(make_handler(program, plugins=[notes]))
    assert run.result == ["short-done", "long-done"]
    starts = [each for each in notes.of(OperationStartInfo) if each.operation_type == "WAIT"]
    assert sorted((each.name, each.is_replayed, each.end_time) for each in starts) == [
        ("long", False, None),
        ("long", True, None),
        ("short", False, None),
    ]
    ends = [(each.name, each.status) for each in notes.of(OperationEndInfo)]
    assert sorted(ends) == [
        ("long", "SUCCEEDED"),
        ("map-item-0", "SUCCEEDED"),
        ("map-item-1", "SUCCEEDED"),
        ("short", "SUCCEEDED"),
        ("waits", "SUCCEEDED"),
    ]
    bodies = notes.of(UserFunctionEndInfo)
    assert {each.parent_id for each in bodies} == {operation_id(1)}
    assert {each.attempt for each in bodies} == {1}
    assert {each.operation_type for each in bodies} == {OperationType.CONTEXT}
    assert [each.outcome for each in bodies if each.name == "map-item-0"] == [
        UserFunctionOutcome.INCOMPLETE,
        UserFunctionOutcome.SUCCEEDED,
    ]


def test_changes(world: World, make_handler: MakeHandler) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(lambda: 1, name="one")

    notes = Notes()
    world.run(make_handler(program, plugins=[notes]))
    (change,) = notes.of(OperationChangeInfo)
    assert [each.status for each in change.updated_operations.values()] == ["SUCCEEDED"]
    assert operation_id(1) in change.operations
    assert change.execution_arn == world.arn


class Faulty:
    """A factory of plugins that raise in every hook."""

    def create_plugin(self, info: InvocationStartInfo) -> object:
        def fails(info: object) -> None:
            raise RuntimeError("a fault")

        return type("FaultyPlugin", (), dict.fromkeys(HOOKS, staticmethod(fails)))()


class Fails:
    """A factory that cannot make any."""

    def create_plugin(self, info: InvocationStartInfo) -> object:
        raise RuntimeError("no plugin")


class AsyncHooks(Plugin):
    async def on_invocation_start(self, info: InvocationStartInfo) -> None:  # type: ignore[override]  # pyright: ignore  # the mistake
        raise AssertionError("it is never run")

    def create_plugin(self, info: InvocationStartInfo) -> object:
        return self


def test_a_faulty_plugin_disturbs_nobody(
    world: World, make_handler: MakeHandler, caplog: pytest.LogCaptureFixture
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await ctx.step(lambda: 1, name="one")

    notes = Notes()
    factories = [Faulty(), Fails(), AsyncHooks(), notes]
    run = world.run(make_handler(program, plugins=factories))
    assert run.status == "SUCCEEDED"
    assert len(notes.said()) == 6
    logged = [each for each in caplog.records if each.name == "perdure.plugins"]
    assert {each.levelno for each in logged} == {logging.ERROR}
    assert len(logged) == len(HOOKS) + 2


class Tracing(Plugin):
    """Passes a trace header on."""

    def __init__(self, metadata: Any) -> None:
        self.metadata = metadata

    def create_plugin(self, info: InvocationStartInfo) -> Plugin:
        return self

    def provide_propagation_metadata(self, info: OperationStartInfo) -> Mapping[str, str] | None:
        assert info.operation_type is OperationType.CHAINED_INVOKE
        return self.metadata  # type: ignore[no-any-return]  # anything, on purpose


@pytest.mark.parametrize(
    ("given", "own", "sent"),
    [
        ([{"X-Amzn-Trace-Id": "Root=1"}], None, "Root=1"),
        ([None, "no mapping", {"other": "x"}, {"x-amzn-trace-id": "Root=2"}], None, "Root=2"),
        ([{"X-Amzn-Trace-Id": "Root=1"}], "Root=own", "Root=own"),
        ([None], None, None),
    ],
)
def test_the_trace_goes_on(
    world: World, make_handler: MakeHandler, given: list[Any], own: str | None, sent: str | None
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await ctx.invoke("other", name="call", trace_id=own)

    world.event()
    handler = make_handler(program, plugins=[Tracing(each) for each in given])
    handler(world.event(), None)
    (update,) = [update for request in world.requests for update in request.updates]
    assert update["ChainedInvokeOptions"].get("XAmznTraceId") == sent
