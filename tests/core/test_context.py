"""Contexts: names, ids, arguments and ownership, before anything is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.transcript import ARN, FIRST, NOW, SECOND, Context, Play, Wire, step, wait
from perdure.errors import (
    Closed,
    ConcurrencyError,
    LocalProtocolError,
    Suspended,
    ValidationError,
)
from perdure.ids import operation_id
from perdure.models.decode import decode_page
from perdure.operations.wait import whole_seconds
from perdure.outcome import Succeeded
from perdure.state import ExecutionState

# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "order 7", "~!@ []", "x" * 256])
def test_a_name_travels_as_it_is(name: str) -> None:
    play = Play()
    play.do(play.context.step(lambda: 1, name=name))
    assert [each["Name"] for each in play.updates[0]] == [name, name]


@pytest.mark.parametrize("name", ["", None])
def test_no_name_is_no_member(name: str | None) -> None:
    play = Play(news=[[wait("SUCCEEDED", SECOND)]])
    play.do(play.context.step(lambda: 1, name=name))
    play.do(play.context.wait(1, name))
    assert all("Name" not in each for sent in play.updates for each in sent)


@pytest.mark.parametrize("name", ["é", "a\nb", "a\n", "\x7f", "\t", "漢", "x" * 257])
@pytest.mark.parametrize("kind", ["step", "wait"])
def test_other_names_are_refused_and_take_no_place(name: str, kind: str) -> None:
    play = Play()
    with pytest.raises(ValidationError, match="1 to 256 printable ASCII") as raised:
        _ = (
            play.context.step(lambda: 1, name=name)
            if kind == "step"
            else play.context.wait(1, name)
        )
    assert repr(name) in str(raised.value)
    play.do(play.context.step(lambda: 1))
    assert play.updates[0][0]["Id"] == FIRST


@pytest.mark.parametrize("name", [5, b"order", ["a"]])
def test_a_name_is_a_text(name: Any) -> None:
    with pytest.raises(ValidationError, match=f"a name is a text, not {type(name).__name__}"):
        _ = Play().context.step(lambda: 1, name=name)


# -- arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        (1, 1),
        (60, 60),
        (31_622_400, 31_622_400),
        (timedelta(seconds=1), 1),
        (timedelta(days=366), 31_622_400),
        (timedelta(minutes=1, seconds=30), 90),
    ],
)
def test_a_wait_is_whole_seconds(duration: int | timedelta, seconds: int) -> None:
    assert whole_seconds(duration) == seconds


@pytest.mark.parametrize(
    ("duration", "message"),
    [
        (0, "a wait lasts 1 to 31622400 seconds, not 0"),
        (-1, "not -1"),
        (31_622_401, "not 31622401"),
        (timedelta(0), "not 0"),
        (timedelta(days=367), "not 31708800"),
        (timedelta(seconds=1.5), "a wait takes whole seconds, not 0:00:01.500000"),
        (timedelta(microseconds=1), "not 0:00:00.000001"),
        (1.0, "a wait takes whole seconds or a timedelta, not 1.0"),
        (True, "not True"),
        ("5", "not '5'"),
        (None, "not None"),
    ],
)
def test_every_other_wait_is_refused_and_takes_no_place(duration: Any, message: str) -> None:
    play = Play()
    with pytest.raises(ValidationError) as raised:
        _ = play.context.wait(duration)
    assert str(raised.value).endswith(message)
    play.do(play.context.step(lambda: 1))
    assert play.updates[0][0]["Id"] == FIRST


def test_a_step_takes_a_function() -> None:
    play = Play()
    not_a_function: Any = "print"
    with pytest.raises(ValidationError, match="a step takes a function, not str"):
        _ = play.context.step(not_a_function)
    play.do(play.context.step(lambda: 1))
    assert play.updates[0][0]["Id"] == FIRST


# -- ids -----------------------------------------------------------------------------------


def test_ids_are_those_of_the_official_sdk() -> None:
    play = Play()
    for _ in range(3):
        play.do(play.context.step(lambda: 1))
    assert [sent[0]["Id"] for sent in play.updates] == [
        "1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d792cc1c7d1775a97",
        "c5faca15ac2f93578b39ef4b6bbb871bdedce4ddd584fd31f0bb66fade3947e6",
        "6f760b9e9eac89f07ab0223b0f4acb04d1e355d893a1b86a83f4d4b405adee99",
    ]


def test_the_operations_of_a_child_context_name_their_parent() -> None:
    parent: Wire = {
        "Id": FIRST,
        "Type": "CONTEXT",
        "SubType": "RunInChildContext",
        "Status": "STARTED",
        "StartTimestamp": NOW,
    }
    play = Play([parent])
    child = Context(play.state, flow=lambda: 1, draw=float, prefix=FIRST, parent_id=FIRST)
    play.do(child.step(lambda: 1))
    first = play.updates[0][0]
    assert (first["Id"], first["ParentId"]) == (operation_id(1, FIRST), FIRST)
    assert not child.is_replaying()


def test_a_context_without_a_place_on_the_wire_gives_ids_all_the_same() -> None:
    play = Play()
    virtual = Context(play.state, flow=lambda: 1, draw=float, prefix=FIRST, parent_id=None)
    play.do(virtual.step(lambda: 1))
    first = play.updates[0][0]
    assert (first["Id"], "ParentId" in first) == (operation_id(1, FIRST), False)


# -- replay --------------------------------------------------------------------------------


def test_a_context_replays_until_it_reaches_what_is_not_recorded() -> None:
    play = Play([step("SUCCEEDED", Result="1")])
    told = [play.context.is_replaying()]
    play.do(play.context.step(lambda: 1))
    told.append(play.context.is_replaying())
    play.do(play.context.step(lambda: 2))
    told.append(play.context.is_replaying())
    assert told == [True, True, False]


def test_nothing_recorded_is_no_replay() -> None:
    play = Play()
    assert not play.context.is_replaying()
    assert play.context.state is play.state


# -- ownership -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["step", "wait"])
def test_another_flow_is_refused_and_takes_no_place(kind: str) -> None:
    play = Play()
    play.flow = "a foreign task"
    with pytest.raises(ConcurrencyError, match="a task or thread that does not own it"):
        _ = play.context.step(lambda: 1) if kind == "step" else play.context.wait(1)
    play.flow = "the owner"
    play.do(play.context.step(lambda: 1))
    assert play.updates[0][0]["Id"] == FIRST


# -- after the end -------------------------------------------------------------------------


def test_a_suspended_invocation_takes_no_call() -> None:
    play = Play()
    play.state.suspend()
    with pytest.raises(Suspended):
        _ = play.context.step(lambda: 1)


def test_a_closed_invocation_takes_no_call() -> None:
    play = Play()
    play.state.close(Succeeded("1"))
    with pytest.raises(Closed, match="the invocation is over"):
        _ = play.context.wait(1)


def test_a_state_that_misses_pages_takes_no_call() -> None:
    page = decode_page({"Operations": [], "NextMarker": "more"})
    context = Context(ExecutionState(ARN, "t0", page), flow=lambda: 1, draw=float)
    with pytest.raises(LocalProtocolError, match="load all pages"):
        _ = context.wait(1)


def test_where_no_code_of_a_context_runs_a_context_is_its_own() -> None:
    play = Play()
    assert play.context.here() is play.context


def test_a_context_that_is_busy_refuses_another_operation() -> None:
    play = Play()
    play.context.enter()
    with pytest.raises(ConcurrencyError):
        play.context.enter()
    play.context.leave()
    play.context.enter()
