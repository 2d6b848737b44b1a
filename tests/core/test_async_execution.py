"""An invocation with asynchronous I/O, without any loop: nothing here ever waits."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Final, TypeVar
from uuid import uuid4

import pytest

from core.transcript import ARN, FIRST, NOW, SECOND, Wire, execution, step
from perdure.async_branching import Branching
from perdure.async_context import AsyncContext
from perdure.async_execution import AsyncExecution
from perdure.drive import drive_async
from perdure.effects import call, park
from perdure.errors import (
    ConcurrencyError,
    DurableError,
    ServiceError,
    Suspended,
    TransportError,
    ValidationError,
)
from perdure.models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from perdure.models.decode import decode_page
from perdure.models.enums import OperationAction, OperationType
from perdure.models.operation import ErrorObject
from perdure.models.update import OperationUpdate
from perdure.modes import CheckpointingMode
from perdure.outbox import Ticket
from perdure.sources import Sources
from perdure.state import ExecutionState

T = TypeVar("T")
START: Final = OperationUpdate("c1", OperationType.CONTEXT, OperationAction.START)
OTHER: Final = OperationUpdate("c2", OperationType.CONTEXT, OperationAction.START)


def run(waiting: Awaitable[T]) -> T:
    """The value of something that never waits."""

    async def awaited() -> T:
        return await waiting

    try:
        awaited().send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("it waits for something")


async def once(effect: Awaitable[T]) -> T:
    """The coroutine of an operation that asks for one effect."""
    return await effect


class Client:
    """A service with scripted answers; what is not scripted is confirmed.

    Args:
        answers: to the requests in their order.
    """

    def __init__(self, answers: Sequence[CheckpointResponse | StatePage | Exception] = ()) -> None:
        self._answers = iter(answers)
        self.requests: list[CheckpointRequest | StateRequest] = []

    @property
    def sent(self) -> list[list[str]]:
        """The ids of the updates of each checkpoint."""
        return [
            [update.id for update in request.updates]
            for request in self.requests
            if isinstance(request, CheckpointRequest)
        ]

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        answer = self._answer(request)
        assert isinstance(answer, CheckpointResponse)
        return answer

    async def get_operations(self, request: StateRequest) -> StatePage:
        answer = self._answer(request)
        assert isinstance(answer, StatePage)
        return answer

    def _answer(self, request: CheckpointRequest | StateRequest) -> CheckpointResponse | StatePage:
        self.requests.append(request)
        token = f"t{len(self.requests)}"
        answer = next(self._answers, CheckpointResponse(StatePage(), token))
        if isinstance(answer, Exception):
            raise answer
        return answer


class NothingToDo(BaseException):
    """The pump would sleep until somebody wakes it."""


class Alone(AsyncExecution[None]):
    """An execution whose only task talks to the service itself."""

    def __init__(self, state: ExecutionState, client: Client, queue_limit: int = 1000) -> None:
        self.now = NOW
        self.wakes = 0
        self.settled = 0
        self.running: object = "task 1"
        sources = Sources(lambda: self.now, lambda: 0.5, uuid4)
        super().__init__(state, client, queue_limit, sources, lambda: self.running)

    async def _until_settled(self, ticket: Ticket) -> None:
        self.state.wait_for(ticket)
        while not self.state.is_settled(ticket):
            await self._turn()

    def notify(self) -> None:
        self.wakes += 1

    async def _rest(self, until: float | None) -> None:
        if until is None:
            raise NothingToDo
        self.now = max(self.now, until)

    def _settle(self) -> None:
        self.settled += 1

    def waiter(self) -> None:
        return None

    async def wait(self, waiter: None) -> None:
        raise NothingToDo if not self.state.is_suspended else Suspended

    def wake(self, waiter: None) -> None:
        raise NotImplementedError

    async def _run_branches(self, branching: Branching[None]) -> None:
        raise NotImplementedError


def opened(
    client: Client,
    recorded: Sequence[Wire] = (),
    *,
    marker: str | None = None,
    mode: CheckpointingMode = CheckpointingMode.BATCHED,
    queue_limit: int = 1000,
) -> Alone:
    """An execution with some operations recorded."""
    page = decode_page({"Operations": [execution(), *recorded], "NextMarker": marker})
    return Alone(ExecutionState(ARN, "t0", page, mode=mode), client, queue_limit)


# -- checkpoints ---------------------------------------------------------------------------


def test_a_checkpoint_that_is_waited_for_is_durable() -> None:
    client = Client()
    alone = opened(client)
    ticket = run(alone.checkpoint_sync(START))
    assert client.sent == [["c1"]]
    assert alone.state.is_durable(ticket)
    assert alone.settled == 1


def test_what_is_recorded_afterwards() -> None:
    operation = {**execution(), "Id": "c1", "Type": "CONTEXT"}
    page = decode_page({"Operations": [operation]})
    alone = opened(Client([CheckpointResponse(page, "t1")]))
    recorded = run(alone.create_checkpoint_with_response(START))
    assert recorded.is_started
    assert recorded.operation_type == "CONTEXT"


def test_an_asynchronous_checkpoint_wakes_the_pump_and_lingers() -> None:
    client = Client()
    alone = opened(client)
    run(alone.checkpoint_async(START))
    assert (client.sent, alone.wakes) == ([], 1)
    with pytest.raises(NothingToDo):
        run(alone.pump())
    assert client.sent == [["c1"]]
    assert alone.now == pytest.approx(NOW + 0.1)  # pyright: ignore[reportUnknownMemberType]  # pytest's stub
    assert not alone.has_checkpoint_sender


def test_a_full_queue_slows_down_who_adds_to_it() -> None:
    client = Client()
    alone = opened(client, queue_limit=1)
    run(alone.checkpoint_async(START))
    run(alone.checkpoint_async(OTHER))
    assert client.sent == [["c1"]]
    assert alone.state.queued_updates == 1


@pytest.mark.parametrize(("mode", "sent"), [
    (CheckpointingMode.EAGER, [["c1"]]),
    (CheckpointingMode.BATCHED, []),
    (CheckpointingMode.OPTIMISTIC, []),
])  # fmt: skip
def test_the_mode_says_whether_to_wait(mode: CheckpointingMode, sent: list[list[str]]) -> None:
    client = Client()
    alone = opened(client, mode=mode)
    run(alone.checkpoint_optimal(START))
    assert client.sent == sent


def test_ending_the_execution_by_checkpoint() -> None:
    client = Client()
    run(opened(client).complete_execution_success('"done"'))
    run(opened(client).complete_execution_failure(ErrorObject("no", "E")))
    ends = [
        request.updates for request in client.requests if isinstance(request, CheckpointRequest)
    ]
    assert ends == [
        (
            OperationUpdate(
                "execution-result",
                OperationType.EXECUTION,
                OperationAction.SUCCEED,
                payload='"done"',
            ),
        ),
        (
            OperationUpdate(
                "execution-result",
                OperationType.EXECUTION,
                OperationAction.FAIL,
                error=ErrorObject("no", "E"),
            ),
        ),
    ]


# -- pages ---------------------------------------------------------------------------------


def test_pages_are_loaded_one_by_one() -> None:
    client = Client([decode_page({"Operations": [step("STARTED")], "NextMarker": "m2"}),
                     decode_page({"Operations": [step("STARTED", SECOND)]})])  # fmt: skip
    alone = opened(client, marker="m1")
    assert run(alone.load_more_operations()) is True
    assert run(alone.load_more_operations()) is False
    assert run(alone.load_more_operations()) is False
    markers = [each.marker for each in client.requests if isinstance(each, StateRequest)]
    assert markers == ["m1", "m2"]
    assert alone.state.operation_count == 3


def test_the_children_of_a_context_with_all_pages_loaded() -> None:
    alone = opened(Client([decode_page({"Operations": [step("STARTED")]})]), marker="m1")
    assert [each.id for each in run(alone.load_child_operations(None))] == [FIRST]


def test_a_page_that_cannot_be_had() -> None:
    alone = opened(Client([ServiceError("gone")]), marker="m1")
    with pytest.raises(ServiceError, match="gone"):
        run(alone.load_all_operations())
    assert run(alone.load_more_operations()) is True  # and asks no more
    with pytest.raises(ServiceError, match="gone"):
        run(alone.load_all_operations())


# -- failures ------------------------------------------------------------------------------


def test_a_request_that_failed_is_repeated_after_a_rest() -> None:
    client = Client([TransportError("cut"), TransportError("cut")])
    alone = opened(client)
    run(alone.checkpoint_sync(START))
    assert client.sent == [["c1"]] * 3
    assert alone.now == pytest.approx(NOW + 0.075 + 0.15)  # pyright: ignore[reportUnknownMemberType]  # pytest's stub


def test_a_fault_of_the_client_leaves_nobody_waiting() -> None:
    alone = opened(Client([KeyError("bug")]))
    with pytest.raises(DurableError, match=r"the service client failed: KeyError\('bug'\)"):
        run(alone.checkpoint_sync(START))
    assert alone.settled == 1


# -- effects -------------------------------------------------------------------------------


def test_a_call_wakes_the_pump_for_what_is_queued() -> None:
    alone = opened(Client())
    assert run(drive_async(once(call(max, (3, 5))), alone.perform)) == 5
    assert alone.wakes == 1


def test_an_awaitable_is_awaited() -> None:
    async def double(n: int) -> int:
        return 2 * n

    doubled: Awaitable[int] = call(double, (4,))
    assert run(drive_async(once(doubled), opened(Client()).perform)) == 8


def test_parking_suspends_while_there_is_no_other_flow() -> None:
    alone = opened(Client())
    with pytest.raises(Suspended):
        run(drive_async(once(park((FIRST,), None)), alone.perform))
    assert alone.state.is_suspended


# -- the context ---------------------------------------------------------------------------


def test_operations_are_awaited() -> None:
    waiting = {**execution(), "Id": SECOND, "Type": "WAIT", "SubType": "Wait"}
    begun = CheckpointResponse(decode_page({"Operations": [waiting]}), "t2")
    client = Client([CheckpointResponse(StatePage(), "t1"), begun])
    lambda_context: Any = {"lambda": "context"}
    context = AsyncContext(opened(client), lambda_context)
    assert context.lambda_context == {"lambda": "context"}

    async def body() -> object:
        one = await context.step(max, 1, 2, name="most")
        with pytest.raises(Suspended):
            await context.wait(5)
        return one

    assert run(body()) == 2
    assert client.sent == [[FIRST, FIRST], [SECOND]]


def test_an_operation_takes_its_place_when_it_is_called() -> None:
    client = Client()
    context = AsyncContext(opened(client))
    first, second = context.step(lambda: 1), context.step(lambda: 2)
    assert (run(second), run(first)) == (2, 1)
    assert client.sent == [[SECOND, SECOND], [FIRST, FIRST]]


def test_an_operation_is_for_the_task_that_called_it() -> None:
    client = Client()
    alone = opened(client)
    context = AsyncContext(alone)
    operation = context.step(lambda: 1)
    alone.running = "task 2"
    with pytest.raises(ConcurrencyError):
        run(operation)
    with pytest.raises(ConcurrencyError):
        context.wait(1)
    assert client.sent == []


def test_wrong_arguments_take_no_place() -> None:
    client = Client()
    context = AsyncContext(opened(client))
    with pytest.raises(ValidationError):
        context.wait(0)
    with pytest.raises(ValidationError):
        context.step(lambda: 1, name="é")
    run(context.step(lambda: 1))
    assert client.sent == [[FIRST, FIRST]]
