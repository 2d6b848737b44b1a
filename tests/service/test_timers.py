"""Timers and deadlines against the plainest thing that could do the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perdure.service.timers import TimerKey, TimerKind, Timers
from service.world import World, wait

OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("arm"), st.integers(0, 5), st.integers(0, 20)),
        st.tuples(st.just("disarm"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("pop"), st.just(0), st.just(0)),
    ),
    max_size=200,
)


@given(OPERATIONS)
def test_timers_fire_in_order(operations: list[tuple[str, int, int]]) -> None:
    timers = Timers()
    plain: dict[TimerKey, tuple[float, int]] = {}
    for count, (what, who, due) in enumerate(operations):
        key = (str(who), TimerKind.WAIT_END)
        if what == "arm":
            timers.arm(key, due)
            plain[key] = (due, count)
        elif what == "disarm":
            timers.disarm(key)
            plain.pop(key, None)
        earliest = min(plain, key=lambda k: plain[k], default=None)
        assert timers.next_due() == (None if earliest is None else plain[earliest][0])
        if what == "pop" and earliest is not None:
            assert timers.pop() == earliest
            del plain[earliest]


def test_a_timer_that_is_armed_again_and_again_is_due_once() -> None:
    timers = Timers()
    for due in range(10_000):
        timers.arm(("heartbeat", TimerKind.WAIT_END), due)
    assert timers.next_due() == 9_999
    timers.arm(("other", TimerKind.STEP_RETRY), 1)
    assert timers.next_due() == 1
    timers.clear()
    assert timers.next_due() is None


def test_a_service_finds_the_earliest_deadline_of_many() -> None:
    world = World()
    due_at: dict[int, str] = {}
    for number in range(20):
        handler = world.begun()
        second = 1 + (number * 7) % 20
        due_at[second] = handler.sent.arn
        handler.checkpoint(wait(second), wait(40, "last"))
        handler.suspends()
    for second in range(1, 21):
        assert world.jump() == 1
        handler = world.invoked()
        assert handler.sent.arn == due_at[second]
        handler.suspends()
    assert world.jump() == 20
    assert {world.invoked().sent.arn for _ in range(20)} == set(due_at.values())
    assert world.is_quiet()


def test_deadlines_that_moved_are_forgotten() -> None:
    world = World()
    first = world.begun(timeout_seconds=10)
    second = world.begun(timeout_seconds=30)
    first.checkpoint(wait(5))
    first.succeeds()
    assert world.jump() == 30
    assert world.shown()["Status"] == "TIMED_OUT"
    second.suspends()
    assert world.service.next_deadline() is None
