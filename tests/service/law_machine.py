"""A service under random clients, legal or not, and what always holds then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from perdure.models.checkpoint import CheckpointRequest, CheckpointResponse
from perdure.models.decode import decode_operation
from perdure.models.executions import GetExecutionRequest
from perdure.models.history import Event
from perdure.models.operation import Operation
from perdure.models.update import OperationUpdate
from perdure.replaying import operations_of
from perdure.service import ServiceFault, ServicePolicy
from service.any_updates import BATCHES
from service.played import untold
from service.world import (
    BOOM,
    STALE,
    Handler,
    World,
    ending,
    step,
)

TERMINAL: Final = {"SUCCEEDED", "FAILED", "CANCELLED", "TIMED_OUT", "STOPPED"}
LAST_EVENTS: Final = {
    "ExecutionSucceeded",
    "ExecutionFailed",
    "ExecutionTimedOut",
    "ExecutionStopped",
}

POLICY: Final = ServicePolicy(
    initial_page_bytes=300,
    invocation_timeout_seconds=20,
    invocation_attempts=3,
    invocation_retry_seconds=2,
    empty_suspensions=2,
)


@dataclass
class Client:
    """A handler, the operations it knows, and the tokens it has spent."""

    handler: Handler
    known: dict[str, Operation] = field(default_factory=dict[str, Operation])
    spent: list[str] = field(default_factory=list[str])
    cut_off: bool = False
    last: tuple[str, CheckpointResponse] | None = None
    """Which checkpoint cut it off, if it can be repeated, and its answer."""

    def load(self) -> None:
        """Read the initial state, page by page."""
        for operation in self.handler.initial:
            self.known[operation["Id"]] = decode_operation(operation)
        marker = self.handler.event["InitialExecutionState"]["NextMarker"]
        while marker:
            page = self.handler.page(marker, 2)
            self.known.update({operation.id: operation for operation in page.operations})
            marker = page.next_marker


class Machine(RuleBasedStateMachine):
    """One service, three executions and their children, a client for each invocation."""

    def __init__(self) -> None:
        super().__init__()
        self.world = self.a_world()
        self.starts = 0
        self.arns: list[str] = []
        self.clients: dict[str, Client] = {}
        self.events: dict[str, tuple[Event, ...]] = {}
        self.ended: dict[tuple[str, str], Operation] = {}
        self.deleted: set[str] = set()
        self.last: dict[str, tuple[Operation, ...]] = {}

    def a_world(self) -> World:
        """What it happens in."""
        return World(POLICY)

    def _client(self, pick: int) -> Client:
        return self.clients[sorted(self.clients)[pick % len(self.clients)]]

    @precondition(lambda self: self.starts < 3)
    @rule(timeout=st.sampled_from([30, 1000]))
    def start(self, timeout: int) -> None:
        self.starts += 1
        self.arns.append(self.world.start(timeout_seconds=timeout))

    @rule()
    def invoke(self) -> None:
        sent = self.world.service.invocation_to_send(self.world.now)
        if sent is not None:
            # Nobody else has this execution, unless the service gave up waiting for them.
            assert sent.arn not in self.clients
            assert self.world.service.in_flight(sent.arn)
            assert self._status(sent.arn) == "RUNNING"
            client = Client(Handler(self.world, sent))
            self.clients[sent.arn] = client
            client.load()

    @precondition(lambda self: self.clients)
    @rule(pick=st.integers(0, 2), batch=BATCHES, client_token=st.sampled_from([None, "t"]))
    def checkpoint(self, pick: int, batch: list[OperationUpdate], client_token: str | None) -> None:
        client = self._client(pick)
        handler = client.handler
        arn, token = handler.sent.arn, handler.token
        before = (self.world.service.operations(arn), self.world.service.events(arn))
        request = CheckpointRequest(arn, token, tuple(batch), client_token)
        pausing = self._status(arn) == "PAUSING"
        response = self._asked(request)
        if isinstance(response, ServiceFault):
            assert response.code == "InvalidParameterValueException"
            assert before == (self.world.service.operations(arn), self.world.service.events(arn))
            assert (response.message == STALE) == (self._is_over(arn) or client.cut_off)
            return
        if client.cut_off:
            # The token is spent: only the checkpoint that spent it may be repeated.
            assert client.last == (client_token, response)
            assert before == (self.world.service.operations(arn), self.world.service.events(arn))
            return
        assert (response.checkpoint_token is None) == pausing
        if response.checkpoint_token is None:
            client.cut_off = True
            client.last = None if client_token is None else (client_token, response)
            assert response.new_execution_state.operations == ()
            assert self._status(arn) == "PAUSED"
            return
        assert response.checkpoint_token not in (token, *client.spent)
        client.spent.append(token)
        handler.token = response.checkpoint_token
        client.known.update({op.id: op for op in response.new_execution_state.operations})
        self._knows_everything(client)
        if client_token is not None:
            assert self.world.service.checkpoint(request, self.world.now) == response

    def _asked(self, request: CheckpointRequest) -> CheckpointResponse | ServiceFault:
        try:
            return self.world.service.checkpoint(request, self.world.now)
        except ServiceFault as fault:
            return fault

    def _knows_everything(self, client: Client) -> None:
        """Event, pages and deltas together are the state, but for what is hidden."""
        now = {op.id: op for op in self.world.service.operations(client.handler.sent.arn)}
        for known in client.known.values():
            assert now[known.id] == known
        for operation_id in set(now) - set(client.known):
            above = now[operation_id].parent_id
            hidden = False
            while above is not None:
                details = now[above].context_details
                closed = now[above].status in ("SUCCEEDED", "FAILED")
                hidden = hidden or (closed and details is not None and not details.replay_children)
                above = now[above].parent_id
            assert hidden

    @precondition(lambda self: self.clients)
    @rule(pick=st.integers(0, 2), fails=st.booleans())
    def end_by_checkpoint(self, pick: int, fails: bool) -> None:
        client = self._client(pick)
        handler = client.handler
        if not self._is_over(handler.sent.arn) and not client.cut_off:
            response = handler.checkpoint(ending("FAIL" if fails else "SUCCEED"))
            assert response.checkpoint_token is None
            assert self._is_over(handler.sent.arn)

    @precondition(lambda self: self.clients)
    @rule(pick=st.integers(0, 2), which=st.integers(0, 20))
    def use_a_spent_token(self, pick: int, which: int) -> None:
        client = self._client(pick)
        if client.spent:
            token = client.spent[which % len(client.spent)]
            request = CheckpointRequest(client.handler.sent.arn, token, (step("START", "new"),))
            with pytest.raises(ServiceFault, match=STALE):
                self.world.service.checkpoint(request, self.world.now)

    @precondition(lambda self: self.clients)
    @rule(
        pick=st.integers(0, 2),
        output=st.sampled_from(
            [
                {"Status": "PENDING"},
                {"Status": "PENDING"},
                {"Status": "PENDING"},
                {"Status": "SUCCEEDED"},
                {"Status": "FAILED"},
                "garbage",
            ]
        ),
    )
    def return_(self, pick: int, output: object) -> None:
        client = self._client(pick)
        del self.clients[client.handler.sent.arn]
        client.handler.returns(output)

    @precondition(lambda self: self.clients)
    @rule(pick=st.integers(0, 2))
    def crash(self, pick: int) -> None:
        client = self._client(pick)
        del self.clients[client.handler.sent.arn]
        client.handler.crashes()

    @rule(seconds=st.sampled_from([0.5, 1, 2, 5, 50]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)
        for arn in [arn for arn in self.clients if not self.world.service.in_flight(arn)]:
            # The service gave up waiting; a late answer changes nothing.
            before = self.world.service.events(arn)
            self.clients.pop(arn).handler.succeeds()
            assert self.world.service.events(arn) == before

    @precondition(lambda self: self.arns)
    @rule(pick=st.integers(0, 2))
    def stop(self, pick: int) -> None:
        self.world.arn = self.arns[pick % len(self.arns)]
        ended = self.world.stop()
        assert self.world.stop() == ended

    @precondition(lambda self: self.arns)
    @rule(
        pick=st.integers(0, 5),
        resumes=st.booleans(),
        token=st.sampled_from([None, "t"]),
        stops=st.booleans(),
    )
    def pause_or_resume(self, pick: int, resumes: bool, token: str | None, stops: bool) -> None:
        self.world.arn = arn = self.arns[pick % len(self.arns)]
        before = self._status(arn)
        try:
            if resumes:
                self.world.resume(token)
            else:
                self.world.pause(token, execution_timeout_paused=stops)
        except ServiceFault as fault:
            if fault.code != "ResourceConflictException" or self._status(arn) != before:
                raise
            return
        wanted = {"RUNNING"} if resumes else {"PAUSED", "PAUSING"}
        # A repeated request changes nothing, whatever happened since.
        assert self._status(arn) in (wanted if token is None else {*wanted, before})

    @precondition(lambda self: self.arns)
    @rule(pick=st.integers(0, 5))
    def delete(self, pick: int) -> None:
        self.world.arn = arn = self.arns[pick % len(self.arns)]
        if self._is_over(arn) and arn not in self.clients:
            self.world.delete()
            assert self._status(arn) == "DELETING"
            self.arns.remove(arn)
            self.deleted.add(arn)

    @rule(pick=st.integers(0, 9), how=st.sampled_from(["succeed", "fail", "heartbeat"]))
    def use_a_callback(self, pick: int, how: str) -> None:
        known = [
            (arn, operation)
            for arn in self.arns
            for operation in self.world.service.operations(arn)
            if operation.type == "CALLBACK"
        ]
        if not known:
            return
        self.world.arn, operation = known[pick % len(known)]
        events = self.world.event_types()
        is_open = operation.status == "STARTED" and not self._is_over(self.world.arn)
        use: dict[str, Callable[[], None]] = {
            "succeed": lambda: self.world.answer("1", of=operation.id),
            "fail": lambda: self.world.answer(error=BOOM, of=operation.id),
            "heartbeat": lambda: self.world.heartbeat(operation.id),
        }
        if not is_open:
            with pytest.raises(ServiceFault, match="closed"):
                use[how]()
        else:
            use[how]()
            new = {"succeed": ["CallbackSucceeded"], "fail": ["CallbackFailed"], "heartbeat": []}
            assert self.world.event_types() == events + new[how]

    @rule(how=st.sampled_from(["return", "fail", "never", "later"]))
    def call_a_function(self, how: str) -> None:
        service, now = self.world.service, self.world.now
        call = service.function_call_to_send(now)
        if call is None:
            return
        assert not service.is_idle
        match how:
            case "return":
                service.function_call_returned(call.call_id, "1", now)
            case "fail":
                service.function_call_failed(call.call_id, BOOM, now)
            case "never":
                service.function_call_unanswered(call.call_id, now)
            case _:
                pass

    def _status(self, arn: str) -> str:
        found = self.world.service.get_execution(GetExecutionRequest(arn))
        return found.status

    def _is_over(self, arn: str) -> bool:
        return self.world.service.operations(arn)[0].status != "STARTED"

    @invariant()
    def children_are_known_and_their_ends_are_told(self) -> None:
        for arn in list(self.arns):
            for event in self.world.service.events(arn):
                details = event.chained_invoke_started_details
                child = None if details is None else details.durable_execution_arn
                if child is None or child in self.deleted:
                    continue
                if child not in self.arns:
                    self.arns.append(child)
                self.world.arn = arn
                assert event.id is not None
                told = self.world.operation(event.id).status != "STARTED"
                assert told == self._is_over(child) or self._is_over(arn)

    @invariant()
    def histories_only_grow(self) -> None:
        for arn in self.arns:
            events = self.world.service.events(arn)
            before = self.events.get(arn, ())
            assert events[: len(before)] == before
            assert [event.event_id for event in events] == list(range(1, len(events) + 1))
            times = [event.event_timestamp for event in events]
            assert times == sorted(times)
            self.events[arn] = events

    @invariant()
    def an_execution_ends_once(self) -> None:
        for arn in self.arns:
            kinds = [event.event_type.value for event in self.world.service.events(arn)]
            ends = [at for at, kind in enumerate(kinds) if kind in LAST_EVENTS]
            assert len(ends) == int(self._is_over(arn))
            if ends:
                assert set(kinds[ends[0] + 1 :]) <= {"InvocationCompleted"}

    @invariant()
    def what_ended_stays_as_it_is(self) -> None:
        for arn in self.arns:
            for operation in self.world.service.operations(arn):
                key = (arn, operation.id)
                assert self.ended.get(key, operation) == operation
                if operation.status in TERMINAL:
                    self.ended[key] = operation

    @invariant()
    def nothing_changes_once_the_execution_is_over(self) -> None:
        for arn in self.arns:
            if self._is_over(arn):
                operations = self.world.service.operations(arn)
                assert self.last.setdefault(arn, operations) == operations

    @invariant()
    def histories_tell_of_every_operation(self) -> None:
        for arn in self.arns:
            made = operations_of(self.world.service.events(arn), self.world.now)
            assert untold(made) == untold(self.world.service.operations(arn))

    @invariant()
    def those_in_flight_are_those_with_a_client(self) -> None:
        flying = {arn for arn in self.arns if self.world.service.in_flight(arn)}
        assert flying == set(self.clients)

    @invariant()
    def nothing_due_is_left_undone(self) -> None:
        due = self.world.service.next_deadline()
        assert due is None or due > self.world.now

    @invariant()
    def a_live_execution_never_sleeps_for_ever(self) -> None:
        alive = any(not self._is_over(arn) for arn in self.arns)
        assert not alive or self.world.service.next_deadline() is not None
