"""One invocation with several flows, on the tiny loop: programs as users write them.

`Flowing` is `core.transcript.Play` for functions with branches: the same service, the
same record of requests, and time that passes only when nothing else can happen.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

from core.obedient import Obedient, Wire
from core.tiny_loop import Cancelled, Flag, Loop, Task, wait
from core.transcript import ARN, NOW, execution
from perdure.async_branching import Branching
from perdure.async_context import AsyncContext
from perdure.async_execution import AsyncExecution
from perdure.batching import CheckpointToSend
from perdure.drive import drive_async
from perdure.errors import RemoteProtocolError, ServiceError
from perdure.invocation import run_invocation
from perdure.models.checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from perdure.models.decode import decode_page
from perdure.models.invocation import InvocationOutput
from perdure.modes import CheckpointingMode
from perdure.service_client import AsyncDurableServiceClient
from perdure.sources import Sources
from perdure.state import ExecutionState

Program = Callable[["TinyContext"], Awaitable[object]]


class TinyExecution(AsyncExecution[Flag]):
    """The invocation's I/O on the tiny loop."""

    SIGNALS = (Cancelled, GeneratorExit)

    def __init__(
        self,
        state: ExecutionState,
        client: AsyncDurableServiceClient,
        loop: Loop,
        at_once: bool = False,
    ) -> None:
        sources = Sources(lambda: loop.now, lambda: 0.5, uuid4)
        super().__init__(state, client, 1000, sources, lambda: loop.current)
        self.loop = loop
        self._at_once = at_once
        self._bell = Flag()

    def notify(self) -> None:
        self._bell.is_set = True

    async def _rest(self, until: float | None) -> None:
        self._bell = Flag()
        await wait(self._bell, until)

    def waiter(self) -> Flag:
        return Flag()

    async def wait(self, waiter: Flag) -> None:
        await wait(waiter)

    def wake(self, waiter: Flag) -> None:
        waiter.is_set = True

    async def _run_branches(self, branching: Branching[Flag]) -> None:
        tasks: list[Task] = []
        spawn, at_once = self.loop.spawn, self._at_once
        branching.spawn = lambda branch, index: tasks.append(spawn(branch(index), at_once=at_once))
        try:
            await branching.until_over()
        finally:
            for task in tasks:
                task.cancel()
            await self.loop.join(tasks)


class TinyContext(AsyncContext):
    """The context of one flow on the tiny loop."""


@dataclass
class Flowing:
    """One invocation. Afterwards `updates`, `times` and `now` tell what happened.

    Args:
        recorded: the operations of the initial state, without the EXECUTION.
        choose: which of the tasks that can go on does.
        mode: when callers wait.
        latency: seconds that the service takes to answer.
        lag: how many seconds late the service reports what falls due.
        refuse: what the service says to the request with a number, in place of obeying.
        revoke: after so many requests the answer lacks a token.
        input: the JSON text that the execution was started with.
        at_once: branches run as soon as their task is made, as eager tasks of asyncio do.
    """

    recorded: Sequence[Wire] = ()
    choose: Callable[[int], int] | None = None
    mode: CheckpointingMode = CheckpointingMode.BATCHED
    latency: float = 0.0
    lag: float = 0.0
    refuse: Mapping[int, ServiceError | RemoteProtocolError] = field(
        default_factory=dict[int, ServiceError | RemoteProtocolError]
    )
    revoke: int | None = None
    input: str = "null"
    at_once: bool = False
    output: InvocationOutput = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop(NOW, self.choose)
        self.service = Obedient(self.recorded, self.lag)
        self.updates: list[list[Wire]] = []
        self.times: list[float] = []
        self._answered = 0
        page = decode_page({"Operations": [execution(self.input), *self.recorded]})
        self.state = ExecutionState(ARN, "t0", page, mode=self.mode)
        self.execution = TinyExecution(self.state, self, self.loop, self.at_once)

    @property
    def now(self) -> float:
        """Seconds since the invocation began."""
        return self.loop.now - NOW

    @property
    def actions(self) -> list[list[str]]:
        """Name and action of the updates of each request; an empty list is a poll."""
        return [
            [f"{update.get('Name', update['Type'])} {update['Action']}" for update in sent]
            for sent in self.updates
        ]

    @property
    def flat(self) -> list[str]:
        """Name and action of all updates."""
        return [action for sent in self.actions for action in sent]

    def sent(self, name: str, action: str) -> Wire:
        """The one update of an operation with this action."""
        (update,) = (
            each
            for sent in self.updates
            for each in sent
            if each.get("Name") == name and each["Action"] == action
        )
        return update

    def run(self, program: Program) -> Flowing:
        """Carry out the whole invocation with a program as the durable function."""
        self.output = self.loop.run(self._run(program))
        return self

    def again(self, program: Program, **settings: Any) -> Flowing:
        """The next invocation, once everything pending fell due."""
        return Flowing(self.service.later(), **settings).run(program)

    @property
    def result(self) -> object:
        """What the function returned."""
        assert self.output.result is not None, self.output
        return json.loads(self.output.result)

    async def _run(self, program: Program) -> InvocationOutput:
        pump = self.loop.spawn(self.execution.pump(), eagerness=0)
        context = self.context = TinyContext(self.execution)
        try:
            return await drive_async(
                run_invocation(self.state, lambda event, context: program(context), context),
                self.execution.perform,
            )
        finally:
            pump.cancel()
            await self.loop.join([pump])

    async def checkpoint(self, request: CheckpointRequest) -> CheckpointResponse:
        """As the service would answer."""
        body: Wire = json.loads(cast("CheckpointToSend", request).body)
        number = len(self.updates)
        assert body["CheckpointToken"] == f"t{self._answered}", "the tokens are a chain"
        self.updates.append(body["Updates"])
        self.times.append(self.now)
        if self.latency:
            await self.loop.sleep(self.latency)
        if number in self.refuse:
            raise self.refuse[number]
        self._answered += 1
        changed = self.service.apply(body["Updates"], self.loop.now)
        changed += self.service.fall_due(self.loop.now)
        page: StatePage = decode_page({"Operations": changed})
        token = None if self.revoke == self._answered else f"t{self._answered}"
        return CheckpointResponse(page, token)

    async def get_operations(self, request: StateRequest) -> StatePage:
        """There is one page."""
        raise NotImplementedError
