"""The durable execution service as a machine: calls in, invocations out, time as an argument."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType

from ..models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from ..models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
    DeleteRequest,
    DeleteResponse,
    PauseRequest,
    ResumeRequest,
    StopRequest,
    StopResponse,
)
from ..models.history import Event
from ..models.operation import ErrorObject
from .callbacks import fail_callback, heartbeat_callback, succeed_callback
from .checkpoints import checkpoint
from .endings import delete, stop
from .executions import Executions
from .faults import invalid_token
from .function_calls import FunctionCallToSend
from .functions import FunctionConfig
from .identity import Region
from .invocations import (
    LOST,
    InvocationToSend,
    begin_invocation,
    invocation_failed,
    invocation_returned,
)
from .memory_store import MemoryStore
from .operations.chained_invoke import Outcome
from .outcomes import failed, returned, unanswered
from .pauses import pause, resume
from .policy import DEFAULT_POLICY, ServicePolicy
from .setting import Setting
from .starting import StartedExecution, StartRequest, originate, start
from .state import get_state
from .store import Store
from .views import Views


class Service(Views):
    """Many executions of many functions.

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
        store: where they are kept. What changes is there before a method returns. None
            keeps them in memory. If another process worked with it before, call
            `handle_restart`. Every method may raise `StoreFailed`.
        loaded_operations: how many recorded operations of executions whose handlers do not
            run stay in memory beside the store, so that they need not be loaded again.
    """

    def __init__(
        self,
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        partition: str = "aws",
        policy: ServicePolicy = DEFAULT_POLICY,
        functions: Mapping[str, FunctionConfig] = MappingProxyType({}),
        store: Store | None = None,
        loaded_operations: int = 100_000,
    ) -> None:
        setting = Setting(Region(account, region, partition), policy, functions)
        kept = MemoryStore() if store is None else store
        super().__init__(setting, Executions(setting, kept, loaded_operations))

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
        with self._executions as executions:
            executions.pass_time(now)
            return start(executions, origin, now)

    # Calls of operators

    def stop(self, request: StopRequest, now: float) -> StopResponse:
        """StopDurableExecution. One that has ended stays as it is, and tells when it ended.

        An invocation in flight is not interrupted: its next checkpoint is refused.

        Raises:
            ServiceFault: there is no such execution.
        """
        with self._executions as executions:
            execution = executions.find(request.durable_execution_arn)
            response = stop(execution, request, now)
            executions.settle(execution, now)
        return response

    def pause(self, request: PauseRequest, now: float) -> None:
        """PauseDurableExecution. An invocation in flight goes on to its next checkpoint.

        Raises:
            ServiceFault: there is no such execution, or it does not run.
        """
        with self._executions as executions:
            execution = executions.find_current(request.durable_execution_arn, now)
            pause(execution, request, now)
            executions.settle(execution, now)

    def resume(self, request: ResumeRequest, now: float) -> None:
        """ResumeDurableExecution. It is invoked if it missed something.

        Raises:
            ServiceFault: there is no such execution, or it is not paused.
        """
        with self._executions as executions:
            execution = executions.find_current(request.durable_execution_arn, now)
            resume(execution, request, now)
            executions.settle(execution, now)

    def delete(self, request: DeleteRequest, now: float) -> DeleteResponse:
        """DeleteDurableExecution. Its name is free at once, it itself is gone soon.

        Raises:
            ServiceFault: there is no such execution, or it has not ended.
        """
        with self._executions as executions:
            execution = executions.find(request.durable_execution_arn)
            response = delete(execution, now)
            executions.settle(execution, now)
        return response

    # Calls about callbacks

    def succeed_callback(self, request: CallbackSuccessRequest, now: float) -> None:
        """SendDurableExecutionCallbackSuccess.

        Raises:
            ServiceFault: there is no such callback, or it is over. (Of the other two as well.)
        """
        with self._executions as executions:
            succeed_callback(executions, request, now)

    def fail_callback(self, request: CallbackFailureRequest, now: float) -> None:
        """SendDurableExecutionCallbackFailure."""
        with self._executions as executions:
            fail_callback(executions, request, now)

    def heartbeat_callback(self, request: CallbackHeartbeatRequest, now: float) -> None:
        """SendDurableExecutionCallbackHeartbeat."""
        with self._executions as executions:
            heartbeat_callback(executions, request, now)

    # Calls of handlers

    def checkpoint(self, request: CheckpointRequest, now: float) -> CheckpointResponse:
        """CheckpointDurableExecution. The answer has no token if it was the last one.

        Raises:
            ServiceFault: the token or the batch is not acceptable; nothing has changed.
        """
        with self._executions as executions:
            execution = executions.get(request.durable_execution_arn)
            if execution is None:
                raise invalid_token()
            response = checkpoint(execution, request, now)
            executions.settle(execution, now)
        return response

    def get_state(self, request: StateRequest, now: float) -> StatePage:
        """GetDurableExecutionState. It does not consume the token.

        Raises:
            ServiceFault: the token or the marker is not acceptable.
        """
        with self._executions as executions:
            execution = executions.get(request.durable_execution_arn)
            if execution is None:
                raise invalid_token()
            page = get_state(execution, request)
            if execution.ledger.is_touched:
                executions.touch(execution)
        return page

    def invocation_to_send(
        self, now: float, served: Container[str] | None = None
    ) -> InvocationToSend | None:
        """The next invocation to make, or None. It is in flight from here on.

        Tell what came of it by `invocation_returned` or `invocation_failed`. An execution
        has never more than one in flight.

        Args:
            now: UNIX seconds.
            served: the names of the functions that can be invoked now; executions of others
                go on being owed theirs. None is all.
        """
        with self._executions as executions:
            execution = executions.first_owed(served)
            if execution is None:
                return None
            invocation = begin_invocation(execution, now)
            executions.took_off(invocation.invocation_id, execution)
            executions.settle(execution, now)
        return invocation

    def invocation_returned(self, invocation_id: str, output: bytes | str, now: float) -> None:
        """An invocation returned `output`, the JSON of its handler.

        Ignored if the service no longer waits for that invocation.
        """
        with self._executions as executions:
            execution = executions.landed(invocation_id)
            if execution is not None:
                invocation_returned(execution, output, now)
                executions.settle(execution, now)

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
        with self._executions as executions:
            execution = executions.landed(invocation_id)
            if execution is not None:
                invocation_failed(execution, error, now, retryable=retryable)
                executions.settle(execution, now)

    def function_call_to_send(self, now: float) -> FunctionCallToSend | None:
        """The next call of a plain function to make, or None. It is in flight from here on.

        Tell what came of it by one of `function_call_returned`, `function_call_failed` and
        `function_call_unanswered`. Nobody repeats it.
        """
        with self._executions as executions:
            return executions.calls.to_send(now)

    def function_call_returned(self, call_id: str, output: bytes | str, now: float) -> None:
        """A plain function returned `output`. Ignored if nobody waits for that call any more."""
        limit = self._setting.policy.max_payload_bytes
        self._call_ended(call_id, returned(output, limit), now)

    def function_call_failed(self, call_id: str, error: ErrorObject, now: float) -> None:
        """A plain function raised, or could not be called.

        `outcomes.read_function_error` reads the error of an Invoke's answer. Ignored if
        nobody waits for that call any more.
        """
        self._call_ended(call_id, failed(error), now)

    def function_call_unanswered(self, call_id: str, now: float) -> None:
        """The answer of a plain function never came, so nobody knows what it did.

        Ignored if nobody waits for that call any more.
        """
        self._call_ended(call_id, unanswered(), now)

    def _call_ended(self, call_id: str, outcome: Outcome, now: float) -> None:
        with self._executions as executions:
            call = executions.calls.end(call_id)
            if call is not None:
                executions.answer(call, outcome, now)

    def events_to_tell(self) -> Sequence[tuple[str, Event]]:
        """The events since it was asked last, each with the ARN of its execution, in order.

        A service remembers them until it is asked, so whoever runs one for long asks.
        """
        return self._executions.take_untold()

    # Time

    def next_deadline(self) -> float | None:
        """When to call `handle_timer`, UNIX seconds, or None if nothing is due ever.

        A virtual clock may jump there while `is_idle`; see `in_flight`. Forgetting at the
        end of a retention period is no deadline: the next `handle_timer` does it.
        """
        return self._executions.next_due()

    def handle_timer(self, now: float) -> None:
        """Do everything that is due at `now`. Ask for what is to be sent next."""
        with self._executions as executions:
            executions.pass_time(now)

    def handle_restart(self, now: float) -> None:
        """What was in flight is lost: whoever invoked it does not live any more.

        Lost invocations have failed, and are repeated as other failed ones; their tokens
        are void. Lost calls of plain functions are not repeated: their callers learn that
        there was no answer. Call `handle_timer` next, for what fell due meanwhile.
        """
        for invocation_id in self._executions.in_flight():
            self.invocation_failed(invocation_id, LOST, now)
        for call_id in self._executions.calls.in_flight():
            self.function_call_unanswered(call_id, now)
