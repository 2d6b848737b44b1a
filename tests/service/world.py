"""A service, its clock, and somebody who plays the handler, for the tests here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from perdure.models.checkpoint import (
    CheckpointRequest,
    CheckpointResponse,
    StatePage,
    StateRequest,
)
from perdure.models.encode import to_wire
from perdure.models.enums import OperationAction, OperationType
from perdure.models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
    DeleteRequest,
    DurableConfig,
    GetExecutionRequest,
    PauseRequest,
    ResumeRequest,
    StopRequest,
)
from perdure.models.operation import ErrorObject, Operation
from perdure.models.update import (
    CallbackOptions,
    ChainedInvokeOptions,
    ContextOptions,
    OperationUpdate,
    StepOptions,
    WaitOptions,
)
from perdure.service import (
    FunctionCallToSend,
    FunctionConfig,
    InvocationToSend,
    Service,
    ServiceFault,
    ServicePolicy,
)

BEGINNING: Final = 1_700_000_000.0
FUNCTIONS: Final = {
    "child": FunctionConfig(DurableConfig(retention_period_in_days=3)),
    "short": FunctionConfig(DurableConfig(execution_timeout=60)),
    "plain": FunctionConfig(),
}
"""What a CHAINED_INVOKE can find here."""

BOOM: Final = ErrorObject("boom", "Boom")
STALE: Final = "Invalid checkpoint token"


@dataclass
class Handler:
    """One invocation in flight. It keeps the chain of tokens."""

    world: World
    sent: InvocationToSend
    event: dict[str, Any] = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.event = json.loads(self.sent.payload)
        self.token = self.event["CheckpointToken"]

    @property
    def initial(self) -> list[dict[str, Any]]:
        """The operations that came with the event."""
        operations: list[dict[str, Any]] = self.event["InitialExecutionState"]["Operations"]
        return operations

    def checkpoint(
        self, *updates: OperationUpdate, client_token: str | None = None
    ) -> CheckpointResponse:
        """One checkpoint with the current token."""
        request = CheckpointRequest(self.sent.arn, self.token, updates, client_token)
        response = self.world.service.checkpoint(request, self.world.now)
        self.token = response.checkpoint_token or self.token
        return response

    def refused(self, *updates: OperationUpdate) -> str:
        """With what message a checkpoint is refused."""
        with pytest.raises(ServiceFault) as caught:
            self.checkpoint(*updates)
        assert caught.value.code == "InvalidParameterValueException"
        assert caught.value.status == 400
        return caught.value.message

    def ids(self, *updates: OperationUpdate) -> list[str]:
        """What a checkpoint brings back, by id."""
        return [op.id for op in self.checkpoint(*updates).new_execution_state.operations]

    def page(self, marker: str | None = None, max_items: int = 0) -> StatePage:
        """One page of the state."""
        request = StateRequest(self.sent.arn, self.token, marker, max_items)
        return self.world.service.get_state(request, self.world.now)

    def returns(self, output: object) -> None:
        """The handler returns this output, text as it is, all else as JSON."""
        text = output if isinstance(output, (str, bytes)) else json.dumps(output)
        self.world.service.invocation_returned(self.sent.invocation_id, text, self.world.now)

    def suspends(self) -> None:
        """It returns PENDING."""
        self.returns({"Status": "PENDING"})

    def succeeds(self, result: str | None = '"ok"') -> None:
        """It returns SUCCEEDED."""
        self.returns({"Status": "SUCCEEDED", "Result": result})

    def crashes(self, error: ErrorObject = BOOM, *, retryable: bool = True) -> None:
        """The invocation fails."""
        self.world.service.invocation_failed(
            self.sent.invocation_id, error, self.world.now, retryable=retryable
        )


class World:
    """A service with one clock. Most tests have one execution in it."""

    def __init__(self, policy: ServicePolicy | None = None, service: Service | None = None) -> None:
        self.service = service or Service(policy=policy or ServicePolicy(), functions=FUNCTIONS)
        self.now = BEGINNING
        self.arn = ""
        self._count = 0

    def start(self, payload: str | None = '{"x":1}', **options: Any) -> str:
        """Start an execution; the others here are about the latest."""
        self._count += 1
        options.setdefault("function_name", "f")
        options.setdefault("execution_id", f"id-{self._count}")
        self.arn = self.service.start(payload=payload, now=self.now, **options).arn
        return self.arn

    def invoked(self) -> Handler:
        """The invocation that is to be made now."""
        sent = self.service.invocation_to_send(self.now)
        assert sent is not None, "no invocation is owed"
        return Handler(self, sent)

    def begun(self, payload: str | None = '{"x":1}', **options: Any) -> Handler:
        """Start an execution and take its first invocation."""
        self.start(payload, **options)
        return self.invoked()

    def is_quiet(self) -> bool:
        """Whether no invocation is owed."""
        return self.service.invocation_to_send(self.now) is None

    def jump(self) -> float:
        """Let time pass to the next deadline; how long that took."""
        due = self.service.next_deadline()
        assert due is not None, "nothing is due ever"
        passed = due - self.now
        self.pass_time(passed)
        return passed

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.service.handle_timer(self.now)

    def stop(self, error: ErrorObject | None = None) -> float:
        """Stop the execution."""
        return self.service.stop(StopRequest(self.arn, error), self.now).stop_timestamp

    def answer(
        self, result: str | None = None, *, error: ErrorObject | None = None, of: str = "cb"
    ) -> None:
        """Somebody completes a callback of the execution, with an error if there is one."""
        if error is None:
            request = CallbackSuccessRequest(self.callback_id(of), result)
            self.service.succeed_callback(request, self.now)
        else:
            failure = CallbackFailureRequest(self.callback_id(of), error)
            self.service.fail_callback(failure, self.now)

    def heartbeat(self, of: str = "cb") -> None:
        """Somebody works on a callback."""
        request = CallbackHeartbeatRequest(self.callback_id(of))
        self.service.heartbeat_callback(request, self.now)

    def callback_id(self, operation_id: str = "cb") -> str:
        """The id that outsiders know a callback by."""
        details = self.operation(operation_id).callback_details
        assert details is not None
        assert details.callback_id is not None
        return details.callback_id

    def child_arn(self, operation_id: str = "i") -> str:
        """The execution that a chained invoke started."""
        for event in self.service.events(self.arn):
            details = event.chained_invoke_started_details
            if event.id == operation_id and details is not None:
                assert details.durable_execution_arn is not None
                return details.durable_execution_arn
        raise AssertionError(f"{operation_id} started nothing")

    def stop_child(self, error: ErrorObject | None = None) -> None:
        """Stop what the chained invoke started."""
        self.service.stop(StopRequest(self.child_arn(), error), self.now)

    def pause(self, token: str | None = None, **options: Any) -> None:
        """Pause the execution."""
        self.service.pause(PauseRequest(self.arn, token, **options), self.now)

    def resume(self, token: str | None = None, reason: str | None = None) -> None:
        """Resume the execution."""
        self.service.resume(ResumeRequest(self.arn, token, reason), self.now)

    def delete(self) -> float:
        """Delete the execution; when that was asked for."""
        return self.service.delete(DeleteRequest(self.arn), self.now).deletion_request_timestamp

    def called(self) -> FunctionCallToSend:
        """The call of a plain function that is to be made now."""
        call = self.service.function_call_to_send(self.now)
        assert call is not None, "no call is to be made"
        return call

    @property
    def status(self) -> str:
        """Of the execution."""
        status: str = self.shown()["Status"]
        return status

    def shown(self) -> dict[str, Any]:
        """GetDurableExecution, as on the wire."""
        return to_wire(self.service.get_execution(GetExecutionRequest(self.arn)))

    def operation(self, operation_id: str) -> Operation:
        """One operation as it stands."""
        operations = self.service.operations(self.arn)
        return next(op for op in operations if op.id == operation_id)

    def wire(self, operation_id: str) -> dict[str, Any]:
        """The same as on the wire."""
        return to_wire(self.operation(operation_id))

    def history(self) -> list[dict[str, Any]]:
        """Its events as on the wire."""
        return [to_wire(event) for event in self.service.events(self.arn)]

    def event_types(self, after: int = 0) -> list[str]:
        """The types of its events."""
        return [event.event_type.value for event in self.service.events(self.arn, after)]


def step(
    action: str,
    operation_id: str = "s",
    *,
    delay: int | None = None,
    payload: str | None = None,
    error: ErrorObject | None = None,
    parent: str | None = None,
    name: str | None = None,
    sub_type: str | None = None,
) -> OperationUpdate:
    """An update of a STEP."""
    return OperationUpdate(
        operation_id,
        OperationType.STEP,
        OperationAction(action),
        parent_id=parent,
        name=name,
        sub_type=sub_type,
        payload=payload,
        error=error,
        step_options=None if delay is None else StepOptions(delay),
    )


def wait(seconds: int, operation_id: str = "w", parent: str | None = None) -> OperationUpdate:
    """The START of a WAIT."""
    return OperationUpdate(
        operation_id,
        OperationType.WAIT,
        OperationAction.START,
        parent_id=parent,
        wait_options=WaitOptions(seconds),
    )


def cancel(operation_id: str = "w", error: ErrorObject | None = None) -> OperationUpdate:
    """The CANCEL of a WAIT."""
    return OperationUpdate(operation_id, OperationType.WAIT, OperationAction.CANCEL, error=error)


def context(
    action: str,
    operation_id: str = "c",
    *,
    parent: str | None = None,
    payload: str | None = None,
    error: ErrorObject | None = None,
    replay_children: bool | None = None,
) -> OperationUpdate:
    """An update of a CONTEXT."""
    return OperationUpdate(
        operation_id,
        OperationType.CONTEXT,
        OperationAction(action),
        parent_id=parent,
        payload=payload,
        error=error,
        context_options=None if replay_children is None else ContextOptions(replay_children),
    )


def callback(
    operation_id: str = "cb", *, timeout: int = 0, heartbeat: int = 0, parent: str | None = None
) -> OperationUpdate:
    """The START of a CALLBACK."""
    return OperationUpdate(
        operation_id,
        OperationType.CALLBACK,
        OperationAction.START,
        parent_id=parent,
        callback_options=CallbackOptions(timeout, heartbeat),
    )


def chained(
    function: str,
    operation_id: str = "i",
    *,
    payload: str | None = None,
    tenant: str | None = None,
    trace: str | None = None,
    parent: str | None = None,
) -> OperationUpdate:
    """The START of a CHAINED_INVOKE."""
    return OperationUpdate(
        operation_id,
        OperationType.CHAINED_INVOKE,
        OperationAction.START,
        parent_id=parent,
        payload=payload,
        chained_invoke_options=ChainedInvokeOptions(function, tenant, trace),
    )


def ending(
    action: str, *, payload: str | None = None, error: ErrorObject | None = None
) -> OperationUpdate:
    """An update of the EXECUTION."""
    return OperationUpdate(
        "execution-result-1",
        OperationType.EXECUTION,
        OperationAction(action),
        payload=payload,
        error=error,
    )


def step_in(status: str) -> tuple[World, Handler]:
    """A world whose step ``s`` has this status, after one failed attempt where it can."""
    world = World()
    handler = world.begun()
    if status == "none":
        return world, handler
    handler.checkpoint(step("START"))
    match status:
        case "PENDING" | "READY" | "STARTED again":
            handler.checkpoint(step("RETRY", delay=5, error=BOOM))
        case "SUCCEEDED":
            handler.checkpoint(step("SUCCEED"))
        case "FAILED":
            handler.checkpoint(step("FAIL"))
        case _:
            pass
    if status in ("READY", "STARTED again"):
        world.pass_time(5)
    if status == "STARTED again":
        handler.checkpoint(step("START"))
    assert world.operation("s").status == status.partition(" ")[0]
    return world, handler
