"""Which flows move, and when the invocation is stuck."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from core.transcript import ARN, NOW, execution, wait
from perdure.errors import ServiceError
from perdure.flows import Flows, Parking
from perdure.models.checkpoint import CheckpointResponse, StatePage
from perdure.models.decode import decode_page
from perdure.models.enums import OperationAction, OperationType
from perdure.models.update import OperationUpdate
from perdure.state import ExecutionState

END: Final = NOW + 60
UPDATE: Final = OperationUpdate("c1", OperationType.CONTEXT, OperationAction.START)


def opened() -> tuple[ExecutionState, Flows[str]]:
    page = decode_page({"Operations": [execution(), wait("STARTED", "w1"), wait("STARTED", "w2")]})
    state = ExecutionState(ARN, "t0", page)
    return state, Flows(state)


def answer(state: ExecutionState, *changed: str, now: float = NOW) -> None:
    """Let the service answer the request that is due, with some waits that are over."""
    assert state.next_request(now) is not None
    page = decode_page({"Operations": [wait("SUCCEEDED", each) for each in changed]})
    state.receive(CheckpointResponse(page, "t"), now)


def test_it_is_stuck_once_no_flow_moves() -> None:
    _, flows = opened()
    flows.begin()
    flows.park(("w1",), None, "a")
    assert not flows.is_stuck()
    parked = flows.park(("w2",), None, "b")
    assert flows.is_stuck()
    flows.unpark(parked)
    assert not flows.is_stuck()
    flows.unpark(parked)
    flows.end()
    assert flows.is_stuck()


def test_it_is_not_stuck_while_an_answer_may_wake_a_flow() -> None:
    state, flows = opened()
    state.checkpoint(UPDATE, sync=False)
    assert state.next_request(NOW) is None, "nobody waits for it"
    flows.park(("w1",), None, "a")
    assert not flows.is_stuck()
    answer(state, "w1")
    assert [parking.waiter for parking in flows.changed(NOW)] == ["a"]
    assert not flows.is_stuck()


def test_it_is_stuck_once_no_answer_will_come() -> None:
    state, flows = opened()
    state.checkpoint(UPDATE)
    flows.park(("w1",), None, "a")
    assert state.next_request(NOW) is not None
    assert not flows.is_stuck()
    state.receive(CheckpointResponse(StatePage(), None), NOW)
    assert flows.is_stuck(), "the service withdrew the right to write"

    state, flows = opened()
    state.checkpoint(UPDATE)
    flows.park(("w1",), None, "a")
    state.fail(ServiceError("gone"))
    assert flows.is_stuck()


def test_an_answer_wakes_whoever_waits_for_what_it_changed() -> None:
    state, flows = opened()
    first = flows.park(("w1",), None, "first")
    flows.begin()
    both = flows.park(("w1", "w2"), None, "both")
    flows.begin()
    flows.park(("w2",), None, "second")
    state.poll()
    answer(state, "w1")
    assert list(flows.changed(NOW)) == [first, both]
    assert not first.is_parked
    assert list(flows.changed(NOW)) == []
    assert [parking.waiter for parking in flows.all_parked()] == ["second"]
    assert list(flows.all_parked()) == []


def test_a_flow_that_waits_for_several_operations_is_woken_once() -> None:
    state, flows = opened()
    both = flows.park(("w1", "w2"), None, "both")
    assert list(flows.all_parked()) == [both]
    both = flows.park(("w1", "w2"), None, "both")
    state.poll()
    answer(state, "w1", "w2")
    assert list(flows.changed(NOW)) == [both]


def test_at_its_time_the_service_is_asked_and_asked_again() -> None:
    state, flows = opened()
    flows.begin()
    parked = flows.park(("w1",), END, "a")
    gone = flows.park(("w2",), END, "b")
    flows.unpark(gone)
    assert state.next_deadline() == END
    state.handle_timer(END)
    answer(state, now=END)
    assert list(flows.changed(END)) == []
    assert state.next_deadline() == END + 0.25
    state.handle_timer(END + 0.25)
    answer(state, "w1", now=END + 0.25)
    assert list(flows.changed(END + 0.25)) == [parked]
    assert state.next_deadline() is None


@given(st.data())
def test_it_is_stuck_exactly_if_no_flow_moves(data: st.DataObject) -> None:
    state, flows = opened()
    moving, parked = 1, list[Parking[str]]()
    for _ in range(data.draw(st.integers(0, 12))):
        choices = ["begin"]
        choices += ["end", "park"] if moving else []
        choices += ["unpark", "answer"] if parked else []
        match data.draw(st.sampled_from(choices)):
            case "begin":
                flows.begin()
                moving += 1
            case "end":
                flows.end()
                moving -= 1
            case "park":
                parked.append(flows.park((data.draw(st.sampled_from(["w1", "w2"])),), None, ""))
                moving -= 1
            case "unpark":
                flows.unpark(parked.pop())
                moving += 1
            case _:
                state.poll()
                answer(state, "w1")
                woken = [each for each in parked if each.ids == ("w1",)]
                assert list(flows.changed(NOW)) == woken
                parked = [each for each in parked if each not in woken]
                moving += len(woken)
        assert flows.is_stuck() == (moving == 0)
        assert all(each.is_parked for each in parked)
