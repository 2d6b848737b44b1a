"""One invocation carried out by hand: a function, scripted answers, and what was said.

There is no runtime here. `Play` drives the coroutines of `perdure.operations` and
`run_invocation` with send and throw, answers their effects, and keeps every request that
the state wanted sent, as the JSON that would have gone out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, TypeVarTuple, cast

from core.obedient import Obedient
from perdure.batching import Batcher
from perdure.context import BaseContext
from perdure.effects import Call, Effect, Park, Persist, RunBranches
from perdure.errors import RemoteProtocolError, ServiceError, Suspended
from perdure.ids import operation_id
from perdure.invocation import run_invocation
from perdure.models.checkpoint import CheckpointResponse, StatePage, StateRequest
from perdure.models.decode import decode_page
from perdure.models.invocation import InvocationOutput
from perdure.modes import CheckpointingMode
from perdure.operations.child import ChildConfig
from perdure.operations.step import StepConfig
from perdure.operations.wait import SUB_TYPE as WAIT
from perdure.state import ExecutionState

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Wire = dict[str, Any]
Body = Callable[["Context"], Coroutine[Effect, object, object]]

NOW: Final = 1_700_000_000.0
ARN: Final = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/order/e-1"
FIRST: Final = operation_id(1)
SECOND: Final = operation_id(2)


def execution(payload: str | None = None) -> Wire:
    """The EXECUTION operation, with the user's input."""
    details: Wire = {} if payload is None else {"InputPayload": payload}
    return {
        "Id": "e-1",
        "Type": "EXECUTION",
        "Status": "STARTED",
        "StartTimestamp": NOW,
        "ExecutionDetails": details,
    }


def step(status: str, id: str = FIRST, **details: object) -> Wire:
    """A recorded step. `details` are wire members of its StepDetails."""
    return {
        "Id": id,
        "Type": "STEP",
        "SubType": "Step",
        "Status": status,
        "StartTimestamp": NOW,
        "StepDetails": details,
    }


def wait(status: str, id: str = FIRST, end: float | None = NOW + 60) -> Wire:
    """A recorded wait."""
    details: Wire = {} if end is None else {"ScheduledEndTimestamp": end}
    return {
        "Id": id,
        "Type": "WAIT",
        "SubType": WAIT,
        "Status": status,
        "StartTimestamp": NOW,
        "WaitDetails": details,
    }


@dataclass(frozen=True)
class Answer:
    """What the service says to one checkpoint, where it is not simply obedient.

    Args:
        operations: what is recorded now, on the wire; None is what an obedient service
            makes of the updates.
        revoked: whether the answer lacks a token.
        error: refuse instead.
    """

    operations: Sequence[Wire] | None = None
    revoked: bool = False
    error: ServiceError | RemoteProtocolError | None = None


OBEDIENT: Final = Answer()


