"""trio for `runtimes`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar, Unpack

import trio

import perdure_trio
from adapters.programs import Context, Program, Session
from adapters.runtimes import Job, Options, Runtime
from perdure.drive import drive_async
from perdure.handler import DurableHandler
from perdure.invocation import run_invocation
from perdure.models.invocation import InvocationOutput
from perdure.modes import CheckpointingMode
from perdure.plugins import PluginFactory
from perdure_aws import ClientSettings

T = TypeVar("T")


class Trio(Runtime):
    name: ClassVar = "trio"

    def run(self, main: Job[T]) -> T:
        return trio.run(main)

    def handler(
        self,
        program: Program,
        mode: CheckpointingMode = CheckpointingMode.BATCHED,
        plugins: Sequence[PluginFactory] = (),
    ) -> DurableHandler:
        return perdure_trio.durable_execution(mode=mode, plugins=plugins)(program)

    def close(self, handler: DurableHandler) -> None:
        assert isinstance(handler, perdure_trio.TrioHandler)
        handler.close()

    @asynccontextmanager
    async def open(
        self, event: Mapping[str, Any], settings: ClientSettings, **options: Unpack[Options]
    ) -> AsyncGenerator[Session]:
        client = perdure_trio.ServiceClient(settings)
        try:
            async with perdure_trio.open_execution(event, client=client, **options) as session:
                yield session
        finally:
            client.close()

    def context(self, session: Session) -> Context:
        assert isinstance(session, perdure_trio.Execution)
        return perdure_trio.DurableContext(session)

    async def carry_out(self, session: Session, program: Program) -> InvocationOutput:
        assert isinstance(session, perdure_trio.Execution)
        context = perdure_trio.DurableContext(session)
        operation = run_invocation(session.state, program, context)
        return await drive_async(operation, session.perform)

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    def body(self, func: Job[T]) -> Callable[[], Any]:
        return func

    async def at_once(self, jobs: Sequence[Job[T]]) -> list[T | Exception]:
        results: dict[int, T | Exception] = {}

        async def one(index: int, job: Job[T]) -> None:
            try:
                results[index] = await job()
            except Exception as error:
                results[index] = error

        async with trio.open_nursery() as nursery:
            for index, job in enumerate(jobs):
                nursery.start_soon(one, index, job)
        return [results[index] for index in range(len(jobs))]

    def others(self) -> list[str]:
        own = trio.lowlevel.current_task()
        nurseries = [*own.child_nurseries]
        if own.parent_nursery is not None:
            nurseries.append(own.parent_nursery)
        return [repr(task) for each in nurseries for task in each.child_tasks if task is not own]
