"""Results that are pydantic models, explicitly or by the annotation of a function."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from core.flowing import Flowing, TinyContext
from perdure import serdes as codec
from perdure.errors import SerDesError, StepError
from perdure.pydantic_serdes import PydanticSerDes, serdes_for
from perdure.retries import NO_RETRY
from perdure.serdes import JSON, TAGGED
from perdure.sources import Sources


class Line(BaseModel):
    item: str
    count: int = 1


class Order(BaseModel):
    number: int = Field(alias="orderNumber")
    due: date
    lines: list[Line] = []


ORDER = Order(orderNumber=7, due=date(2026, 1, 2), lines=[Line(item="tea")])
TEXT = '{"orderNumber":7,"due":"2026-01-02","lines":[{"item":"tea","count":1}]}'


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Order, ORDER, TEXT),
        (list[Order], [ORDER], f"[{TEXT}]"),
        (Order | None, None, "null"),
        (dict[str, Line], {"a": Line(item="b")}, '{"a":{"item":"b","count":1}}'),
    ],
)
def test_a_model_is_recorded_as_its_json(kind: Any, value: object, text: str) -> None:
    serdes = PydanticSerDes(kind)
    assert codec.encode(serdes, value) == text
    assert codec.decode(serdes, text) == value


@pytest.mark.parametrize("value", [{"number": 7}, Line(item="x"), "text"])
def test_a_value_of_another_kind_is_refused(value: object) -> None:
    serdes = PydanticSerDes(Order)
    with pytest.raises(SerDesError, match=r"cannot (en|de)code"):
        codec.decode(serdes, codec.encode(serdes, value))


def test_a_record_of_another_kind_is_refused() -> None:
    with pytest.raises(SerDesError, match="cannot decode"):
        codec.decode(PydanticSerDes(Order), '{"orderNumber":"x"}')


def one() -> Order:
    return ORDER


async def later() -> Order | None:
    return ORDER


def many() -> list[Order]:
    return [ORDER]


def number() -> int:
    return 1


def numbers() -> list[int]:
    return [1]


def nothing() -> None:
    return None


def unknown() -> Any:
    raise NotImplementedError


unknown.__annotations__["return"] = "ForCheckersOnly"


@pytest.mark.parametrize("func", [one, later, many])
def test_an_annotation_that_holds_a_model_counts(func: Any) -> None:
    assert isinstance(serdes_for(func, TAGGED), PydanticSerDes)
    assert serdes_for(func, TAGGED) is serdes_for(func, TAGGED)
    assert serdes_for(func, JSON) is JSON


@pytest.mark.parametrize("func", [number, numbers, nothing, unknown, partial(one), lambda: 1, len])
def test_other_functions_keep_the_default(func: Any) -> None:
    assert serdes_for(func, TAGGED) is TAGGED


def test_a_step_returns_the_model_on_every_run() -> None:
    seen: list[object] = []

    async def program(ctx: TinyContext) -> object:
        seen.append(await ctx.step(one, name="order"))
        seen.append(await ctx.step(lambda: ORDER, serdes=PydanticSerDes(Order)))
        await ctx.wait(5)
        return "done"

    play = Flowing().run(program)
    assert play.sent("order", "SUCCEED")["Payload"] == TEXT
    assert play.again(program).result == "done"
    assert seen == [ORDER] * 4


def test_a_model_that_does_not_come_back_fails_before_it_is_recorded() -> None:
    class OneWay(BaseModel):
        amount: int = Field(serialization_alias="sum")

    async def program(ctx: TinyContext) -> object:
        with pytest.raises((StepError, SerDesError), match="cannot decode"):
            await ctx.step(lambda: OneWay(amount=1), serdes=PydanticSerDes(OneWay), retry=NO_RETRY)
        return "refused"

    assert Flowing().run(program).result == "refused"


def test_without_pydantic_nothing_imports_it() -> None:
    source = (
        "import sys\n"
        "from perdure.pydantic_serdes import serdes_for\n"
        "from perdure.serdes import TAGGED\n"
        "def f() -> int: ...\n"
        "assert serdes_for(f, TAGGED) is TAGGED\n"
        "print('pydantic' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "core"},
    )
    assert done.stdout == "False\n"


def test_the_time_is_in_utc() -> None:
    sources = Sources(lambda: 1.5, lambda: 0.5, lambda: UUID(int=7))
    assert sources.now() == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
