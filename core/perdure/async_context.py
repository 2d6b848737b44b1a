"""The durable context for async functions. It imports no runtime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, TypeVarTuple, overload

from .async_combinators import AsyncCombinators
from .async_operation import DurableOperation
from .batch_completion import Completion
from .batch_result import BatchResult
from .context import Branch
from .operations.batch import BatchConfig, Nesting
from .operations.call import OperationCall
from .operations.callback import CallbackConfig, await_callback, timeout_seconds
from .operations.child import SUB_TYPE as CHILD
from .operations.child import ChildConfig
from .operations.invoke import InvokeConfig
from .operations.step import SUB_TYPE as STEP
from .operations.step import StepConfig, StepSemantics, step_config
from .operations.with_retry import RETRY as WITH_RETRY
from .retries import DEFAULT, RetryStrategy
from .serdes import JSON, PASS_THROUGH, TAGGED, SerDes
from .waits import WaitStrategy

if TYPE_CHECKING:
    from uuid import UUID

T = TypeVar("T")
Item = TypeVar("Item")
Ts = TypeVarTuple("Ts")


class AsyncContext(AsyncCombinators):
    """What a durable function does its durable work with.

    It belongs to the task that runs the function. Its methods are plain functions that
    take their place in the execution at once; the work begins when they are awaited.

    Args:
        execution: the invocation.
        lambda_context: Lambda's own context object.
        prefix: the id of the operation that owns the context; None is the root.
        parent_id: what its operations name as their parent on the wire.
    """

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
    ) -> DurableOperation[T]: ...

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
    ) -> DurableOperation[T]: ...

    def step(
        self,
        func: Callable[[*Ts], Any],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = DEFAULT,
        semantics: StepSemantics = StepSemantics.AT_LEAST_ONCE,
        serdes: SerDes = TAGGED,
        sub_type: str = STEP,
    ) -> DurableOperation[Any]:
        """Run a function once, record its result, and return the record ever after.

        Args:
            func: sync or async. A sync one runs in the loop's thread; keep it short.
            args: its arguments. They are not recorded: on a replay the function is not
                called.
            name: shown in the history, 1 to 256 printable ASCII characters.
            retry: asked after each failed attempt; by default six attempts.
            semantics: whether a crash may run the body of an attempt again.
            serdes: how the result is recorded; as JSON of the model by default, where
                the function is annotated to return a pydantic model.
            sub_type: what kind of step the history shows; 1 to 32 of a-z, A-Z, 0-9, - and _.

        Returns:
            The result as it was recorded: encoded and decoded, on the first run too.

        Raises:
            ValidationError: an argument is not acceptable. No place was taken.
            StepError: the step failed for good.
            SerDesError: its result cannot be recorded.
            ReplayError: the history holds another operation here.
            ConcurrencyError: another task than the context's own called or awaited it.
        """
        config = step_config(func, retry, semantics, serdes, sub_type)
        return DurableOperation(self, self.begin_step(func, args, name, config))

    def wait(self, duration: int | timedelta, *, name: str | None = None) -> DurableOperation[None]:
        """Let time pass. The function is suspended meanwhile and costs nothing.

        Args:
            duration: whole seconds, or a timedelta of such; 1 second to 366 days.
            name: shown in the history.

        Raises:
            ValidationError: the duration is not acceptable. No place was taken.
        """
        return DurableOperation(self, self.begin_wait(duration, name))

    def run_in_child_context(
        self,
        func: Callable[[Self, *Ts], Awaitable[T]],
        *args: *Ts,
        name: str | None = None,
        serdes: SerDes = TAGGED,
        summary: Callable[[T], str] | None = None,
        virtual: bool = False,
        sub_type: str = CHILD,
    ) -> DurableOperation[T]:
        """Run a function with a context of its own, and record its result as one operation.

        Args:
            func: of the child's context and `args`. A finished one does not run again.
            args: its further arguments.
            name: shown in the history.
            serdes: how the result is recorded.
            summary: makes the text that is recorded in place of a result above 256 KiB;
                the function then runs again on replay, over its recorded operations.
            virtual: leave no trace: the function runs again on every replay.
            sub_type: what kind of context the history shows.

        Raises:
            ChildContextError: the function raised.
            SerDesError: its result cannot be recorded.
        """
        config = ChildConfig(serdes, summary, virtual, sub_type)
        return DurableOperation(self, self.begin_child(func, args, name, config))

    def with_retry(
        self,
        func: Callable[[Self, *Ts], Awaitable[T]],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = WITH_RETRY,
        serdes: SerDes = TAGGED,
    ) -> DurableOperation[T]:
        """Run a function with a context of its own, again as a whole until it succeeds.

        Args:
            func: of the child's context and `args`. Each attempt makes operations anew.
            args: its further arguments.
            name: of the child context, shown in the history; the waits between attempts
                are named after it.
            retry: asked after each failed attempt; by default three attempts.
            serdes: how the result is recorded.

        Raises:
            ChildContextError: the last attempt raised.
            SerDesError: its result cannot be recorded.
        """
        return DurableOperation(self, self.begin_with_retry(func, args, name, retry, serdes))

    def now(self) -> DurableOperation[datetime]:
        """The time in UTC, as it was on the first run: a step."""
        return self.step(self.sources.now, name="now")

    def random(self) -> DurableOperation[float]:
        """A random number in [0, 1), the same on every run: a step."""
        return self.step(self.sources.draw, name="random")

    def uuid(self) -> DurableOperation[UUID]:
        """A random UUID, the same on every run: a step."""
        return self.step(self.sources.new_uuid, name="uuid")

    def parallel(
        self,
        *branches: Callable[[Self], Awaitable[T]] | Branch[T],
        name: str | None = None,
        max_concurrency: int | None = None,
        completion: Completion | None = None,
        nesting: Nesting = Nesting.NESTED,
        serdes: SerDes = TAGGED,
        item_serdes: SerDes | None = None,
        summary: Callable[[BatchResult[T]], str] | None = None,
    ) -> DurableOperation[BatchResult[T]]:
        """Run functions at the same time, each with a context of its own.

        Args:
            branches: functions of a context, or `Branch` with a name.
            name: shown in the history.
            max_concurrency: how many run at once; all by default.
            completion: when the batch is complete; by default the first failure ends it.
            nesting: FLAT saves the two events of each branch.
            serdes: how the whole result is recorded.
            item_serdes: how the result of a branch is recorded.
            summary: makes a text that goes into the record of a result above 256 KiB.

        Returns:
            What became of each branch. A branch that fails does not raise here: see
            `BatchResult.throw_if_error`.
        """
        config = BatchConfig(
            max_concurrency, completion or Completion(), nesting, serdes, item_serdes, summary
        )
        return DurableOperation(self, self.begin_parallel(branches, name, config))

    def map(
        self,
        items: Iterable[Item],
        func: Callable[[Self, Item, int], Awaitable[T]],
        *,
        name: str | None = None,
        max_concurrency: int | None = None,
        completion: Completion | None = None,
        nesting: Nesting = Nesting.NESTED,
        serdes: SerDes = TAGGED,
        item_serdes: SerDes | None = None,
        item_namer: Callable[[Item, int], str] | None = None,
        summary: Callable[[BatchResult[T]], str] | None = None,
    ) -> DurableOperation[BatchResult[T]]:
        """Run a function for each item at the same time, each with a context of its own.

        Args:
            items: the inputs; their order must be the same in every run.
            func: of a context, the item and its index.
            name: shown in the history.
            max_concurrency: how many run at once; all by default.
            completion: when the batch is complete; by default the first failure ends it.
            nesting: FLAT saves the two events of each item.
            serdes: how the whole result is recorded.
            item_serdes: how the result of an item is recorded.
            item_namer: names the branch of an item; by default ``map-item-N``.
            summary: makes a text that goes into the record of a result above 256 KiB.
        """
        config = BatchConfig(
            max_concurrency, completion or Completion(), nesting, serdes, item_serdes, summary
        )
        return DurableOperation(self, self.begin_map(items, func, name, config, item_namer))

    def invoke(
        self,
        function_name: str,
        payload: Any = None,
        *,
        name: str | None = None,
        tenant_id: str | None = None,
        trace_id: str | None = None,
        payload_serdes: SerDes = JSON,
        result_serdes: SerDes = JSON,
    ) -> DurableOperation[Any]:
        """Invoke another function and wait for its answer.

        Args:
            function_name: a name, partial ARN or ARN, with or without a qualifier.
            payload: its input.
            name: shown in the history.
            tenant_id: of a function with tenant isolation.
            trace_id: the X-Ray trace header it gets.
            payload_serdes: how the input is written, plain JSON by default.
            result_serdes: how the answer is read, plain JSON by default.

        Raises:
            InvokeError: it failed, timed out or was stopped, or is not there.
        """
        config = InvokeConfig(tenant_id, trace_id, payload_serdes, result_serdes)
        return DurableOperation(self, self.begin_invoke(function_name, payload, name, config))

    def wait_for_condition(
        self,
        check: Callable[[T], Awaitable[T]] | Callable[[T], T],
        initial: T,
        strategy: WaitStrategy,
        *,
        name: str | None = None,
        serdes: SerDes = TAGGED,
    ) -> DurableOperation[T]:
        """Check again and again, suspended in between, until a condition is met.

        Args:
            check: makes the next state from the last one.
            initial: the state that the first check gets.
            strategy: looks at the state and says when to check again, or that it is met;
                see `perdure.waits.poll_until`.
            name: shown in the history.
            serdes: how the state is recorded between checks.

        Raises:
            WaitForConditionError: a check raised, or the attempts are used up.
        """
        operation = self.begin_wait_for_condition(check, initial, strategy, name, serdes)
        return DurableOperation(self, operation)

    def create_callback(
        self,
        *,
        name: str | None = None,
        timeout: int | timedelta | None = None,
        heartbeat_timeout: int | timedelta | None = None,
        serdes: SerDes = PASS_THROUGH,
        sub_type: str | None = None,
    ) -> DurableOperation[Callback]:
        """Create an id for somebody outside to answer with.

        Args:
            name: shown in the history.
            timeout: whole seconds until it fails for want of an answer; none by default.
            heartbeat_timeout: how long it may go without a heartbeat; for ever by default.
            serdes: how the answer is read; by default it is the text as it was sent.
            sub_type: what kind of callback the history shows.

        Returns:
            The callback: hand out its `id`, then await its `result`.
        """
        config = CallbackConfig(
            timeout_seconds(timeout), timeout_seconds(heartbeat_timeout), serdes, sub_type
        )
        call, creation = self.begin_callback(name, config)

        async def create() -> Callback:
            return Callback(self, await creation, call, config)

        return DurableOperation(self, create())

    def wait_for_callback(
        self,
        submitter: Callable[[str], Awaitable[Any]] | Callable[[str], Any],
        *,
        name: str | None = None,
        timeout: int | timedelta | None = None,
        heartbeat_timeout: int | timedelta | None = None,
        serdes: SerDes = PASS_THROUGH,
        retry: RetryStrategy = DEFAULT,
        sub_type: str | None = None,
    ) -> DurableOperation[Any]:
        """Create a callback, hand its id to a function, and wait for the answer.

        Args:
            submitter: gets the callback's id. It runs as a step: retried if it fails, and
                never again once it has succeeded.
            name: shown in the history.
            timeout: whole seconds until it fails for want of an answer; none by default.
            heartbeat_timeout: how long it may go without a heartbeat; for ever by default.
            serdes: how the answer is read; by default it is the text as it was sent.
            retry: asked after each failed attempt of the submitter.
            sub_type: what kind of context the history shows.

        Raises:
            CallbackTimeoutError, CallbackExternalError: there was no answer, or a bad one.
            CallbackSubmitterError: the submitter failed for good.
        """
        config = CallbackConfig(
            timeout_seconds(timeout), timeout_seconds(heartbeat_timeout), serdes, sub_type
        )
        operation = self.begin_wait_for_callback(submitter, name, config, StepConfig(retry))
        return DurableOperation(self, operation)


class Callback:
    """A callback that was created: an id to hand out, and an answer to wait for."""

    def __init__(
        self, context: AsyncContext, id: str, call: OperationCall, config: CallbackConfig
    ) -> None:
        self.id: Final = id
        self._context: Final = context
        self._call: Final = call
        self._config: Final = config

    def result(self) -> DurableOperation[Any]:
        """The answer, once there is one. Any branch or child context may ask for it.

        Raises:
            CallbackTimeoutError: nobody answered in time.
            CallbackExternalError: the answer was a failure.
        """
        answer = await_callback(self._call, self._config.serdes)
        return DurableOperation(self._context.here(), answer)
