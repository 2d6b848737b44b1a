"""Runs one vector against ExecutionState. `spec/README.md` is the contract it follows.

Nothing here knows a single case: verbs call the machine, expectations look at it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from perdure.batching import Batcher, CheckpointToSend
from perdure.classification import classify, error_class
from perdure.delivery import RequestRetries
from perdure.errors import DurableError, RemoteProtocolError, Suspended, TransportError
from perdure.models import InvocationOutput, StateRequest
from perdure.models.decode import (
    decode_checkpoint_response,
    decode_invocation,
    decode_operation,
    decode_page,
    decode_state_response,
)
from perdure.modes import CheckpointingMode, Need
from perdure.replay import ReplayStatus
from perdure.state import ExecutionState, Ticket
from spec.shapes import error_facts, operation_facts, outcome, output_facts, update
from spec.vector_files import Vector

ROOT: Final = "/"
"""How a vector writes the root context where it needs a name for it."""

TOLERANCE: Final = 1e-6
"""Seconds by which two instants may differ."""


class Run:
    """One vector on its way. `step` raises AssertionError where machine and vector differ."""

    def __init__(self, vector: Vector) -> None:
        self.given: Final[Vector] = vector["given"]
        self.now: float = self.given["now"]
        self.tickets: Final[dict[str, Ticket]] = {}
        self.bodies: Final[dict[str, bytes]] = {}
        self.page_was_last: bool = False
        self.row: str | None = None
        self.malformed: str | None = None
        self.returned: InvocationOutput | ReplayStatus | None = None
        self.requests: Final[list[CheckpointToSend]] = []
        self._state: ExecutionState | None = None

    @property
    def state(self) -> ExecutionState:
        """The machine under test."""
        assert self._state is not None, "the state could not be made, so there is nothing to ask"
        return self._state

    def step(self, step: Vector) -> None:
        """Do what one step says and compare everything that it expects."""
        self.now = step.get("now", self.now)
        self.row = self.malformed = self.returned = None
        verb = next((name for name in VERBS if name in step), None)
        expected: Vector = step.get("expect", {})
        raised: BaseException | None = None
        if verb is not None:
            try:
                VERBS[verb](self, step[verb])
            except (DurableError, Suspended) as error:
                raised = error
        got = _error(raised, expected.get("error"))
        assert got == expected.get("error"), f"{verb} raised {raised!r}: {got}"
        assert (self.malformed is None) == ("malformed" not in expected), self.malformed
        for name, look in LOOKS.items():
            if name in expected:
                got = look(self, expected[name])
                assert _equal(got, expected[name]), f"{name} is {got}, not {expected[name]}"

    # -- verbs -------------------------------------------------------------------

    def open(self, _: Any) -> None:
        """Make the state of the invocation from what is given."""
        given = self.given
        if "event" in given:
            invocation = decode_invocation(given["event"])
            arn, token = invocation.durable_execution_arn, invocation.checkpoint_token
            page = invocation.initial_execution_state
        else:
            arn, token = given["arn"], given["token"]
            page = decode_page(given["initial_state"])
        self._state = ExecutionState(
            arn,
            token,
            page,
            mode=CheckpointingMode(given.get("mode", "BATCHED")),
            batcher=Batcher(**given.get("limits", {})),
            retries=RequestRetries(**given.get("retries", {})),
            deadline=given.get("deadline"),
        )

    def checkpoint(self, what: Vector) -> None:
        ticket = self.state.checkpoint(update(what["update"]), sync=what.get("sync", True))
        self._keep(what, ticket)

    def _keep(self, what: Vector, ticket: Ticket) -> None:
        if "as" in what:
            self.tickets[what["as"]] = ticket

    def poll(self, what: Vector) -> None:
        self._keep(what, self.state.poll())

    def flush(self, what: Vector) -> None:
        self._keep(what, self.state.flush())

    def receive_text(self, what: Vector) -> None:
        """The body of an answer with status 200, word for word."""
        body = what["text"].encode()
        receive = self._receive_page_body if self.page_was_last else self._receive_response_body
        try:
            take_over = receive(body)
        except RemoteProtocolError as error:
            self.malformed = str(error)
            self.state.request_failed(error, self.now, what.get("jitter", 0.0))
        else:
            take_over()

    def _receive_page_body(self, body: bytes) -> Callable[[], None]:
        page = decode_state_response(body)
        return lambda: self.state.receive_page(page)

    def _receive_response_body(self, body: bytes) -> Callable[[], None]:
        response = decode_checkpoint_response(body)
        return lambda: self.state.receive_response(response, self.now)

    def http_error(self, what: Vector) -> None:
        status, code, message = what["status"], what.get("code"), what.get("message", "")
        self.row = error_class(status, code, message).name
        error = classify(status, code, message, what.get("retry_after"))
        self.state.request_failed(error, self.now, what.get("jitter", 0.0))

    def no_answer(self, what: Vector) -> None:
        error = TransportError(what.get("message", "no answer"))
        self.state.request_failed(error, self.now, what.get("jitter", 0.0))

    def receive_page(self, what: Vector) -> None:
        self.state.receive_page(decode_page(what))

    def receive_response(self, what: Vector) -> None:
        response = decode_checkpoint_response(json.dumps(what).encode())
        self.state.receive_response(response, self.now)

    def close(self, what: Vector) -> None:
        self.returned = self.state.close(outcome(what))

    def track_replay(self, what: Vector) -> None:
        self.returned = self.state.track_replay(what["id"], what.get("context"))

    # -- looks -------------------------------------------------------------------

    def page_request(self, _: Any) -> Vector | None:
        request: StateRequest | None = self.state.page_to_request()
        if request is None:
            return None
        self.page_was_last = True
        assert request.durable_execution_arn == self.state.durable_execution_arn
        return {
            "CheckpointToken": request.checkpoint_token,
            "Marker": request.marker,
            "MaxItems": request.max_items,
        }

    def request(self, expected: Vector | None) -> Vector | None:
        """The body that goes out. Its ClientToken is a name that the vector chose."""
        request = self.state.request_to_send(self.now)
        if request is None or expected is None:
            return None if request is None else json.loads(request.body)
        self.page_was_last = False
        self.requests.append(request)
        assert request.durable_execution_arn == self.state.durable_execution_arn
        body: Vector = json.loads(request.body)
        name: str = expected["ClientToken"]
        known = self.bodies.setdefault(name, request.body)
        assert known == request.body, f"not the same bytes as the first {name}"
        others = [
            json.loads(each)["ClientToken"] for key, each in self.bodies.items() if key != name
        ]
        assert body["ClientToken"] not in others, f"{name} has the ClientToken of another request"
        return {**body, "ClientToken": name}

    def durable(self, expected: Mapping[str, Any]) -> Vector:
        return {name: self._is_durable(name) for name in expected}

    def _is_durable(self, name: str) -> bool | str:
        try:
            return self.state.is_durable(self.tickets[name])
        except (DurableError, Suspended) as error:
            return type(error).__name__

    def input(self, _: Any) -> Any:
        try:
            return self.state.original_input_raw
        except DurableError as error:
            return {"class": type(error).__name__}

    def returns(self, expected: Any) -> Any:
        if isinstance(self.returned, InvocationOutput):
            return output_facts(self.returned, expected)
        return self.returned

    def recorded(self, expected: Mapping[str, Vector | None]) -> Vector:
        return {
            key: operation_facts(self.state.get_checkpoint_result(key), expected[key])
            for key in expected
        }


def _context(name: str) -> str | None:
    return None if name == ROOT else name


VERBS: Final[Mapping[str, Callable[[Run, Any], object]]] = {
    "open": Run.open,
    "checkpoint": Run.checkpoint,
    "poll": Run.poll,
    "flush": Run.flush,
    "wait_for": lambda run, name: run.state.wait_for(run.tickets[name]),
    "poll_at": lambda run, when: run.state.poll_at(when),
    "receive_page": Run.receive_page,
    "receive_response": Run.receive_response,
    "receive_text": Run.receive_text,
    "http_error": Run.http_error,
    "no_answer": Run.no_answer,
    "timer": lambda run, _: run.state.handle_timer(run.now),
    "suspend": lambda run, _: run.state.suspend(),
    "close": Run.close,
    "track_replay": Run.track_replay,
    "mark_parent_done": lambda run, key: run.state.mark_parent_done(key),
    "set_checkpoint_token": lambda run, token: run.state.set_checkpoint_token(token),
    "add_operation": lambda run, raw: run.state.add_operation(decode_operation(raw)),
    "update_operation": lambda run, raw: run.state.update_operation(decode_operation(raw)),
}
"""What a step may do; at most one of them."""

LOOKS: Final[Mapping[str, Callable[[Run, Any], Any]]] = {
    "row": lambda run, _: run.row,
    "malformed": lambda run, words: _present(words, run.malformed),
    "returns": Run.returns,
    "page_request": Run.page_request,
    "request": Run.request,
    "next_deadline": lambda run, _: run.state.next_deadline(),
    "durable": Run.durable,
    "sticky": lambda run, like: _error(run.state.error, like),
    "phase": lambda run, _: run.state.phase,
    "token": lambda run, _: run.state.checkpoint_token,
    "has_pending": lambda run, _: run.state.has_pending,
    "has_more_operations": lambda run, _: run.state.has_more_operations,
    "in_flight": lambda run, _: run.state.is_in_flight,
    "suspended": lambda run, _: run.state.is_suspended,
    "queued": lambda run, _: run.state.queued_updates,
    "operation_count": lambda run, _: run.state.operation_count,
    "execution_operation_id": lambda run, _: run.state.execution_operation_id,
    "input": Run.input,
    "recorded": Run.recorded,
    "children": lambda run, expected: {
        name: [each.id for each in run.state.get_child_operations(_context(name))]
        for name in expected
    },
    "replay_status": lambda run, expected: {
        name: run.state.replay_status(_context(name)) for name in expected
    },
    "orphaned": lambda run, expected: {key: run.state.is_orphaned(key) for key in expected},
    "replay_children": lambda run, expected: {
        key: run.state.has_replay_children(key) for key in expected
    },
    "waits_for": lambda run, expected: {need: run.state.waits_for(Need(need)) for need in expected},
}
"""What a step may expect, compared in this order: requests are taken before anything is asked."""


def _present(words: list[str], text: str | None) -> list[str]:
    return [word for word in words if text is not None and word in text]


def _error(error: BaseException | None, expected: Vector | None) -> Vector | None:
    return None if error is None else error_facts(error, expected or {})


def _equal(got: Any, expected: Any) -> bool:
    if isinstance(expected, float) or isinstance(got, float):
        numbers = isinstance(got, (int, float)) and isinstance(expected, (int, float))
        return numbers and abs(got - expected) <= TOLERANCE
    return bool(got == expected)


def run(vector: Vector) -> Run:
    """Run a whole vector; raises AssertionError at the first step that differs."""
    one = Run(vector)
    opening = {"open": True, "expect": vector.get("opened", {})}
    for number, step in enumerate([opening, *vector["script"]]):
        try:
            one.step(step)
        except AssertionError as error:
            raise AssertionError(f"step {number} of {vector['id']}: {error}") from None
    return one
