"""The service machine with a clock and with functions to invoke: all but its sockets.

The machine is single-owner and so is this: everything here runs on one event loop, the
one given to `attach`. Local functions alone run elsewhere, each invocation in a thread of
its own, and what they return comes back to the loop as a call.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Generator, Mapping
from typing import Final, assert_never

from perdure.arn import parse_execution_arn
from perdure.models.executions import GetExecutionRequest
from perdure.models.history import Event
from perdure.models.operation import ErrorObject
from perdure.service.function_calls import FunctionCallToSend
from perdure.service.identity import executed_version
from perdure.service.invocations import InvocationToSend
from perdure.service.service import Service
from perdure.service.store import StoreFailed

from .clock import Clock
from .functions.invocations import Function, Outcome, Raised, Returned, Unanswered, invoke
from .functions.lambda_context import LambdaContext
from .functions.remote import InvocationRequest, RemoteFunction
from .server.changes import Changes
from .terminal.leaving import FUNCTION_THREAD
from .terminal.progress import TERMINAL

LONGEST_SLEEP_SECONDS: Final = 60.0
"""The loop's clock and the wall's drift apart (a laptop sleeps), so look again at times."""

Listener = Callable[[str, Event], None]
"""Told of every event of every execution, in order: the execution's ARN and the event."""

AnyFunction = Function | RemoteFunction
"""What can be invoked: a function of this process, or one behind a Lambda-shaped endpoint."""

_Done = Callable[[Outcome], None]


