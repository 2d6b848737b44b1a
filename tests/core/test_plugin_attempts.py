"""The attempt that plugins are told of: the same in the run that begins and in every replay."""

from __future__ import annotations

from collections import defaultdict

from core.flowing import Flowing, Program, TinyContext
from core.test_plugins import Notes, handler
from perdure.models.enums import OperationType
from perdure.plugins import (
    InvocationEndInfo,
    OperationEndInfo,
    OperationStartInfo,
    UserFunctionEndInfo,
    UserFunctionStartInfo,
)
from perdure.retries import fixed

Told = OperationStartInfo | OperationEndInfo | UserFunctionStartInfo | UserFunctionEndInfo


def watched(flowing: Flowing) -> Notes:
    notes = Notes()
    handler(notes).report(flowing.state, None, lambda: flowing.loop.now)
    return notes


def invocations(program: Program) -> list[list[Told]]:
    """What plugins are told in each invocation of an execution, but for its ends."""
    told: list[list[Told]] = []
    flowing = Flowing()
    while True:
        notes = watched(flowing)
        flowing.run(program)
        told.append([info for info in notes.infos if not isinstance(info, InvocationEndInfo)])
        if flowing.output.status != "PENDING":
            assert flowing.output.status == "SUCCEEDED"
            return told
        recorded = flowing.service.later()
        flowing = Flowing(recorded)
        # As the service says it: what waited has been moved.
        flowing.state.updated_operation_ids = tuple(each["Id"] for each in recorded)


def test_a_context_is_always_at_its_first_attempt() -> None:
    """It was 1 in the first run and none in a replay: no plugin could count by it."""

    async def waits(ctx: TinyContext) -> str:
        await ctx.wait(5)
        return "x" * 300_000

    async def item(ctx: TinyContext, item: int, index: int) -> int:
        await ctx.wait(item)
        return item

    async def program(ctx: TinyContext) -> None:
        # Too large to be recorded, it runs again in every later invocation.
        await ctx.run_in_child_context(waits, name="large")
        await ctx.with_retry(waits, name="retried")
        await ctx.map([5, 6], item, name="map", max_concurrency=1)
        await ctx.parallel(waits, name="parallel")
        await ctx.wait(5)

    told = invocations(program)
    assert len(told) == 7
    kinds: defaultdict[str | None, set[type[Told]]] = defaultdict(set)
    for infos in told:
        for info in infos:
            assert (info.name, info.attempt) == (info.name, 1)
            kinds[info.name].add(type(info))
    whole = {OperationStartInfo, UserFunctionStartInfo, UserFunctionEndInfo, OperationEndInfo}
    for name in ("large", "retried", "map-item-0", "map-item-1", "parallel-branch-0"):
        assert kinds[name] == whole
    # They went on in later invocations, one of them over its children.
    later = [
        info for infos in told[1:] for info in infos if isinstance(info, UserFunctionStartInfo)
    ]
    assert {info.name for info in later} >= {"large", "retried", "map-item-0", "map-item-1"}
    assert any(info.is_replay_children for info in later)
    assert {info.operation_type for info in later} == {OperationType.CONTEXT}


def test_a_step_counts_its_attempts_alike_in_all_it_is_told_by() -> None:
    """The body of a later attempt, begun in another invocation, was the first one again."""
    failures: list[int] = []

    def flaky() -> str:
        failures.append(1)
        if len(failures) < 3:
            raise ValueError("not yet")
        return "ok"

    async def program(ctx: TinyContext) -> None:
        await ctx.step(flaky, name="flaky", retry=fixed(5, max_attempts=5))

    told = invocations(program)
    counted = [[(type(info), info.attempt) for info in infos] for infos in told]
    assert counted == [
        [
            (OperationStartInfo, 1),
            (UserFunctionStartInfo, 1),
            (UserFunctionEndInfo, 1),
        ],
        [
            (OperationStartInfo, 2),
            (UserFunctionStartInfo, 2),
            (UserFunctionEndInfo, 2),
        ],
        [
            (OperationStartInfo, 3),
            (UserFunctionStartInfo, 3),
            (UserFunctionEndInfo, 3),
            (OperationEndInfo, 3),
        ],
    ]
