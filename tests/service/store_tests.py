"""What every store has to let a service do: end at any moment, and go on where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from perdure.service import Service, ServiceFault, ServicePolicy
from perdure.service.store import Store
from service.world import (
    FUNCTIONS,
    STALE,
    Handler,
    World,
    callback,
    cancel,
    chained,
    context,
    ending,
    step,
    wait,
)


@dataclass
class Place:
    """Where the store is: `open_store` opens it, and closes it first if it is open."""

    open_store: Callable[[], Store]
    policy: ServicePolicy = field(default_factory=ServicePolicy)

    def world(self, now: float | None = None) -> World:
        """A service that works with the store, in a process of its own as it were."""
        service = Service(policy=self.policy, functions=FUNCTIONS, store=self.open_store())
        world = World(service=service)
        if now is not None:
            world.now = now
            service.handle_restart(now)
            service.handle_timer(now)
        return world

    def again(self, world: World, *, seconds: float = 1) -> World:
        """Another process goes on with it, `seconds` later."""
        after = self.world(world.now + seconds)
        after.arn = world.arn
        return after


class StoreTests:
    """Each store has a class of its own with these tests, and a fixture ``place``."""

    def test_waits_that_fell_due_are_over(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(wait(5), wait(500, "long"))
        handler.suspends()
        after = place.again(before, seconds=60)
        assert after.wire("w")["Status"] == "SUCCEEDED"
        assert after.invoked().event["UpdatedOperationIds"] == ["w"]
        assert after.wire("long")["Status"] == "STARTED"
        assert after.event_types() == [
            "ExecutionStarted",
            "WaitStarted",
            "WaitStarted",
            "InvocationCompleted",
            "WaitSucceeded",
        ]
        assert [event["EventId"] for event in after.history()] == [1, 2, 3, 4, 5]

    def test_timers_that_are_not_due_fire_in_time(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(wait(50), callback(timeout=30, heartbeat=20))
        handler.suspends()
        before.now += 10
        before.heartbeat()
        after = place.again(before, seconds=5)
        assert after.is_quiet()
        assert [after.jump(), after.jump()] == [15, 20]
        assert after.event_types(4) == ["CallbackTimedOut", "WaitSucceeded"]

    def test_an_invocation_in_flight_has_failed_and_is_repeated(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(step("START"))
        after = place.again(before)
        lost = after.history()[-1]
        assert lost["InvocationCompletedDetails"]["Error"]["Payload"] == {
            "ErrorMessage": "The service ended while this invocation was in flight",
            "ErrorType": "Runtime.ExitError",
        }
        old = Handler(after, handler.sent)
        old.token = handler.token
        assert old.refused(step("SUCCEED")) == STALE
        old.succeeds()
        assert after.history()[-1] == lost
        assert after.is_quiet()
        assert after.jump() == 5
        again = after.invoked()
        assert [operation["Id"] for operation in again.initial] == ["id-1", "s"]
        again.checkpoint(step("SUCCEED", payload="1"))
        again.succeeds()
        assert after.status == "SUCCEEDED"

    def test_failed_attempts_are_counted_over_restarts(self, place: Place) -> None:
        place.policy = ServicePolicy(invocation_attempts=3)
        world = place.world()
        world.start()
        for _ in range(3):
            world.invoked()
            world = place.again(world)
            world.pass_time(5)
        assert world.status == "FAILED"
        assert world.shown()["Error"]["ErrorType"] == "Runtime.ExitError"

    def test_what_is_owed_is_sent_in_order(self, place: Place) -> None:
        before = place.world()
        arns = [before.start() for _ in range(4)]
        before.invoked()
        after = place.again(before)
        arns.append(after.start(execution_id="later"))
        after = place.world()
        after.now = before.now + 1
        assert [after.invoked().sent.arn for _ in range(4)] == arns[1:]
        assert after.is_quiet()

    def test_a_callback_is_answered_later(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(context("START"), callback(parent="c"))
        handler.suspends()
        after = place.again(before)
        assert after.is_quiet()
        after.answer('"yes"')
        after = place.again(after)
        with pytest.raises(ServiceFault, match="closed"):
            after.answer('"no"')
        [answered] = (op for op in after.invoked().initial if op["Id"] == "cb")
        assert answered["CallbackDetails"]["Result"] == '"yes"'

    @pytest.mark.parametrize("lost", [False, True])
    def test_a_child_tells_its_caller(self, place: Place, lost: bool) -> None:
        before = place.world()
        caller = before.begun()
        caller.checkpoint(chained("child", payload="7"))
        caller.suspends()
        if lost:
            before.invoked()
        after = place.again(before)
        if lost:
            after.pass_time(5)
        child = after.invoked()
        assert child.sent.function_name == "child"
        after = place.again(after)
        after.pass_time(5)
        child = after.invoked()
        child.succeeds('"done"')
        after = place.again(after)
        assert after.wire("i")["ChainedInvokeDetails"] == {"Result": '"done"'}
        after.invoked().succeeds()
        assert after.status == "SUCCEEDED"

    def test_what_waits_for_its_caller_to_suspend_does_so_still(self, place: Place) -> None:
        before = place.world()
        caller = before.begun()
        caller.checkpoint(chained("child"), chained("plain", "p"))
        after = place.world()
        after.now, after.arn = before.now, before.arn
        assert after.is_quiet()
        assert after.service.function_call_to_send(after.now) is None
        Handler(after, caller.sent).suspends()
        assert after.invoked().sent.function_name == "child"
        assert after.called().function_name == "plain"

    def test_a_call_of_a_plain_function(self, place: Place) -> None:
        before = place.world()
        caller = before.begun()
        caller.checkpoint(chained("plain", "i1", payload="1"), chained("plain", "i2", payload="2"))
        caller.suspends()
        assert before.called().payload == "1"
        after = place.again(before)
        # Nobody knows what the first one did, and it is not made again.
        assert after.wire("i1")["Status"] == "TIMED_OUT"
        call = after.called()
        assert (call.payload, after.service.function_call_to_send(after.now)) == ("2", None)
        after.service.function_call_returned(call.call_id, "3", after.now)
        after = place.again(after)
        assert after.wire("i2")["ChainedInvokeDetails"] == {"Result": "3"}
        assert after.invoked().event["UpdatedOperationIds"] == ["i1", "i2"]

    def test_a_pause_goes_on(self, place: Place) -> None:
        before = place.world()
        handler = before.begun(timeout_seconds=100)
        handler.checkpoint(wait(5))
        handler.suspends()
        before.pause("token", reason="lunch")
        after = place.again(before, seconds=3600)
        assert after.status == "PAUSED"
        assert after.shown()["PauseDetails"]["Reason"] == "lunch"
        assert after.wire("w")["Status"] == "SUCCEEDED"
        assert after.is_quiet()
        after.resume("token")
        after = place.again(after)
        # A repeated request changes nothing.
        after.resume("token")
        assert after.status == "RUNNING"
        assert after.invoked().event["UpdatedOperationIds"] == ["w"]
        assert after.jump() == 99

    def test_a_pause_is_not_asked_for_twice(self, place: Place) -> None:
        before = place.world()
        before.start()
        before.pause("token")
        before.resume()
        after = place.again(before, seconds=60)
        after.pause("token")
        assert after.status == "RUNNING"
        after = place.again(after, seconds=900)
        after.pause("token")
        assert after.status == "PAUSED"

    def test_nothing_falls_due_once_it_has_ended(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(wait(50), callback(timeout=30, heartbeat=20))
        handler.suspends()
        before.stop()
        after = place.again(before)
        # It is looked at anew, and there is nothing left of what it waited for.
        after.delete()
        assert after.service.next_deadline() is None
        assert after.event_types()[-1] == "ExecutionStopped"

    def test_an_invocation_in_flight_goes_on_if_its_function_lives(self, place: Place) -> None:
        """No restart: the store is opened anew, and everybody else is still there."""
        before = place.world()
        handler = before.begun()
        handler.checkpoint(step("START"), wait(5), callback())
        before.pass_time(5)
        assert handler.ids() == ["w"]
        after = place.world()
        after.now, after.arn = before.now, before.arn
        same = Handler(after, handler.sent)
        same.token = handler.token
        assert same.ids(step("SUCCEED")) == ["s"]
        after.answer()
        again = place.world()
        again.now, again.arn = after.now, after.arn
        last = Handler(again, handler.sent)
        last.token = same.token
        assert last.ids() == ["cb"]
        once_more = place.world()
        once_more.now, once_more.arn = again.now, again.arn
        # Nothing is pending, but it may have decided to suspend before it was told so.
        Handler(once_more, handler.sent).suspends()
        assert once_more.invoked().event["UpdatedOperationIds"] == []
        assert once_more.event_types(7) == ["InvocationCompleted"]

    def test_a_pause_that_cut_a_handler_off(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        before.pause()
        assert handler.checkpoint().checkpoint_token is None
        after = place.world()
        after.now, after.arn = before.now, before.arn
        Handler(after, handler.sent).suspends()
        after.resume()
        assert "Error" not in after.history()[-1]
        assert [each["Id"] for each in after.invoked().initial] == ["id-1"]

    def test_empty_suspensions_are_counted(self, place: Place) -> None:
        world = place.world()
        world.start()
        for _ in range(3):
            world.invoked().suspends()
            world = place.again(world, seconds=5)
        assert world.status == "FAILED"

    def test_timers_that_are_gone_do_not_come_back(self, place: Place) -> None:
        before = place.world()
        handler = before.begun(timeout_seconds=60)
        handler.checkpoint(wait(5), wait(50, "late"), callback(timeout=9))
        before.answer()
        before.pass_time(5)
        after = place.world()
        after.now, after.arn = before.now, before.arn
        Handler(after, handler.sent).crashes(retryable=False)
        after = place.again(after, seconds=100)
        assert after.status == "FAILED"
        assert after.event_types()[-2:] == ["InvocationCompleted", "ExecutionFailed"]
        after.delete()
        assert after.service.next_deadline() is None

    def test_a_timer_that_went_with_its_execution(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(wait(5))
        handler.checkpoint(cancel(), ending("SUCCEED"))
        after = place.again(before)
        after.delete()
        assert after.service.next_deadline() is None

    def test_timers_due_at_once_fire_as_they_were_armed(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(*(wait(5, each) for each in "cab"))
        handler.suspends()
        after = place.again(before, seconds=5)
        ended = [event.id for event in after.service.events(after.arn, 5)]
        assert ended == ["c", "a", "b"]

    def test_changes_are_told_as_they_came(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        handler.checkpoint(*(callback(each) for each in "abcd"))
        handler.suspends()
        before.pause()
        for each in "cab":
            before.answer(of=each)
            before = place.again(before)
        before.resume()
        handler = place.again(before).invoked()
        assert handler.event["UpdatedOperationIds"] == ["c", "a", "b"]
        # One is still pending, so it may suspend.
        handler.suspends()
        assert handler.world.is_quiet()
        handler.world.arn = before.arn
        assert "Error" not in handler.world.history()[-1]["InvocationCompletedDetails"]
