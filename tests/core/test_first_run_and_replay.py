"""What a step returns or raises is the same on its first run and on every replay."""

from __future__ import annotations

from typing import Final

import pytest

from core.transcript import (
    Counted,
    Play,
    outcome,
)
from perdure.errors import (
    OperationError,
    SerDesError,
    StepError,
)
from perdure.operations.step import StepConfig, StepSemantics
from perdure.retries import NO_RETRY, fixed

MOST_ONCE: Final = StepConfig(fixed(7), StepSemantics.AT_MOST_ONCE)
LEAST_ONCE: Final = StepConfig(fixed(7), StepSemantics.AT_LEAST_ONCE)
BOTH: Final = pytest.mark.parametrize("config", [LEAST_ONCE, MOST_ONCE], ids=["least", "most"])


class Refused(Exception):
    """What a body raises."""


@pytest.mark.parametrize(
    "value",
    [None, 1, 1.5, "é", [1, "a"], (1, "a"), {"a": (1, 2)}, {1: "a"}, b"x", [[1], (2,)]],
    ids=repr,
)
@BOTH
def test_the_first_run_returns_what_every_replay_returns(value: object, config: StepConfig) -> None:
    first = Play()
    returned = first.do(first.context.step(lambda: value, config=config))
    replay = Play(first.later())
    repeated = replay.do(replay.context.step(Counted(), config=config))
    assert (repeated, type(repeated)) == (returned, type(returned))
    assert replay.requests == []


@pytest.mark.parametrize(
    "raised",
    [
        Refused("no"),
        ValueError(""),
        StepError("inner", "x.Y", "data", ("line",)),
        SerDesError("cannot"),
        OperationError(None),
        KeyError("k"),
    ],
    ids=repr,
)
def test_the_first_run_raises_what_every_replay_raises(raised: Exception) -> None:
    def body() -> None:
        raise raised

    config = StepConfig(NO_RETRY)
    first = Play()
    got = outcome(first, first.context.step(body, config=config))
    replay = Play(first.later())
    again = outcome(replay, replay.context.step(body, config=config))
    assert isinstance(got, OperationError)
    assert isinstance(again, OperationError)
    facts = [
        (type(each), str(each), each.message, each.error_type, each.data, each.stack_trace)
        for each in (got, again)
    ]
    assert facts[0] == facts[1]
    assert got.__cause__ is raised
    assert replay.requests == []
