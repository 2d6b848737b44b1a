"""Plain sync Python for `runtimes`: the adapter's own objects, made awaitable."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar, TypeVarTuple, Unpack, overload
from uuid import UUID

import perdure_sync
from adapters.loopback import THREADS
from adapters.programs import Context, Done, Program, Session, finish
from adapters.runtimes import Job, Options, Runtime
from perdure.batch_result import BatchResult
from perdure.checkpointed import CheckpointedResult
from perdure.context import Branch
from perdure.handler import DurableHandler
from perdure.invocation import run_invocation
from perdure.models.invocation import InvocationOutput
from perdure.models.operation import ErrorObject, Operation
from perdure.models.update import OperationUpdate
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepSemantics
from perdure.outbox import Ticket
from perdure.plugins import PluginFactory
from perdure.replay_logging import ContextLogger
from perdure.retries import DEFAULT, RetryStrategy
from perdure.serdes import TAGGED, SerDes
from perdure.state import ExecutionState
from perdure_aws import ClientSettings
from perdure_sync.context import Callback as PlainCallback

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class AwaitableContext:
    """The sync context; what it did is awaited afterwards."""

    def __init__(self, context: perdure_sync.DurableContext) -> None:
        self.plain = context

    @property
    def state(self) -> ExecutionState:
        return self.plain.state

    def is_replaying(self) -> bool:
        return self.plain.is_replaying()

    @property
    def logger(self) -> ContextLogger:
        return self.plain.logger

    @overload
    def step(
        self,
        func: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        name: str | None = ...,
        retry: RetryStrategy = ...,
        semantics: StepSemantics = ...,
        serdes: SerDes = ...,
        sub_type: str = ...,
    ) -> Awaitable[T]: ...

    @overload
    def step(
        self,
        func: Callable[[*Ts], T],
        *args: *Ts,
        name: str | None = ...,
        retry: RetryStrategy = ...,
        semantics: StepSemantics = ...,
        serdes: SerDes = ...,
        sub_type: str = ...,
    ) -> Awaitable[T]: ...

    def step(
        self,
        func: Callable[[*Ts], Any],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = DEFAULT,
        semantics: StepSemantics = StepSemantics.AT_LEAST_ONCE,
        serdes: SerDes = TAGGED,
        sub_type: str = "Step",
    ) -> Awaitable[Any]:
        value = self.plain.step(
            func,
            *args,
            name=name,
            retry=retry,
            semantics=semantics,
            serdes=serdes,
            sub_type=sub_type,
        )
        return Done(value)

    def wait(self, duration: int | timedelta, *, name: str | None = None) -> Awaitable[None]:
        self.plain.wait(duration, name=name)
        return Done(None)

    def run_in_child_context(self, func: Any, *args: Any, **options: Any) -> Awaitable[Any]:
        return Done(self.plain.run_in_child_context(_plain(func), *args, **options))

    def parallel(self, *branches: Any, **options: Any) -> Awaitable[BatchResult[Any]]:
        plain = [
            Branch(_plain(each.func), each.name) if isinstance(each, Branch) else _plain(each)
            for each in branches
        ]
        return Done(self.plain.parallel(*plain, **options))

    def map(self, items: Any, func: Any, **options: Any) -> Awaitable[BatchResult[Any]]:
        return Done(self.plain.map(items, _plain(func), **options))

    def invoke(self, *args: Any, **options: Any) -> Awaitable[Any]:
        return Done(self.plain.invoke(*args, **options))

    def wait_for_condition(self, *args: Any, **options: Any) -> Awaitable[Any]:
        return Done(self.plain.wait_for_condition(*args, **options))

    def create_callback(self, **options: Any) -> Awaitable[AwaitableCallback]:
        return Done(AwaitableCallback(self.plain.create_callback(**options)))

    def wait_for_callback(self, *args: Any, **options: Any) -> Awaitable[Any]:
        return Done(self.plain.wait_for_callback(*args, **options))

    def with_retry(self, func: Any, *args: Any, **options: Any) -> Awaitable[Any]:
        return Done(self.plain.with_retry(_plain(func), *args, **options))

    def later(self, method: str, *args: Any, **options: Any) -> perdure_sync.Deferred[Any]:
        """A deferred operation of the sync context."""
        if method == "run_in_child_context":
            args = (_plain(args[0]), *args[1:])
        return self.plain.defer(getattr(self.plain, method), *args, **options)

    def gather(self, *operations: Any, name: str | None = None) -> Awaitable[Any]:
        return Done(self.plain.gather(*operations, name=name))

    def all_settled(self, *operations: Any) -> Awaitable[BatchResult[Any]]:
        return Done(self.plain.all_settled(*operations))

    def race(self, *operations: Any, name: str | None = None) -> Awaitable[Any]:
        return Done(self.plain.race(*operations, name=name))

    def any(self, *operations: Any, name: str | None = None) -> Awaitable[Any]:
        return Done(self.plain.any(*operations, name=name))

    def now(self) -> Awaitable[datetime]:
        return Done(self.plain.now())

    def random(self) -> Awaitable[float]:
        return Done(self.plain.random())

    def uuid(self) -> Awaitable[UUID]:
        return Done(self.plain.uuid())

    def at_end(self, func: Any, *args: Any, **options: Any) -> None:
        self.plain.at_end(func, *args, **options)

    def on_failure(self, func: Any, *args: Any, **options: Any) -> None:
        self.plain.on_failure(func, *args, **options)


class AwaitableCallback:
    """The sync callback; its result is awaited afterwards."""

    def __init__(self, plain: PlainCallback) -> None:
        self.plain = plain

    @property
    def id(self) -> str:
        return self.plain.id

    def result(self) -> Awaitable[Any]:
        return Done(self.plain.result())


def _plain(func: Any) -> Any:
    """A branch or child as a plain function of the sync context."""

    def plain(context: perdure_sync.DurableContext, *args: Any) -> Any:
        return finish(func(AwaitableContext(context), *args))

    return plain


class AwaitableSession:
    """The sync execution; what it did is awaited afterwards."""

    def __init__(self, execution: perdure_sync.Execution) -> None:
        self.plain = execution

    @property
    def state(self) -> ExecutionState:
        return self.plain.state

    @property
    def has_checkpoint_sender(self) -> bool:
        return self.plain.has_checkpoint_sender

    def checkpoint_sync(self, update: OperationUpdate) -> Awaitable[Ticket]:
        return Done(self.plain.checkpoint_sync(update))

    def checkpoint_async(self, update: OperationUpdate) -> Awaitable[Ticket]:
        return Done(self.plain.checkpoint_async(update))

    def checkpoint_optimal(self, update: OperationUpdate) -> Awaitable[Ticket]:
        return Done(self.plain.checkpoint_optimal(update))

    def create_checkpoint_with_response(
        self, update: OperationUpdate
    ) -> Awaitable[CheckpointedResult]:
        return Done(self.plain.create_checkpoint_with_response(update))

    def complete_execution_success(self, result: str) -> Awaitable[None]:
        self.plain.complete_execution_success(result)
        return Done(None)

    def complete_execution_failure(self, error: ErrorObject) -> Awaitable[None]:
        self.plain.complete_execution_failure(error)
        return Done(None)

    def load_all_operations(self) -> Awaitable[None]:
        self.plain.load_all_operations()
        return Done(None)

    def load_child_operations(self, parent_id: str | None) -> Awaitable[tuple[Operation, ...]]:
        return Done(self.plain.load_child_operations(parent_id))

    def persist(self, ticket: Ticket) -> Awaitable[None]:
        self.plain.persist(ticket)
        return Done(None)


class Sync(Runtime):
    name: ClassVar = "sync"
    is_async: ClassVar = False

    def run(self, main: Job[T]) -> T:
        return finish(main())

    def handler(
        self,
        program: Program,
        mode: CheckpointingMode = CheckpointingMode.BATCHED,
        plugins: Sequence[PluginFactory] = (),
    ) -> DurableHandler:
        def function(event: Any, context: perdure_sync.DurableContext) -> object:
            return finish(program(event, AwaitableContext(context)))

        return perdure_sync.durable_execution(mode=mode, plugins=plugins)(function)

    def close(self, handler: DurableHandler) -> None:
        assert isinstance(handler, perdure_sync.SyncHandler)
        handler.close()

    @asynccontextmanager
    async def open(
        self, event: Mapping[str, Any], settings: ClientSettings, **options: Unpack[Options]
    ) -> AsyncGenerator[Session]:
        client = perdure_sync.ServiceClient(settings)
        try:
            with perdure_sync.open_execution(event, client=client, **options) as execution:
                yield AwaitableSession(execution)
        finally:
            client.close()

    def context(self, session: Session) -> Context:
        assert isinstance(session, AwaitableSession)
        return AwaitableContext(perdure_sync.DurableContext(session.plain))

    async def carry_out(self, session: Session, program: Program) -> InvocationOutput:
        assert isinstance(session, AwaitableSession)
        execution = session.plain
        context = perdure_sync.DurableContext(execution)

        def function(event: Any, context: perdure_sync.DurableContext) -> object:
            return finish(program(event, AwaitableContext(context)))

        return execution.run(lambda: run_invocation(execution.state, function, context))

    def sleep(self, seconds: float) -> Awaitable[None]:
        time.sleep(seconds)
        return Done(None)

    def body(self, func: Job[T]) -> Callable[[], Any]:
        return lambda: finish(func())

    def at_once(self, jobs: Sequence[Job[T]]) -> Awaitable[list[T | Exception]]:
        results: dict[int, T | Exception] = {}

        def one(index: int, job: Job[T]) -> None:
            try:
                results[index] = finish(job())
            except Exception as error:
                results[index] = error

        threads = [
            threading.Thread(target=one, args=(index, job)) for index, job in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "a waiter got neither answer nor error"
        return Done([results[index] for index in range(len(jobs))])

    def others(self) -> list[str]:
        return [
            thread.name
            for thread in threading.enumerate()
            if thread is not threading.main_thread() and not thread.name.startswith(THREADS)
        ]