class EmbeddedService:
    """Keeps a service machine going: sends its invocations, obeys its deadlines.

    Args:
        service: the machine. Whoever calls it must call `advance` afterwards.
        functions: what can be invoked, by function name. Say `functions_changed` after a
            change. Which of them are plain, the machine's own registry says.
        clock: the time it lives in.
        listener: told of events; called on the loop, so it must be quick.
    """

    def __init__(
        self,
        service: Service,
        functions: Mapping[str, AnyFunction],
        clock: Clock,
        listener: Listener | None = None,
    ) -> None:
        self.service: Final = service
        self.functions: Final = functions
        self.changes: Final = Changes()
        """Of any execution, for those who wait for news."""
        self.failure: StoreFailed | None = None
        """Why it does nothing any more, or None."""
        self._clock: Final = clock
        self._listener: Final = listener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: Final[dict[str, list[asyncio.Future[None]]]] = {}
        # The loop itself holds its tasks only weakly.
        self._asking: Final[set[asyncio.Task[None]]] = set()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that owns this from now on; call it there."""
        self._loop = loop
        with self._giving_up():
            self.service.handle_restart(self.now())
        self.advance()

    def detach(self) -> None:
        """Forget the loop: no further invocation begins, and late results are dropped."""
        self._loop = None
        if self._timer is not None:
            self._timer.cancel()

    def now(self) -> float:
        """The time of the service, UNIX seconds."""
        return self._clock.now()

    def advance(self) -> None:
        """Do whatever is due now, and sleep until the next deadline. Call after any change."""
        if self._loop is not None:
            with self._giving_up():
                self._advance(self._loop)

    def _advance(self, loop: asyncio.AbstractEventLoop) -> None:
        now = self._clock.now()
        self.service.handle_timer(now)
        while self._send_next(now):
            pass
        self._tell()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.service.next_deadline()
        if deadline is not None:
            pause = self._clock.seconds_until(deadline, idle=self.service.is_idle)
            self._timer = loop.call_later(min(pause, LONGEST_SLEEP_SECONDS), self.advance)

    def functions_changed(self) -> None:
        """Begin what waited for a function that can be invoked now. Call it from any thread."""
        loop = self._loop
        if loop is not None:
            # It may be closed by now: then nothing begins any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self.advance)

    def give_up(self, failure: StoreFailed) -> None:
        """The store failed, so memory is ahead of it: nothing may be answered or begun any more.

        Whoever serves this ends, and says why: see `failure`.
        """
        self.failure = failure
        self.detach()

    @contextlib.contextmanager
    def _giving_up(self) -> Generator[None]:
        try:
            yield
        except StoreFailed as failure:
            self.give_up(failure)

    async def wait_for_end(self, arn: str) -> None:
        """Return when an execution has ended.

        Raises:
            ServiceFault: there is no such execution.
        """
        if self._has_ended(arn):
            return
        ended = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(arn, []).append(ended)
        await ended

    def _has_ended(self, arn: str) -> bool:
        request = GetExecutionRequest(arn, include_execution_data=False)
        return self.service.get_execution(request).end_timestamp is not None

    def call(
        self, name: str, payload: str, qualifier: str, tenant_id: str | None
    ) -> asyncio.Future[Outcome]:
        """Call a plain function for its own sake; nothing records it.

        Args:
            name: of the function.
            payload: the event, a JSON text.
            qualifier: the version or alias to call.
            tenant_id: for its context.
        """
        assert self._loop is not None  # calls come from there
        outcome: asyncio.Future[Outcome] = self._loop.create_future()

        def done(what: Outcome) -> None:
            # Its request may have been given up meanwhile.
            if not outcome.done():
                outcome.set_result(what)

        region = self.service.setting.region
        context = LambdaContext(
            function_name=name,
            invoked_function_arn=region.function_arn(name, executed_version(qualifier)),
            aws_request_id=str(uuid.uuid4()),
            seconds_left=self.service.setting.policy.invocation_timeout_seconds,
            tenant_id=tenant_id,
        )
        remote = InvocationRequest(payload, qualifier, context.seconds_left, tenant_id)
        self._run(self.functions[name], remote, context, done)
        return outcome

    def _send_next(self, now: float) -> bool:
        invocation = self.service.invocation_to_send(now, self.functions)
        if invocation is not None:
            self._send(invocation, now)
            return True
        call = self.service.function_call_to_send(now)
        if call is not None:
            self._send_call(call, now)
        return call is not None

    def _send(self, invocation: InvocationToSend, now: float) -> None:
        function = self.functions.get(invocation.function_name)
        if function is None:
            # It was taken away this very moment; its executions wait until it is back.
            error = _not_found(invocation.function_name)
            self.service.invocation_failed(invocation.invocation_id, error, now)
            return
        context = LambdaContext(
            function_name=invocation.function_name,
            invoked_function_arn=parse_execution_arn(invocation.arn).function_arn,
            aws_request_id=invocation.request_id,
            seconds_left=invocation.deadline - now,
            tenant_id=invocation.tenant_id,
        )

        def done(outcome: Outcome) -> None:
            key, at = invocation.invocation_id, self.now()
            match outcome:
                case Returned(output):
                    self.service.invocation_returned(key, output, at)
                case Raised(error, retryable):
                    self.service.invocation_failed(key, error, at, retryable=retryable)
                case Unanswered():
                    pass  # the deadline is the machine's own affair
                case _:
                    assert_never(outcome)

        remote = InvocationRequest(
            invocation.payload,
            invocation.qualifier,
            invocation.deadline - now,
            invocation.tenant_id,
            invocation.trace_id,
        )
        self._run(function, remote, context, done)

    def _send_call(self, call: FunctionCallToSend, now: float) -> None:
        function = self.functions.get(call.function_name)
        if function is None:
            self.service.function_call_failed(call.call_id, _not_found(call.function_name), now)
            return
        region = self.service.setting.region
        context = LambdaContext(
            function_name=call.function_name,
            invoked_function_arn=region.function_arn(
                call.function_name, executed_version(call.qualifier)
            ),
            aws_request_id=call.request_id,
            seconds_left=call.deadline - now,
            tenant_id=call.tenant_id,
        )

        def done(outcome: Outcome) -> None:
            match outcome:
                case Returned(output):
                    self.service.function_call_returned(call.call_id, output, self.now())
                case Raised(error):
                    self.service.function_call_failed(call.call_id, error, self.now())
                case Unanswered():
                    self.service.function_call_unanswered(call.call_id, self.now())
                case _:
                    assert_never(outcome)

        remote = InvocationRequest(
            call.payload, call.qualifier, call.deadline - now, call.tenant_id, call.trace_id
        )
        self._run(function, remote, context, done)

    def _run(
        self,
        function: AnyFunction,
        invocation: InvocationRequest,
        context: LambdaContext,
        done: _Done,
    ) -> None:
        """Call a function, a local one in a thread of its own; `done` is told on the loop."""
        loop = self._loop
        assert loop is not None

        def ended(outcome: Outcome) -> None:
            if self._loop is not None:
                with self._giving_up():
                    done(outcome)
                self.advance()

        if isinstance(function, RemoteFunction):
            task = loop.create_task(_ask(function, invocation, ended))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            return

        def run() -> None:
            outcome = invoke(function, invocation.payload, context)
            # The loop may be closed by now: then nobody waits for this any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(ended, outcome)

        name = f"{FUNCTION_THREAD}{context.aws_request_id}"
        threading.Thread(target=run, name=name, daemon=True).start()

    def _tell(self) -> None:
        """Pass on what is new."""
        for arn, event in self.service.events_to_tell():
            self.changes.receive_event(arn)
            if self._listener is not None:
                self._listener(arn, event)
            if event.event_type in TERMINAL:
                self._wake(arn)

    def _wake(self, arn: str) -> None:
        """Answer those who wait for the end of an execution."""
        for ended in self._waiting.pop(arn, ()):
            # Its request may have been given up meanwhile.
            if not ended.done():
                ended.set_result(None)


async def _ask(function: RemoteFunction, invocation: InvocationRequest, done: _Done) -> None:
    done(await function.invoke(invocation))


def _not_found(name: str) -> ErrorObject:
    return ErrorObject(f"Function not found: {name}", "ResourceNotFoundException")
