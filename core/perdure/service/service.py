"""The durable execution service as a machine: calls in, invocations out, time as an argument."""

from __future__ import annotations

from typing import Final

from ..models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from ..models.enums import ExecutionStatus
from ..models.executions import (
    ExecutionDescription,
    ExecutionList,
    GetExecutionRequest,
    HistoryPage,
    HistoryRequest,
    ListExecutionsRequest,
    StopRequest,
    StopResponse,
)
from ..models.history import Event
from ..models.operation import ErrorObject, Operation
from .checkpoints import checkpoint
from .deadlines import Deadlines
from .descriptions import describe, history_page, list_page
from .due import time_passed
from .execution import Execution, Phase, begin
from .faults import invalid_token, unknown_execution
from .identity import Region, executed_version, read_function_name
from .invocations import (
    InvocationToSend,
    begin_invocation,
    invocation_failed,
    invocation_returned,
)
from .policy import DEFAULT_POLICY, ServicePolicy
from .starting import StartedExecution, StartRequest, name_taken, originate
from .state import get_state


class Service:
    """Many executions of many functions, all in memory.

    It calls nobody. Give it requests and the outcomes of invocations; after every call
    ask `invocation_to_send` until it has none, and call `handle_timer` when
    `next_deadline` comes. It belongs to one thread.
    `now` is UNIX seconds everywhere, and never goes back.

    Args:
        account: the twelve digits in its ARNs.
        region: likewise.
        partition: likewise.
        policy: retries, limits and defaults.
    """

    def __init__(
        self,
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        partition: str = "aws",
        policy: ServicePolicy = DEFAULT_POLICY,
    ) -> None:
        self._region: Final = Region(account, region, partition)
        self._policy: Final = policy
        self._executions: Final[dict[str, Execution]] = {}
        self._by_name: Final[dict[tuple[str, str, str], Execution]] = {}
        self._by_function: Final[dict[str, list[Execution]]] = {}
        self._owed: Final[dict[str, Execution]] = {}
        self._in_flight: Final[dict[str, Execution]] = {}
        self._deadlines: Final = Deadlines()

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
            timeout_seconds: 1 to 31 622 400; None takes the policy's.
            retention_days: 1 to 90; None takes the policy's.
            trace_id: the X-Ray trace it belongs to.
            tenant_id: of a function with tenant isolation.

        Returns:
            Its ARN, and whether it existed. Ask `invocation_to_send` next.

        Raises:
            ServiceFault: an argument is not acceptable, or the name is taken by an
                execution with another input.
        """
        policy = self._policy
        asked = StartRequest(
            function_name=function_name,
            execution_id=execution_id,
            durable_execution_name=execution_id if name is None else name,
            qualifier=qualifier,
            execution_timeout=policy.execution_timeout_seconds
            if timeout_seconds is None
            else timeout_seconds,
            retention_period_in_days=policy.retention_days
            if retention_days is None
            else retention_days,
            payload=payload,
            trace_id=trace_id,
            tenant_id=tenant_id,
        )
        origin = originate(asked, self._region, policy, now)
        key = (function_name, origin.version, origin.name)
        present = self._by_name.get(key)
        if present is not None:
            if present.origin.payload != payload:
                raise name_taken(origin.name)
            return StartedExecution(present.origin.arn, existing=True)
        execution = begin(origin)
        self._executions[origin.arn] = execution
        self._by_name[key] = execution
        self._by_function.setdefault(function_name, []).append(execution)
        self._settle(execution)
        return StartedExecution(origin.arn, existing=False)

    def stop(self, request: StopRequest, now: float) -> StopResponse:
        """Stop an execution; one that has ended stays as it is, and tells when it ended.

        An invocation in flight is not interrupted: its next checkpoint is refused.

        Raises:
            ServiceFault: there is no such execution.
        """
        execution = self._find(request.durable_execution_arn)
        ended = execution.ended
        if ended is not None:
            return StopResponse(ended)
        error = request.error
        if error is None or error == ErrorObject():
            error = ErrorObject("Execution stopped by user request")
        execution.finish(ExecutionStatus.STOPPED, now, error=error)
        self._settle(execution)
        return StopResponse(now)

    def checkpoint(self, request: CheckpointRequest, now: float) -> CheckpointResponse:
        """CheckpointDurableExecution. The answer has no token if the execution is over.

        Raises:
            ServiceFault: the token or the batch is not acceptable; nothing has changed.
        """
        execution = self._executions.get(request.durable_execution_arn)
        if execution is None:
            raise invalid_token()
        response = checkpoint(execution, request, self._policy, now)
        self._settle(execution)
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
        execution = self._find(request.durable_execution_arn)
        return describe(execution, with_data=request.include_execution_data)

    def get_history(self, request: HistoryRequest) -> HistoryPage:
        """GetDurableExecutionHistory.

        Raises:
            ServiceFault: there is no such execution, or the marker is not of its history.
        """
        return history_page(self._find(request.durable_execution_arn), request)

    def list_executions(self, request: ListExecutionsRequest) -> ExecutionList:
        """ListDurableExecutionsByFunction. A function without executions has an empty list.

        Raises:
            ServiceFault: the function's name or the marker is malformed.
        """
        name, qualifier = read_function_name(request.function_name)
        qualifier = request.qualifier or qualifier
        version = None if qualifier is None else executed_version(qualifier)
        return list_page(self._by_function.get(name, []), request, version)

    def invocation_to_send(self, now: float) -> InvocationToSend | None:
        """The next invocation to make, or None. It is in flight from here on.

        Tell what came of it by `invocation_returned` or `invocation_failed`. An execution
        has never more than one in flight.
        """
        for arn in self._owed:
            execution = self._owed.pop(arn)
            invocation = begin_invocation(execution, self._policy, now)
            self._in_flight[invocation.invocation_id] = execution
            self._settle(execution)
            return invocation
        return None

    def invocation_returned(self, invocation_id: str, output: bytes | str, now: float) -> None:
        """An invocation returned `output`, the JSON of its handler.

        Ignored if the service no longer waits for that invocation.
        """
        execution = self._in_flight.pop(invocation_id, None)
        if execution is not None:
            invocation_returned(execution, output, self._policy, now)
            self._settle(execution)

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
        execution = self._in_flight.pop(invocation_id, None)
        if execution is not None:
            invocation_failed(execution, error, self._policy, now, retryable=retryable)
            self._settle(execution)

    def next_deadline(self) -> float | None:
        """When to call `handle_timer`, UNIX seconds, or None if nothing is due ever.

        A virtual clock may jump there while `is_idle`; see `in_flight`.
        """
        return self._deadlines.next_due()

    def handle_timer(self, now: float) -> None:
        """Do everything that is due at `now`. Ask `invocation_to_send` next."""
        while (execution := self._deadlines.pop_due(now)) is not None:
            flight = execution.invocation
            time_passed(execution, self._policy, now)
            if flight is not None and execution.invocation is None:
                del self._in_flight[flight.id]
            self._settle(execution)

    @property
    def is_idle(self) -> bool:
        """Whether no invocation is in flight and none is owed: only time moves anything."""
        return not self._owed and not self._in_flight

    def in_flight(self, arn: str) -> bool:
        """Whether an invocation of this execution is in flight.

        Raises:
            ServiceFault: there is no such execution.
        """
        return self._find(arn).phase is Phase.IN_FLIGHT

    def operations(self, arn: str) -> tuple[Operation, ...]:
        """All operations of an execution in the order of creation, EXECUTION first.

        Raises:
            ServiceFault: there is no such execution.
        """
        return tuple(record.operation for record in self._find(arn).ledger.records())

    def events(self, arn: str, after: int = 0) -> tuple[Event, ...]:
        """The events of an execution that follow the one with the id `after`.

        Raises:
            ServiceFault: there is no such execution.
        """
        return self._find(arn).history.events(after)

    def _find(self, arn: str) -> Execution:
        execution = self._executions.get(arn)
        if execution is None:
            raise unknown_execution()
        return execution

    def _settle(self, execution: Execution) -> None:
        """Take note of what a call changed: an invocation owed or not, another deadline."""
        if execution.phase is Phase.OWED:
            self._owed.setdefault(execution.origin.arn, execution)
        else:
            self._owed.pop(execution.origin.arn, None)
        self._deadlines.tell(execution)
