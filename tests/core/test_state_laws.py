"""Laws of the conversation, whatever happens on the way: lost requests, lost answers, throttles.

A small service stands on the other side. It takes a token once, answers a repetition as it
answered the first time, and refuses everything else; so a broken law shows as its refusal.
"""

from __future__ import annotations

from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,  # pyright: ignore[reportUnknownVariableType]  # untyped there
)

from core.samples import operation, state, update
from perdure.batching import Batcher, CheckpointToSend
from perdure.classification import classify
from perdure.delivery import RequestRetries
from perdure.errors import ServiceError, TransportError
from perdure.models import (
    CheckpointResponse,
    Operation,
    OperationUpdate,
    StatePage,
    StateRequest,
)
from perdure.modes import CheckpointingMode
from perdure.state import ExecutionState, Ticket

SECONDS = st.sampled_from([0.0, 0.01, 0.05, 0.1, 1.0, 10.0])


class Service:
    """Takes checkpoints in order, once each."""

    def __init__(self) -> None:
        self.applied: list[OperationUpdate] = []
        self.token = "T0"
        self._answers: dict[str | None, CheckpointResponse] = {}
        self._bodies: dict[str, bytes] = {}
        self._pages: dict[str, StatePage] = {}
        self._numbers = count(1)

    def take(self, request: CheckpointToSend, page_size: int) -> CheckpointResponse:
        """Apply a request, or answer its repetition."""
        body = self._bodies.setdefault(request.checkpoint_token, request.body)
        assert body == request.body, "a token was used for two different bodies"
        if request.client_token not in self._answers:
            assert request.checkpoint_token == self.token, "a stale token"
            self.applied.extend(request.updates)
            self.token = f"T{next(self._numbers)}"
            changed = [operation(each.id) for each in request.updates]
            answer = CheckpointResponse(self._split(changed, page_size), self.token)
            self._answers[request.client_token] = answer
        return self._answers[request.client_token]

    def page(self, request: StateRequest) -> StatePage:
        """A further page; it costs no token."""
        assert request.checkpoint_token == self.token
        assert request.marker is not None
        return self._pages[request.marker]

    def _split(self, operations: list[Operation], size: int) -> StatePage:
        if len(operations) <= size:
            return StatePage(tuple(operations))
        marker = f"m{next(self._numbers)}"
        self._pages[marker] = self._split(operations[size:], size)
        return StatePage(tuple(operations[:size]), marker)


