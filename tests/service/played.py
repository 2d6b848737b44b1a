"""Whole programs against the service itself, pure: played to the end, then replayed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from core.flowing import TinyContext, TinyExecution
from core.tiny_loop import Loop
from perdure.drive import drive_async
from perdure.errors import ServiceError, Suspended
from perdure.invocation import run_invocation
from perdure.models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from perdure.models.encode import to_wire
from perdure.models.executions import CallbackFailureRequest, CallbackSuccessRequest, StopRequest
from perdure.models.history import Event
from perdure.models.invocation import InvocationInput, InvocationOutput
from perdure.models.operation import ContextDetails, ErrorObject, Operation
from perdure.modes import CheckpointingMode
from perdure.replaying import Findings, RecordedInvocation, read_history, recorded_invocation
from perdure.service import InvocationToSend, Service, ServicePolicy
from perdure.state_for import state_for
from service.world import BEGINNING, FUNCTIONS

Program = Callable[[TinyContext], Awaitable[object]]
Answers = Callable[[str], str | ErrorObject | None]
"""What somebody answers to a callback of this name; None is nothing at all."""


def untold(operations: Iterable[Operation]) -> list[Operation]:
    """Operations without what no event tells: whether an ended context keeps its children."""
    return [
        each
        if each.context_details is None
        else replace(
            each,
            context_details=ContextDetails(
                None, each.context_details.result, each.context_details.error
            ),
        )
        for each in operations
    ]


class Died(BaseException):
    """The process of the function ends while it works."""


class Played:
    """One execution of a program, played until it ends or nothing moves it any more.

    Args:
        program: the durable function.
        answers: to its callbacks, by their names.
        called: what a plain function answers to its input.
        invocations: after how many invocations to stop looking.
    """

    def __init__(
        self,
        program: Program,
        answers: Answers = lambda name: '"yes"',
        *,
        called: Callable[[str], str | ErrorObject] = lambda payload: payload,
        invocations: int = 50,
        policy: ServicePolicy | None = None,
    ) -> None:
        self.service: Final = Service(policy=policy or ServicePolicy(), functions=FUNCTIONS)
        self.now = BEGINNING
        self.pages: Final[list[Operation]] = []
        self._program: Final = program
        self._answers: Final = answers
        self._called: Final = called
        started = self.service.start(
            function_name="f", payload='{"x":1}', now=self.now, execution_id="id-1", name="played"
        )
        self.arn: Final = started.arn
        while invocations:
            sent = self.service.invocation_to_send(self.now)
            if sent is None:
                if not self._move():
                    break
            elif sent.arn == self.arn:
                invocations -= 1
                self._invoke(sent)
            else:
                self.service.invocation_returned(
                    sent.invocation_id, '{"Status":"SUCCEEDED","Result":"7"}', self.now
                )

    @property
    def events(self) -> tuple[Event, ...]:
        """The whole history."""
        return self.service.events(self.arn)

    @property
    def history(self) -> str:
        """The same as JSON."""
        return json.dumps([to_wire(event) for event in self.events])

    def stop(self) -> None:
        """Stop it, if it still runs."""
        self.service.stop(StopRequest(self.arn), self.now)

    def _move(self) -> bool:
        if self.service.operations(self.arn)[0].status != "STARTED":
            return False
        call = self.service.function_call_to_send(self.now)
        if call is not None:
            came = self._called(call.payload)
            if isinstance(came, ErrorObject):
                self.service.function_call_failed(call.call_id, came, self.now)
            else:
                self.service.function_call_returned(call.call_id, came, self.now)
            return True
        for operation in self.service.operations(self.arn):
            details = operation.callback_details
            if details is None or operation.status != "STARTED" or not details.callback_id:
                continue
            answer = self._answers(operation.name or "")
            if isinstance(answer, ErrorObject):
                failure = CallbackFailureRequest(details.callback_id, answer)
                self.service.fail_callback(failure, self.now)
                return True
            if answer is not None:
                success = CallbackSuccessRequest(details.callback_id, answer)
                self.service.succeed_callback(success, self.now)
                return True
        due = self.service.next_deadline()
        if due is None:
            return False
        self.now = max(self.now, due)
        self.service.handle_timer(self.now)
        return True

    def _invoke(self, sent: InvocationToSend) -> None:
        try:
            output, self.now = _run(json.loads(sent.payload), self._program, self, self.now)
        except ServiceError as error:
            raised = ErrorObject(str(error), "ServiceError")
            self.service.invocation_failed(sent.invocation_id, raised, self.now)
            return
        except Died:
            raised = ErrorObject("the process died", "Runtime.ExitError")
            self.service.invocation_failed(sent.invocation_id, raised, self.now)
            return
        answer = json.dumps(to_wire(output))
        self.service.invocation_returned(sent.invocation_id, answer, self.now)

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """As the service answers."""
        return self.service.checkpoint(replace_body(request), self.now)

    async def get_operations(self, request: StateRequest) -> StatePage:
        """As the service answers."""
        page = self.service.get_state(request, self.now)
        self.pages.extend(page.operations)
        return page


def replace_body(request: CheckpointRequest) -> CheckpointRequest:
    """The request as its wire shape, without what the client keeps beside it."""
    return CheckpointRequest(
        request.durable_execution_arn,
        request.checkpoint_token,
        request.updates,
        request.client_token,
    )


class NoService:
    """Nobody may ask it for anything."""

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        raise AssertionError("a replay sent a checkpoint")

    async def get_operations(self, request: StateRequest) -> StatePage:
        raise AssertionError("a replay asked for a page")


def _run(
    event: InvocationInput | dict[str, Any], program: Program, client: Any, now: float
) -> tuple[InvocationOutput, float]:
    loop = Loop(now)
    state = state_for(event, CheckpointingMode.BATCHED, None, None, None)
    execution = TinyExecution(state, client, loop)

    async def main() -> InvocationOutput:
        await execution.load_all_operations()
        pump = loop.spawn(execution.pump(), eagerness=0)
        context = TinyContext(execution)
        try:
            return await drive_async(
                run_invocation(state, lambda event, context: program(context), context),
                execution.perform,
            )
        finally:
            pump.cancel()
            await loop.join([pump])

    return loop.run(main()), loop.now


def replayed(history: str | RecordedInvocation, program: Program) -> Findings:
    """Replay a history with a program."""
    recorded = history
    if isinstance(recorded, str):
        recorded = recorded_invocation(read_history(recorded))
    _run(recorded, program, NoService(), BEGINNING)
    return recorded.findings


def stops(findings: Findings) -> list[tuple[str | None, str | None]]:
    """Where a replay stopped: name and recorded status."""
    assert all(isinstance(stop.unwinding, Suspended) for stop in findings.stops)
    return [(stop.asked["name"], stop.status) for stop in findings.stops]
