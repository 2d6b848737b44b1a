"""Time, chance and combinations on the tiny loop: made once, and the same ever after."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

import pytest

from core.flowing import Flowing, TinyContext
from core.transcript import NOW
from perdure.errors import ValidationError
from perdure.sources import Sources


def test_what_no_replay_can_make_again_is_a_step() -> None:
    draws = count(1)

    async def program(ctx: TinyContext) -> list[str]:
        drawing = TinyContext(flowing.execution)
        drawing.sources = Sources(
            lambda: NOW, lambda: 1 / next(draws), lambda: UUID(int=next(draws))
        )
        values = [await drawing.now(), await drawing.random(), await drawing.uuid()]
        return [str(value) for value in values]

    flowing = Flowing()
    flowing.run(program)
    assert flowing.result == [
        "2023-11-14 22:13:20+00:00",
        "1.0",
        "00000000-0000-0000-0000-000000000002",
    ]
    assert [each for each in flowing.flat if "START" in each] == [
        "now START",
        "random START",
        "uuid START",
    ]
    flowing, first = Flowing(flowing.service.later()), flowing
    flowing.run(program)
    assert (flowing.result, flowing.updates) == (first.result, [])


def test_combinations_of_what_cannot_be_combined() -> None:
    async def program(ctx: TinyContext) -> None:
        bad: Any = ctx
        with pytest.raises(ValidationError, match="at least one"):
            ctx.race()
        with pytest.raises(ValidationError, match="operations are combined, not int"):
            bad.gather(7)
        twice = ctx.step(lambda: 1)
        with pytest.raises(ValidationError, match="combined once"):
            ctx.gather(twice, twice)
        foreign = ctx.open("a", None).step(lambda: 1)
        with pytest.raises(ValidationError, match="the context it was called on"):
            ctx.gather(foreign)
        await twice
        await foreign

    assert Flowing().run(program).output.status == "SUCCEEDED"
