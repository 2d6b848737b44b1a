"""The durable execution service as a machine: calls in, invocations out, time as an argument."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from ..models.enums import ExecutionStatus
from ..models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
    DeleteRequest,
    DeleteResponse,
    ExecutionDescription,
    ExecutionList,
    GetExecutionRequest,
    HistoryPage,
    HistoryRequest,
    ListAllExecutionsRequest,
    ListExecutionsRequest,
    PauseRequest,
    ResumeRequest,
    StopRequest,
    StopResponse,
)
from ..models.history import Event
from ..models.operation import ErrorObject, Operation
from .callbacks import fail_callback, heartbeat_callback, succeed_callback
from .checkpoints import checkpoint
from .descriptions import describe, history_page, list_all_page, list_page
from .execution import Phase
from .executions import Executions
from .faults import ServiceFault, invalid_token
from .function_calls import FunctionCallToSend
from .functions import FunctionConfig
from .identity import Region, read_function_name
from .invocations import (
    InvocationToSend,
    begin_invocation,
    invocation_failed,
    invocation_returned,
)
from .outcomes import failed, returned, unanswered
from .pauses import pause, resume
from .policy import DEFAULT_POLICY, ServicePolicy
from .setting import Setting
from .starting import StartedExecution, StartRequest, name_taken, originate
from .state import get_state


class Service:
    """Many executions of many functions, all in memory.

    It calls nobody. Give it requests and the outcomes of invocations; after every call
    ask `invocation_to_send` and `function_call_to_send` until they have none, and call
    `handle_timer` when `next_deadline` comes. It belongs to one thread.
    `now` is UNIX seconds everywhere, and never goes back.

    Args:
        account: the twelve digits in its ARNs.
        region: likewise.
        partition: likewise.
        policy: retries, limits and defaults.
        functions: those that a CHAINED_INVOKE can find, by bare name; it may grow. Starting
            an execution needs no entry here.
    """

    def __init__(
        self,
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        partition: str = "aws",
        policy: ServicePolicy = DEFAULT_POLICY,
        functions: Mapping[str, FunctionConfig] = MappingProxyType({}),
    ) -> None:
        self._setting: Final = Setting(Region(account, region, partition), policy, functions)
        self._executions: Final = Executions(self._setting)

    @property
    def setting(self) -> Setting:
        """Where it is, what it works by, and which functions it knows."""
        return self._setting

    def start(
        self,
        *,
        function_name: str,
        payload: str | None,
        now: float,
        execution_id: str,
        name: str | None = None,
        qualifier: str = "$LATEST",
        timeout_seconds: int | None = None,
        retention_days: int | None = None,
        trace_id: str | None = None,
        tenant_id: str | None = None,
    ) -> StartedExecution:
        """Start an execution, or join the one of the same name and input.

        Args:
            function_name: the bare name of the function.
            payload: its input, a JSON text; None is no input.
            now: UNIX seconds.
            execution_id: a fresh UUID text; unused when an execution is joined.
            name: unique for the function's version; None takes the `execution_id`.
            qualifier: a version or an alias. An alias leads to ``$LATEST`` here.
            timeout_seconds: 1 to 31 622 400; None takes the function's or
                the policy's.
            retention_days: 1 to 90; likewise.
            trace_id: the X-Ray trace it belongs to.
            tenant_id: of a function with tenant isolation.

        Returns:
            Its ARN, and whether it existed. Ask `invocation_to_send` next.

        Raises:
            ServiceFault: an argument is not acceptable, or the name is taken by an
                execution with another input.
        """
        seconds, days = self._setting.durations(self._setting.functions.get(function_name))
        asked = StartRequest(
            function_name=function_name,
            execution_id=execution_id,
            durable_execution_name=execution_id if name is None else name,
            qualifier=qualifier,
            execution_timeout=seconds if timeout_seconds is None else timeout_seconds,
            retention_period_in_days=days if retention_days is None else retention_days,
            payload=payload,
            trace_id=trace_id,
            tenant_id=tenant_id,
        )
        origin = originate(asked, self._setting, now)
        self._executions.pass_time(now)
        present = self._executions.named(origin)
        if present is not None:
            if present.origin.payload != payload:
                raise name_taken(origin.name)
            return StartedExecution(present.origin.arn, existing=True)
        self._executions.settle(self._executions.begin(origin), now)
        return StartedExecution(origin.arn, existing=False)

    # Calls of operators

    def stop(self, request: StopRequest, now: float) -> StopResponse:
        """StopDurableExecution. One that has ended stays as it is, and tells when it ended.

        An invocation in flight is not interrupted: its next checkpoint is refused.

        Raises:
            ServiceFault: there is no such execution.
        """
        execution = self._executions.find(request.durable_execution_arn)
        ended = execution.ended
        if ended is not None:
            return StopResponse(ended)
        error = request.error
        if error is None or error == ErrorObject():
            error = ErrorObject("Execution stopped by user request")
        execution.finish(ExecutionStatus.STOPPED, now, error=error)
        self._executions.settle(execution, now)
        return StopResponse(now)

    def pause(self, request: PauseRequest, now: float) -> None:
        """PauseDurableExecution. An invocation in flight goes on to its next checkpoint.

        Raises:
            ServiceFault: there is no such execution, or it does not run.
        """
        execution = self._executions.find(request.durable_execution_arn)
        self._executions.catch_up(execution, now)
        pause(execution, request, now)
        self._executions.settle(execution, now)

    def resume(self, request: ResumeRequest, now: float) -> None:
        """ResumeDurableExecution. It is invoked if it missed something.

        Raises:
            ServiceFault: there is no such execution, or it is not paused.
        """
        execution = self._executions.find(request.durable_execution_arn)
        self._executions.catch_up(execution, now)
        resume(execution, request, now)
        self._executions.settle(execution, now)

    def delete(self, request: DeleteRequest, now: float) -> DeleteResponse:
        """DeleteDurableExecution. Its name is free at once, it itself is gone soon.

        Raises:
            ServiceFault: there is no such execution, or it has not ended.
        """
        execution = self._executions.find(request.durable_execution_arn)
        if not execution.is_over:
            message = f"Cannot delete a durable execution that is {execution.status}."
            raise ServiceFault("ResourceConflictException", message)
        if execution.deletion_asked is None:
            execution.deletion_asked = now
            execution.status = ExecutionStatus.DELETING
            self._executions.free_name(execution)
            self._executions.settle(execution, now)
        return DeleteResponse(execution.deletion_asked)

    # Calls about callbacks

    def succeed_callback(self, request: CallbackSuccessRequest, now: float) -> None:
        """SendDurableExecutionCallbackSuccess.

        Raises:
            ServiceFault: there is no such callback, or it is over. (Of the other two as well.)
        """
        succeed_callback(self._executions, request, now)

    def fail_callback(self, request: CallbackFailureRequest, now: float) -> None:
        """SendDurableExecutionCallbackFailure."""
        fail_callback(self._executions, request, now)

    def heartbeat_callback(self, request: CallbackHeartbeatRequest, now: float) -> None:
        """SendDurableExecutionCallbackHeartbeat."""
        heartbeat_callback(self._executions, request, now)

    # Calls of handlers

    def checkpoint(self, request: CheckpointRequest, now: float) -> CheckpointResponse:
        """CheckpointDurableExecution. The answer has no token if it was the last one.

        Raises:
            ServiceFault: the token or the batch is not acceptable; nothing has changed.
        """
        execution = self._executions.get(request.durable_execution_arn)
        if execution is None:
            raise invalid_token()
        response = checkpoint(execution, request, now)
        self._executions.settle(execution, now)
        return response

    def get_state(self, request: StateRequest, now: float) -> StatePage:
        """GetDurableExecutionState. It does not consume the token.

        Raises:
            ServiceFault: the token or the marker is not acceptable.
        """
        execution = self._executions.get(request.durable_execution_arn)
        if execution is None:
            raise invalid_token()
        return get_state(execution, request)

    def get_execution(self, request: GetExecutionRequest) -> ExecutionDescription:
        """GetDurableExecution.

        Raises:
            ServiceFault: there is no such execution.
        """
        execution = self._executions.find(request.durable_execution_arn)
        return describe(execution, with_data=request.include_execution_data)

    def get_history(self, request: HistoryRequest) -> HistoryPage:
        """GetDurableExecutionHistory.

        Raises:
            ServiceFault: there is no such execution, or the marker is not of its history.
        """
        return history_page(self._executions.find(request.durable_execution_arn), request)

    def list_executions(self, request: ListExecutionsRequest) -> ExecutionList:
        """ListDurableExecutionsByFunction. A function without executions has an empty list.

        Raises:
            ServiceFault: the function's name or the marker is malformed.
        """
        name, qualifier = read_function_name(request.function_name)
        executions = self._executions.of_function(name)
        return list_page(executions, request, request.qualifier or qualifier)

    def list_all_executions(self, request: ListAllExecutionsRequest) -> ExecutionList:
        """The executions of all functions, or of one. It raises what `list_executions` does."""
        name = request.function_name and read_function_name(request.function_name)[0]
        return list_all_page(self._executions.of_function(name), request)

    def invocation_to_send(self, now: float) -> InvocationToSend | None:
        """The next invocation to make, or None. It is in flight from here on.

        Tell what came of it by `invocation_returned` or `invocation_failed`. An execution
        has never more than one in flight.
        """
        execution = self._executions.first_owed()
        if execution is None:
            return None
        invocation = begin_invocation(execution, now)
        self._executions.took_off(invocation.invocation_id, execution)
        self._executions.settle(execution, now)
        return invocation

    def invocation_returned(self, invocation_id: str, output: bytes | str, now: float) -> None:
        """An invocation returned `output`, the JSON of its handler.

        Ignored if the service no longer waits for that invocation.
        """
        execution = self._executions.landed(invocation_id)
        if execution is not None:
            invocation_returned(execution, output, now)
            self._executions.settle(execution, now)

    def invocation_failed(
        self, invocation_id: str, error: ErrorObject, now: float, *, retryable: bool = True
    ) -> None:
        """An invocation failed: its function raised or crashed, or could not be reached.

        Args:
            invocation_id: which.
            error: what happened; it becomes the execution's if nothing helps.
            now: UNIX seconds.
            retryable: False if no repetition can help, as when there is no such function.

        Ignored if the service no longer waits for that invocation.
        """
        execution = self._executions.landed(invocation_id)
        if execution is not None:
            invocation_failed(execution, error, now, retryable=retryable)
            self._executions.settle(execution, now)

    def function_call_to_send(self, now: float) -> FunctionCallToSend | None:
        """The next call of a plain function to make, or None. It is in flight from here on.

        Tell what came of it by one of `function_call_returned`, `function_call_failed` and
        `function_call_unanswered`. Nobody repeats it.
        """
        return self._executions.calls.to_send(now)

    def function_call_returned(self, call_id: str, output: bytes | str, now: float) -> None:
        """A plain function returned `output`. Ignored if nobody waits for that call any more."""
        call = self._executions.calls.end(call_id)
        if call is not None:
            outcome = returned(output, self._setting.policy.max_payload_bytes)
            self._executions.answer(call, outcome, now)

    def function_call_failed(self, call_id: str, error: ErrorObject, now: float) -> None:
        """A plain function raised, or could not be called.

        `outcomes.read_function_error` reads the error of an Invoke's answer. Ignored if
        nobody waits for that call any more.
        """
        call = self._executions.calls.end(call_id)
        if call is not None:
            self._executions.answer(call, failed(error), now)

    def function_call_unanswered(self, call_id: str, now: float) -> None:
        """The answer of a plain function never came, so nobody knows what it did.

        Ignored if nobody waits for that call any more.
        """
        call = self._executions.calls.end(call_id)
        if call is not None:
            self._executions.answer(call, unanswered(), now)

    # Time

    def next_deadline(self) -> float | None:
        """When to call `handle_timer`, UNIX seconds, or None if nothing is due ever.

        A virtual clock may jump there while `is_idle`; see `in_flight`. Forgetting at the
        end of a retention period is no deadline: the next `handle_timer` does it.
        """
        return self._executions.next_due()

    def handle_timer(self, now: float) -> None:
        """Do everything that is due at `now`. Ask for what is to be sent next."""
        self._executions.pass_time(now)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in flight and nothing to be sent: only time moves anything."""
        return self._executions.is_idle

    def in_flight(self, arn: str) -> bool:
        """Whether an invocation of this execution is in flight.

        Raises:
            ServiceFault: there is no such execution.
        """
        return self._executions.find(arn).phase is Phase.IN_FLIGHT

    def operations(self, arn: str) -> tuple[Operation, ...]:
        """All operations of an execution in the order of creation, EXECUTION first.

        Raises:
            ServiceFault: there is no such execution.
        """
        return tuple(record.operation for record in self._executions.find(arn).ledger.records())

    def events(self, arn: str, after: int = 0) -> tuple[Event, ...]:
        """The events of an execution that follow the one with the id `after`.

        Raises:
            ServiceFault: there is no such execution.
        """
        return self._executions.find(arn).history.events(after)