@dataclass
class Play:
    """One invocation. Afterwards `requests`, `effects` and `now` tell what happened.

    Args:
        recorded: the operations of the initial state, without the EXECUTION.
        answers: to the checkpoints in their order; all further ones are obeyed.
        news: what the service says to the poll after each park. A park beyond these
            suspends the invocation.
        input: the JSON text that the execution was started with.
        mode: when callers wait.
        draws: the random numbers, one after the other; then always 0.5.
        deadline: when Lambda ends the invocation.
    """

    recorded: Sequence[Wire] = ()
    answers: Sequence[Answer] = ()
    news: Sequence[Sequence[Wire]] = ()
    input: str | None = "null"
    mode: CheckpointingMode = CheckpointingMode.BATCHED
    draws: Sequence[float] = ()
    deadline: float | None = None
    batcher: Batcher = field(default_factory=Batcher)

    def __post_init__(self) -> None:
        self.now: float = NOW
        self.flow: object = "the owner"
        self.requests: list[Wire] = []
        self.effects: list[Effect] = []
        self.service = Obedient(self.recorded)
        self._answers = iter(self.answers)
        self._news = iter(self.news)
        self._draws = iter(self.draws)
        self._tokens = 0
        page = decode_page({"Operations": [execution(self.input), *self.recorded]})
        self.state = ExecutionState(
            ARN, "t0", page, mode=self.mode, batcher=self.batcher, deadline=self.deadline
        )
        self.context = Context(
            self.state, flow=lambda: self.flow, draw=lambda: next(self._draws, 0.5)
        )

    # -- what happened ----------------------------------------------------------------

    @property
    def updates(self) -> list[list[Wire]]:
        """The updates of each request."""
        return [request["Updates"] for request in self.requests]

    @property
    def actions(self) -> list[list[str]]:
        """Type and action of the updates of each request; an empty list is a poll."""
        return [[f"{each['Type']} {each['Action']}" for each in sent] for sent in self.updates]

    @property
    def parks(self) -> list[Park]:
        """The parks of all flows."""
        return [effect for effect in self.effects if isinstance(effect, Park)]

    def later(self) -> list[Wire]:
        """What the next invocation finds recorded, once everything pending fell due."""
        return self.service.later()

    # -- driving ----------------------------------------------------------------------

    def run(self, body: Body) -> InvocationOutput:
        """Carry out the whole invocation with `body` as the durable function."""
        return self.do(
            run_invocation(self.state, lambda event, context: body(context), self.context)
        )

    def do(self, operation: Coroutine[Effect, object, T]) -> T:
        """Drive a coroutine to its end; an error of an effect is thrown into it."""
        try:
            effect = operation.send(None)
            while True:
                self.effects.append(effect)
                try:
                    answer = self._perform(effect)
                except BaseException as error:
                    effect = operation.throw(error)
                else:
                    effect = operation.send(answer)
        except StopIteration as end:
            return cast("T", end.value)

    def _perform(self, effect: Effect) -> object:
        match effect:
            case Call(func, args):
                value = func(*args)
                if isinstance(value, Coroutine):
                    return self.do(cast("Coroutine[Effect, object, object]", value))
                return value
            case Persist(ticket):
                self.state.wait_for(ticket)
                while not self.state.is_durable(ticket):
                    self._exchange()
                return None
            case Park():
                news = next(self._news, None)
                if news is None:
                    self.state.suspend()
                    raise Suspended
                self.state.poll()
                self._exchange(Answer(news))
                return None
            case RunBranches():
                raise NotImplementedError("here is one flow; see `core.flowing`")

    def _exchange(self, answer: Answer | None = None) -> None:
        request = self.state.next_request(self.now)
        if request is None:
            deadline = self.state.next_deadline()
            assert deadline is not None, "somebody waits for what will never be sent"
            self.now = max(self.now, deadline)
            self.state.handle_timer(self.now)
            return
        assert not isinstance(request, StateRequest), "these transcripts have one page"
        body: Wire = json.loads(request.body)
        assert body["CheckpointToken"] == f"t{self._tokens}", "the tokens are a chain"
        self.requests.append(body)
        answer = answer or next(self._answers, OBEDIENT)
        if answer.error is not None:
            self.state.request_failed(answer.error, self.now)
            return
        self._tokens += 1
        self.state.receive_response(self._response(body, answer), self.now)

    def _response(self, body: Wire, answer: Answer) -> CheckpointResponse:
        if answer.operations is None:
            changed = self.service.apply(body["Updates"], self.now)
        else:
            changed = [self.service.record(operation) for operation in answer.operations]
        page: StatePage = decode_page({"Operations": changed})
        return CheckpointResponse(page, None if answer.revoked else f"t{self._tokens}")


class Context(BaseContext):
    """The context that these tests hand to a function: operations as plain coroutines."""

    def open(self, prefix: str, parent_id: str | None) -> Context:
        return Context(
            self._state, flow=self._flow, draw=self._draw, prefix=prefix, parent_id=parent_id
        )

    def step(
        self,
        func: Callable[..., Any],
        *args: object,
        name: str | None = None,
        config: StepConfig = StepConfig(),  # noqa: B008  # frozen
    ) -> Coroutine[Effect, object, Any]:
        """See `BaseContext.begin_step`."""
        return self.begin_step(func, args, name, config)

    def wait(self, seconds: int, name: str | None = None) -> Coroutine[Effect, object, None]:
        """See `BaseContext.begin_wait`."""
        return self.begin_wait(seconds, name)

    def child(
        self,
        func: Callable[[Context, *Ts], object],
        *args: *Ts,
        name: str | None = None,
        config: ChildConfig = ChildConfig(),  # noqa: B008  # never changed
    ) -> Coroutine[Effect, object, Any]:
        """See `BaseContext.begin_child`."""
        return self.begin_child(func, args, name, config)


class Counted:
    """A body that says how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> str:
        self.runs += 1
        return f"run {self.runs}"


def outcome(play: Play, operation: Coroutine[Effect, object, Any]) -> object:
    """The value of an operation, or what it raised."""
    try:
        return play.do(operation)
    except (Exception, Suspended) as error:
        return error


def fails_with(error: BaseException) -> Any:
    """A body that raises."""

    def body(*args: object) -> None:
        raise error

    return body