class Invocation(RuleBasedStateMachine):
    """One invocation and everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.service = Service()
        self.state: ExecutionState = state()
        self.now = 1000.0
        self.queued: list[tuple[Ticket, OperationUpdate]] = []
        self.polls: list[Ticket] = []
        self.durable = set[Ticket]()
        self.out: StateRequest | CheckpointToSend | None = None
        self.ids = count(1)

    @initialize(
        mode=st.sampled_from(CheckpointingMode),
        max_bytes=st.integers(50, 400),
        max_updates=st.integers(1, 4),
    )
    def begin(self, mode: CheckpointingMode, max_bytes: int, max_updates: int) -> None:
        self.state = state(
            mode=mode,
            batcher=Batcher(max_bytes, max_updates),
            retries=RequestRetries(max_attempts=10_000),
        )

    # -- what the function does --------------------------------------------------

    def _works(self) -> bool:
        return self.state.error is None

    @precondition(_works)
    @rule(sync=st.booleans(), size=st.integers(0, 200), close=st.booleans())
    def queue(self, sync: bool, size: int, close: bool) -> None:
        key = f"s{next(self.ids)}"
        asked = [update(key)]
        if close:
            asked.append(update(key, action="SUCCEED", payload="x" * size))
        for each in asked:
            self.queued.append((self.state.checkpoint(each, sync=sync), each))

    @precondition(_works)
    @rule()
    def poll(self) -> None:
        self.polls.append(self.state.poll())

    @rule(later=SECONDS)
    def poll_at(self, later: float) -> None:
        self.state.poll_at(self.now + later)

    @precondition(lambda self: self.queued)
    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        self.state.wait_for(data.draw(st.sampled_from(self.queued))[0])

    # -- what time and the network do --------------------------------------------

    @rule(later=SECONDS)
    def pass_time(self, later: float) -> None:
        self.now += later
        self.state.handle_timer(self.now)

    @rule()
    def ask(self) -> None:
        self.state.handle_timer(self.now)
        is_due = self.state.is_request_due
        request = self.state.next_request(self.now)
        assert is_due == (request is not None)
        if request is not None:
            assert self.out is None, "two requests at a time"
            self.out = request

    def _is_out(self) -> bool:
        return self.out is not None

    @precondition(_is_out)
    @rule(page_size=st.integers(1, 3))
    def answer(self, page_size: int) -> None:
        answer = self._reach(page_size)
        self.out = None
        self.state.receive(answer, self.now)

    @precondition(_is_out)
    @rule(jitter=st.floats(0, 0.99))
    def lose_the_request(self, jitter: float) -> None:
        self.out = None
        self.state.request_failed(TransportError("cut off"), self.now, jitter)

    @precondition(_is_out)
    @rule(page_size=st.integers(1, 3))
    def lose_the_answer(self, page_size: int) -> None:
        self._reach(page_size)
        self.out = None
        self.state.request_failed(TransportError("cut off"), self.now)

    @precondition(_is_out)
    @rule(retry_after=st.none() | st.floats(0, 60))
    def throttle(self, retry_after: float | None) -> None:
        self.out = None
        error = classify(429, "TooManyRequestsException", "Rate exceeded", retry_after)
        self.state.request_failed(error, self.now)

    # Rarely, for nothing follows.
    @precondition(lambda self: self.out is not None and len(self.queued) > 12)
    @rule()
    def refuse(self) -> None:
        self.out = None
        self.state.request_failed(classify(400, "ValidationException", "no"), self.now)

    def _reach(self, page_size: int) -> StatePage | CheckpointResponse:
        if isinstance(self.out, StateRequest):
            return self.service.page(self.out)
        assert self.out is not None
        return self.service.take(self.out, page_size)

    # -- what always holds -------------------------------------------------------

    @invariant()
    def the_wire_keeps_the_order_of_the_queue(self) -> None:
        applied = self.service.applied
        assert applied == [each for _, each in self.queued][: len(applied)]

    @invariant()
    def what_is_durable_stays_so_and_is_recorded(self) -> None:
        applied = len(self.service.applied)
        for place, (ticket, each) in enumerate(self.queued):
            if self.state.is_settled(ticket) and self._is_durable(ticket):
                assert place < applied, "durable, and the service never saw it"
                assert self.state.get_operation(each.id) is not None
                self.durable.add(ticket)
            else:
                assert ticket not in self.durable

    @invariant()
    def whoever_waits_is_served_or_timed(self) -> None:
        """Nothing is ever stuck: a request is out, or may be taken, or a timer runs."""
        if self.state.error is None and self.state.has_pending and self.out is None:
            if self.state.next_deadline() is None:
                self.out = self.state.next_request(self.now)
            assert self.out is not None or self.state.next_deadline() is not None

    def _is_durable(self, ticket: Ticket) -> bool:
        try:
            return self.state.is_durable(ticket)
        except ServiceError:
            return False

    def teardown(self) -> None:
        """In the end everything is durable, or an error says that it is not."""
        self.state.flush()
        for _ in range(1000):
            if self.state.error is not None or not self.state.has_pending:
                break
            self.ask()
            if self.out is None:
                deadline = self.state.next_deadline()
                assert deadline is not None, "pending, and nothing to do"
                self.pass_time(max(0.0, deadline - self.now))
            else:
                self.answer(2)
        if self.state.error is None:
            assert not self.state.has_pending
            assert self.service.applied == [each for _, each in self.queued]
            tickets = [ticket for ticket, _ in self.queued] + self.polls
            assert all(self.state.is_durable(ticket) for ticket in tickets)


def test_invocations() -> None:
    run_state_machine_as_test(
        Invocation, settings=settings(max_examples=150, stateful_step_count=40, deadline=None)
    )
