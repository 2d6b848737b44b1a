"""Who waits for which ticket, and who may go on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.transcript import Answer, Play
from perdure.errors import ServiceError
from perdure.outbox import Ticket
from perdure.waiters import Waiters


def test_nobody_goes_on_before_the_answer() -> None:
    play, waiters = Play(), Waiters[str]()
    ticket = play.state.poll()
    waiters.add(ticket, "a")
    assert list(waiters.settled(play.state)) == []


@given(st.lists(st.integers(0, 4), max_size=12))
def test_those_go_on_whose_ticket_is_durable_first_ticket_first(tickets: list[int]) -> None:
    play, waiters = Play(), Waiters[tuple[int, int]]()
    play.do(play.context.step(lambda: 1))
    for place, ticket in enumerate(tickets):
        waiters.add(Ticket(ticket), (ticket, place))
    durable = [(ticket, place) for place, ticket in enumerate(tickets) if ticket <= 2]
    assert list(waiters.settled(play.state)) == sorted(durable)
    assert list(waiters.settled(play.state)) == []


@pytest.mark.parametrize("answer", [Answer(revoked=True), Answer(error=ServiceError("no"))])
def test_everybody_is_told_when_nothing_will_be_durable_any_more(answer: Answer) -> None:
    play, waiters = Play(answers=[answer]), Waiters[Any]()
    for ticket in (7, 5, 5):
        waiters.add(Ticket(ticket), object())
    with pytest.raises(BaseException):  # noqa: B017, PT011  # Suspended or ServiceError
        play.do(play.context.step(lambda: 1))
    assert len(list(waiters.settled(play.state))) == 3
