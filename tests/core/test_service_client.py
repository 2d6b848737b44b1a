"""Which call a request stands for."""

from __future__ import annotations

from core.transcript import ARN
from perdure.models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from perdure.service_client import ask, ask_async

PAGE = StatePage(next_marker="m")
RESPONSE = CheckpointResponse(StatePage(), "t1")


class Client:
    """The two calls, with constant answers."""

    def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        assert request.durable_execution_arn == ARN
        return RESPONSE

    def get_operations(self, request: StateRequest) -> StatePage:
        assert request.marker == "m"
        return PAGE


class AsyncClient:
    """The same, asynchronous."""

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        return Client().checkpoint(request)

    async def get_operations(self, request: StateRequest) -> StatePage:
        return Client().get_operations(request)


def answer_of(request: CheckpointRequest | StateRequest) -> object:
    """What the asynchronous client answers; it never waits."""
    try:
        ask_async(AsyncClient(), request).__await__().__next__()
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


def test_a_state_request_asks_for_operations() -> None:
    request = StateRequest(ARN, "t0", "m")
    assert ask(Client(), request) is PAGE
    assert answer_of(request) is PAGE


def test_every_other_request_is_a_checkpoint() -> None:
    request = CheckpointRequest(ARN, "t0")
    assert ask(Client(), request) is RESPONSE
    assert answer_of(request) is RESPONSE
