"""The service as an invocation under way sees it: no socket, answers at once, faults as asked."""

from __future__ import annotations

from typing import Final

from perdure.classification import classify
from perdure.errors import ServiceError, TransportError
from perdure.models.checkpoint import (
    CheckpointRequest,
    CheckpointResponse,
    StatePage,
    StateRequest,
)
from perdure.service.faults import ServiceFault
from perdure.service.service import Service

from .faults import Faults, Moment
from .flight import Flight
from .run import Request

# Without a token the invocation may not go on: all of its flows end, and write nothing more.
_GO_NO_FURTHER: Final = CheckpointResponse(StatePage())


class InProcessClient:
    """Answers the requests of one invocation.

    Args:
        service: who knows the answers.
        flight: whose requests they are.
        faults: what goes wrong.
    """

    def __init__(self, service: Service, flight: Flight, faults: Faults) -> None:
        self._service: Final = service
        self._flight: Final = flight
        self._faults: Final = faults

    def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """CheckpointDurableExecution."""
        flight = self._flight
        if flight.is_over:
            return _GO_NO_FURTHER
        now = flight.turns.now()
        wrong = self._faults.at(request.updates)
        flight.requests.append(Request(flight.number, now, request.updates))
        if wrong is Moment.BEFORE:
            flight.has_crashed = True
            return _GO_NO_FURTHER
        try:
            response = self._service.checkpoint(request, now)
        except ServiceFault as fault:
            raise _refusal(fault) from None
        if wrong is Moment.AFTER:
            flight.has_crashed = True
            return _GO_NO_FURTHER
        if wrong is Moment.LOST:
            raise TransportError("the answer was lost")
        return response

    def get_operations(self, request: StateRequest) -> StatePage:
        """GetDurableExecutionState."""
        try:
            return self._service.get_state(request, self._flight.turns.now())
        except ServiceFault as fault:
            raise _refusal(fault) from None


def _refusal(fault: ServiceFault) -> ServiceError:
    return classify(fault.status, fault.code, fault.message, fault.retry_after)
