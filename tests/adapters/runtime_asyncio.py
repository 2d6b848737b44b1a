"""asyncio for `runtimes`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar, Unpack

import perdure_asyncio
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


class Asyncio(Runtime):
    name: ClassVar = "asyncio"

    def run(self, main: Job[T]) -> T:
        async def whole() -> T:
            return await main()

        return asyncio.run(whole())

    def handler(
        self,
        program: Program,
        mode: CheckpointingMode = CheckpointingMode.BATCHED,
        plugins: Sequence[PluginFactory] = (),
    ) -> DurableHandler:
        return perdure_asyncio.durable_execution(mode=mode, plugins=plugins)(program)

    def close(self, handler: DurableHandler) -> None:
        assert isinstance(handler, perdure_asyncio.AsyncioHandler)
        handler.close()

    @asynccontextmanager
    async def open(
        self, event: Mapping[str, Any], settings: ClientSettings, **options: Unpack[Options]
    ) -> AsyncGenerator[Session]:
        client = perdure_asyncio.ServiceClient(settings)
        try:
            async with perdure_asyncio.open_execution(event, client=client, **options) as session:
                yield session
        finally:
            await client.aclose()

    def context(self, session: Session) -> Context:
        assert isinstance(session, perdure_asyncio.Execution)
        return perdure_asyncio.DurableContext(session)

    async def carry_out(self, session: Session, program: Program) -> InvocationOutput:
        assert isinstance(session, perdure_asyncio.Execution)
        context = perdure_asyncio.DurableContext(session)
        operation = run_invocation(session.state, program, context)
        return await drive_async(operation, session.perform)

    def sleep(self, seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds)

    def body(self, func: Job[T]) -> Callable[[], Any]:
        return func

    async def at_once(self, jobs: Sequence[Job[T]]) -> list[T | Exception]:
        async def one(job: Job[T]) -> T | Exception:
            try:
                return await job()
            except Exception as error:
                return error

        return list(await asyncio.gather(*(one(job) for job in jobs)))

    def others(self) -> list[str]:
        own = asyncio.current_task()
        return [repr(task) for task in asyncio.all_tasks() if task is not own]
