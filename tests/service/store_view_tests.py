"""What every store has to let people find again: names, lists, histories, payloads."""

from __future__ import annotations

import json

import pytest

from perdure.models.checkpoint import CheckpointRequest
from perdure.models.executions import HistoryRequest, ListExecutionsRequest
from perdure.models.operation import ErrorObject
from perdure.service import ServiceFault
from service.store_tests import Place
from service.world import BOOM, World, callback, context, ending, step


class StoreViewTests:
    """Each store has a class of its own with these tests, and a fixture ``place``."""

    def test_a_repeated_checkpoint_gets_the_same_answer(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        request = CheckpointRequest(
            before.arn, handler.token, (step("START", payload=None), callback()), "client-token"
        )
        answer = before.service.checkpoint(request, before.now)
        assert answer.new_execution_state.operations
        after = place.again(before)
        assert after.service.checkpoint(request, after.now) == answer
        assert len(after.service.operations(after.arn)) == 3

    def test_a_name_leads_to_its_execution(self, place: Place) -> None:
        before = place.world()
        arn = before.start("1", name="n", execution_id="first")
        after = place.again(before)
        assert after.start("1", name="n", execution_id="other") == arn
        with pytest.raises(ServiceFault, match="already exists with another input"):
            after.start("2", name="n")
        after.stop()
        after.delete()
        after = place.again(after, seconds=0)
        fresh = after.start("2", name="n", execution_id="second")
        assert fresh != arn
        after = place.again(after, seconds=5)
        assert after.start("2", name="n", execution_id="third") == fresh
        listed = after.service.list_executions(ListExecutionsRequest("f")).durable_executions
        assert [item.durable_execution_arn for item in listed] == [fresh]

    def test_retention_ends_meanwhile(self, place: Place) -> None:
        before = place.world()
        before.begun(retention_days=1).succeeds()
        after = place.again(before, seconds=86_399)
        assert after.status == "SUCCEEDED"
        after = place.again(after)
        with pytest.raises(ServiceFault, match="does not exist"):
            after.shown()
        assert after.service.next_deadline() is None

    def test_how_it_ended_is_known(self, place: Place) -> None:
        before = place.world()
        before.begun(trace_id="Root=1", tenant_id="t").succeeds('"\\ud800"')
        shown = before.shown()
        handler = before.begun()
        handler.checkpoint(ending("FAIL", error=ErrorObject("m", "T", "d", ("a", "b"))))
        failed, events = before.shown(), before.history()
        after = place.again(before)
        assert (after.shown(), after.history()[:-1]) == (failed, events)
        after.arn = shown["DurableExecutionArn"]
        assert after.shown() == shown

    @pytest.mark.parametrize("text", ["\ud800", "\0", "é\u2028\U0001f600", ""])
    def test_any_text_is_kept(self, place: Place, text: str) -> None:
        before = place.world()
        handler = before.begun(json.dumps(text))
        handler.checkpoint(
            step("SUCCEED", payload=text),
            step("RETRY", "r", delay=5, error=ErrorObject(text, error_data=text)),
            context("FAIL", error=BOOM),
        )
        operations, events = before.service.operations(before.arn), before.history()
        after = place.again(before)
        assert after.service.operations(after.arn) == operations
        assert after.history()[:-1] == events

    def test_pages(self, place: Place) -> None:
        before = place.world()
        for number in range(5):
            before.start(name=f"n{number}")
        first = before.service.list_executions(ListExecutionsRequest("f", max_items=2))
        after = place.again(before)
        page = after.service.list_executions(
            ListExecutionsRequest("f", max_items=2, marker=first.next_marker)
        )
        names = [item.durable_execution_name for item in page.durable_executions]
        assert names == ["n2", "n1"]
        for number in (4, 3, 2):
            after.arn = _arn_of(after, number)
            after.stop()
            after.delete()
        after = place.again(after, seconds=5)
        # The latest ones are forgotten, and the marker is good all the same.
        page = after.service.list_executions(
            ListExecutionsRequest("f", max_items=2, marker=first.next_marker)
        )
        names = [item.durable_execution_name for item in page.durable_executions]
        assert names == ["n1", "n0"]

    def test_pages_of_a_history(self, place: Place) -> None:
        world = place.world()
        handler = world.begun()
        for number in range(6):
            handler.checkpoint(step("SUCCEED", f"s{number}"))
        world = place.again(world)
        seen: dict[bool, list[int]] = {}
        for backwards in (False, True):
            marker: str | None = None
            seen[backwards] = []
            while marker or not seen[backwards]:
                page = world.service.get_history(
                    HistoryRequest(world.arn, max_items=3, marker=marker, reverse_order=backwards)
                )
                seen[backwards] += [event.event_id for event in page.events]
                marker = page.next_marker
        assert seen[False] == seen[True][::-1] == list(range(1, 9))

    def test_events_are_told_once(self, place: Place) -> None:
        before = place.world()
        handler = before.begun()
        told = before.service.events_to_tell()
        assert [(arn, event.event_id) for arn, event in told] == [(before.arn, 1)]
        handler.checkpoint(step("SUCCEED"))
        after = place.again(before)
        told = after.service.events_to_tell()
        assert [(arn, event.event_id) for arn, event in told] == [(before.arn, 3)]
        assert after.service.events_to_tell() == []


def _arn_of(world: World, number: int) -> str:
    request = ListExecutionsRequest("f", durable_execution_name=f"n{number}")
    [item] = world.service.list_executions(request).durable_executions
    return item.durable_execution_arn
