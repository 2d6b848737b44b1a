"""The three runtimes behind one face, so that one test is about all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, TypedDict, TypeVar, Unpack

from adapters.programs import Context, Program, Session
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.handler import DurableHandler
from perdure.models.encode import to_wire
from perdure.models.invocation import InvocationOutput
from perdure.modes import CheckpointingMode
from perdure.plugins import PluginFactory
from perdure_aws import ClientSettings

T = TypeVar("T")
Job = Callable[[], Awaitable[T]]

UNHURRIED = Batcher(linger=10)
"""No update leaves because time passed, however busy the machine is."""
QUICK = RequestRetries(max_attempts=3, base=0.01, cap=0.02)
"""Retries that end fast."""


class Options(TypedDict, total=False):
    """What `open_execution` takes, on every runtime."""

    mode: CheckpointingMode
    batcher: Batcher | None
    retries: RequestRetries | None
    deadline: float | None
    queue_limit: int


class Runtime(ABC):
    """What the tests need of a runtime."""

    name: ClassVar[str]
    is_async: ClassVar[bool] = True

    def __repr__(self) -> str:
        return self.name

    @abstractmethod
    def run(self, main: Job[T]) -> T:
        """Run a coroutine function to its end."""

    @abstractmethod
    def handler(
        self,
        program: Program,
        mode: CheckpointingMode = CheckpointingMode.BATCHED,
        plugins: Sequence[PluginFactory] = (),
    ) -> DurableHandler:
        """Lambda's entry point for a program; its client is that of the environment."""

    @abstractmethod
    def close(self, handler: DurableHandler) -> None:
        """Give up what a handler keeps."""

    @abstractmethod
    def open(
        self,
        event: Mapping[str, Any],
        settings: ClientSettings,
        **options: Unpack[Options],
    ) -> AbstractAsyncContextManager[Session]:
        """`open_execution` with a client of its own, closed with it."""

    @abstractmethod
    def context(self, session: Session) -> Context:
        """The root context of an open execution."""

    @abstractmethod
    async def carry_out(self, session: Session, program: Program) -> InvocationOutput:
        """Run a program in an open execution to the invocation's answer."""

    @abstractmethod
    def sleep(self, seconds: float) -> Awaitable[None]:
        """Let real time pass in this runtime's own way."""

    @abstractmethod
    def body(self, func: Job[T]) -> Callable[[], Any]:
        """A step's body made of a coroutine function: as it is, or a plain function."""

    @abstractmethod
    def at_once(self, jobs: Sequence[Job[T]]) -> Awaitable[list[T | Exception]]:
        """Run many jobs concurrently, in tasks or threads; what each came to, in order."""

    @abstractmethod
    def others(self) -> list[str]:
        """The tasks that live beside this one. Call it within `run`."""

    # -- what is the same on all ---------------------------------------------------------

    def invoke(
        self,
        program: Program,
        event: Mapping[str, Any],
        settings: ClientSettings,
        **options: Unpack[Options],
    ) -> dict[str, Any]:
        """One invocation, put together as the handler does it, with options of its own."""

        async def main() -> dict[str, Any]:
            async with self.open(event, settings, **options) as session:
                output = await self.carry_out(session, program)
            return to_wire(output)

        return self.run(main)

    def entry_point(
        self, program: Program, settings: ClientSettings, **options: Unpack[Options]
    ) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        """`invoke` in the form of a Lambda handler."""
        return lambda event, _: self.invoke(program, event, settings, **options)

    async def until(self, condition: Callable[[], bool], seconds: float = 5) -> None:
        """Let others run until something is so."""
        for _ in range(int(seconds / 0.002)):
            if condition():
                return
            await self.sleep(0.002)
        raise AssertionError("it never happened")
