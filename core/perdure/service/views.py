"""What one may look at of a service: nothing here changes anything."""

from __future__ import annotations

from typing import Final

from ..models.executions import (
    ExecutionDescription,
    ExecutionList,
    GetExecutionRequest,
    HistoryPage,
    HistoryRequest,
    ListAllExecutionsRequest,
    ListExecutionsRequest,
)
from ..models.history import Event
from ..models.operation import Operation
from .descriptions import describe, history_page, list_all_page, list_page
from .executions import Executions
from .setting import Setting
from .standing import Phase


class Views:
    """The half of a `Service` that only looks.

    Args:
        setting: where it is, what it works by, and which functions it knows.
        executions: all there are.
    """

    def __init__(self, setting: Setting, executions: Executions) -> None:
        self._setting: Final = setting
        self._executions: Final = executions

    @property
    def setting(self) -> Setting:
        """Where it is, what it works by, and which functions it knows."""
        return self._setting

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
        return history_page(self._executions, request)

    def list_executions(self, request: ListExecutionsRequest) -> ExecutionList:
        """ListDurableExecutionsByFunction. A function without executions has an empty list.

        Raises:
            ServiceFault: the function's name or the marker is malformed.
        """
        return list_page(self._executions, request)

    def list_all_executions(self, request: ListAllExecutionsRequest) -> ExecutionList:
        """The executions of all functions, or of one. It raises what `list_executions` does."""
        return list_all_page(self._executions, request)

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
        return self._executions.events(self._executions.find(arn), after + 1)
