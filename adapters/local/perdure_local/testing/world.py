"""The service, the functions and whoever answers, in one process and on one virtual time."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from perdure.arn import parse_execution_arn
from perdure.models.enums import ExecutionStatus
from perdure.models.executions import ExecutionDescription, GetExecutionRequest
from perdure.models.operation import ErrorObject
from perdure.service.function_calls import FunctionCallToSend
from perdure.service.identity import executed_version
from perdure.service.invocations import InvocationToSend
from perdure.service.policy import ServicePolicy
from perdure.service.service import Service
from perdure.sources import Sources

from ..functions.invocations import Raised, Returned, invoke
from ..functions.lambda_context import LambdaContext
from .callbacks import Outsiders
from .client import InProcessClient
from .failure import MisuseError, failure_of, hides_frames, listed
from .faults import Faults
from .flight import Flight
from .functions import Failing, Functions, PlainFunction
from .run import Invocation, Request, Run, recorded, status_of
from .simulation import carry_out
from .strangers import Strangers
from .turns import Turn, Turns

__tracebackhide__ = hides_frames

START: Final = 1_767_225_600.0
"""When every test begins: 2026-01-01, midnight, UTC."""

_POLICY: Final = ServicePolicy(forgetting=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run.

    Args:
        function_name: under which the function is registered.
        payload: its input, a JSON text.
        name: of the execution; None takes its id.
        timeout_seconds: of the execution; None takes the longest.
        tenant_id: for whom it runs.
        most_invocations: how many there may be before the run is given up.
    """

    function_name: str
    payload: str
    name: str | None
    timeout_seconds: int | None
    tenant_id: str | None
    most_invocations: int


class World:
    """Runs executions to their ends. It belongs to the thread of the test."""

    def __init__(self) -> None:
        self.functions: Final = Functions()
        self.faults: Final = Faults()
        self.service: Final = Service(policy=_POLICY, functions=self.functions.configs)
        self.outsiders: Final = Outsiders(self.service)
        self.turns: Final = Turns(START, self)
        chance = random.Random(0)  # the same in every run of a test
        self._sources: Final = Sources(
            self.turns.now, chance.random, lambda: UUID(int=chance.getrandbits(128), version=4)
        )
        self._strangers: Final = Strangers()
        self._runs = 0
        self._arn = ""
        self._failure: BaseException | None = None
        self._main: Turn | None = None
        self._told: Final[dict[str, int]] = {}
        self._jobs: Final[deque[Callable[[], None]]] = deque()
        self._flights: Final[list[Flight]] = []
        self._in_the_air = 0
        self._most_invocations = 0
        self._invocations: Final[dict[str, list[Invocation]]] = {}
        self._requests: Final[dict[str, list[Request]]] = {}

    def run(self, order: Order) -> Run:
        """Run an execution to its end, and all that it has set off.

        Raises:
            MisuseError: it can never end, or it invoked what is not registered.
        """
        self._runs += 1
        started = self.service.start(
            function_name=order.function_name,
            payload=order.payload,
            now=self.turns.now(),
            execution_id=str(UUID(int=self._runs, version=4)),
            name=order.name,
            timeout_seconds=order.timeout_seconds,
            tenant_id=order.tenant_id,
        )
        self._arn = started.arn
        self._failure = None
        self._most_invocations = order.most_invocations
        self._run_jobs()
        self._look()
        if order.timeout_seconds is None:
            self._demand_that_somebody_answered()
        return Run(
            self._description(self._arn),
            self.service.events(self._arn),
            recorded(self.service.operations(self._arn)),
            self._invocations.get(self._arn, []),
            self._requests.get(self._arn, []),
        )

    # -- what happens outside of threads; see `turns.Outside` ----------------------------

    def advance(self) -> None:
        """Do all that is due now: timers, answers, invocations."""
        try:
            self._advance()
        except BaseException as error:
            # It came up in whatever thread was about to rest; the test is to see it.
            self._give_up(error)
        if self._is_over():
            assert self._main is not None  # it runs, or rests in `_run_jobs`
            self.turns.wake(self._main)

    def next_deadline(self) -> float | None:
        """When there is something to do next."""
        times = (self.service.next_deadline(), self.outsiders.next_due())
        return min((when for when in times if when is not None), default=None)

    def _advance(self) -> None:
        now = self.turns.now()
        self.service.handle_timer(now)
        for flight in self._flights:
            if flight.deadline <= now:
                self._drop(flight)
        if self._failure is not None:
            return
        self._look()
        self.outsiders.act(now)
        while (invocation := self.service.invocation_to_send(now)) is not None:
            self._launch(partial(self._invoke, invocation))
        while (call := self.service.function_call_to_send(now)) is not None:
            self._launch(partial(self._call, call))

    def _look(self) -> None:
        """Pass on what has happened since the last look."""
        for arn, told in self._told.items():
            for event in self.service.events(arn, told):
                self._told[arn] = event.event_id
                self.functions.receive_event(event)
                self.outsiders.receive_event(arn, event)

    def _is_over(self) -> bool:
        if self._in_the_air:
            return False
        if self._failure is not None:
            return True
        return self._description(self._arn).end_timestamp is not None and self.service.is_idle

    # -- threads -------------------------------------------------------------------------

    def _run_jobs(self) -> None:
        """Be the thread that functions run in, until all is over."""
        self._main = self.turns.take_part()
        while not self._is_over() or self._jobs:
            if self._jobs:
                self._jobs.popleft()()
            else:
                self.turns.rest(None)
        if self._failure is not None:
            raise self._failure

    def _launch(self, job: Callable[[], None]) -> None:
        """Have a function run: in the thread of the test if that rests, as most do."""
        self._in_the_air += 1

        def run() -> None:
            try:
                job()
            except BaseException as error:
                self._give_up(error)
            finally:
                self._in_the_air -= 1

        main = self._main
        assert main is not None  # see `advance`
        if main.is_resting and not self._flights and not self._jobs:
            self._jobs.append(run)
            self.turns.wake(main)
        else:
            self.turns.thread(run, "perdure-function").start()

    def _give_up(self, error: BaseException) -> None:
        """The test is wrong, or was stopped: end every invocation, then raise it there."""
        if self._failure is None:
            self._failure = error
        for flight in self._flights:
            self._drop(flight)

    def _drop(self, flight: Flight) -> None:
        flight.is_given_up = True
        self.turns.wake(flight.turn)

    # -- invocations ---------------------------------------------------------------------

    def _invoke(self, invocation: InvocationToSend) -> None:
        arn, began = invocation.arn, self.turns.now()
        self._told.setdefault(arn, 0)
        past = self._invocations.setdefault(arn, [])
        if len(past) >= self._most_invocations:
            raise MisuseError(
                f"{invocation.function_name} was invoked {len(past)} times and has not ended; "
                "if that is meant, run it with most_invocations="
            )
        function = self.functions.by_name[invocation.function_name]
        context = LambdaContext(
            function_name=invocation.function_name,
            invoked_function_arn=parse_execution_arn(arn).function_arn,
            aws_request_id=invocation.request_id,
            seconds_left=invocation.deadline - began,
            tenant_id=invocation.tenant_id,
            clock=self.turns.now,
        )
        flight = Flight(
            arn,
            len(past) + 1,
            invocation.deadline,
            self.turns,
            self._sources,
            self._strangers,
            context,
            self._requests.setdefault(arn, []),
        )
        flight.client = InProcessClient(self.service, flight, self.faults)
        self._flights.append(flight)
        try:
            outcome = self._outcome(
                partial(carry_out, function, flight=flight), invocation.payload, context
            )
        finally:
            self._flights.remove(flight)
        now = self.turns.now()
        if flight.has_crashed:
            outcome = Raised(_killed(invocation.request_id))
        key = invocation.invocation_id
        match outcome:
            case Returned(output):
                past.append(Invocation(flight.number, began, now, status_of(output)))
                self.service.invocation_returned(key, output, now)
            case Raised(error):
                why = failure_of(error)
                past.append(Invocation(flight.number, began, now, "CRASHED", why))
                self.service.invocation_failed(key, error, now)

    def _call(self, call: FunctionCallToSend) -> None:
        function = self.functions.by_name[call.function_name]
        region = self.service.setting.region
        context = LambdaContext(
            function_name=call.function_name,
            invoked_function_arn=region.function_arn(
                call.function_name, executed_version(call.qualifier)
            ),
            aws_request_id=call.request_id,
            seconds_left=call.deadline - self.turns.now(),
            tenant_id=call.tenant_id,
            clock=self.turns.now,
        )
        outcome = self._outcome(function, call.payload, context)
        match outcome:
            case Returned(output):
                self.service.function_call_returned(call.call_id, output, self.turns.now())
            case Raised(error):
                self.service.function_call_failed(call.call_id, error, self.turns.now())

    def _outcome(
        self, function: PlainFunction, payload: str, context: LambdaContext
    ) -> Returned | Raised:
        """Call a function. Whatever is no affair of a function ends the test."""
        foreign: list[BaseException] = []
        given: list[ErrorObject] = []

        def run(event: dict[str, Any], context: LambdaContext) -> object:
            try:
                return function(event, context)
            except Failing as failing:
                given.append(failing.failure.to_error())
                raise
            except (Exception, SystemExit):
                raise
            except BaseException as error:
                foreign.append(error)
                raise

        outcome = invoke(run, payload, context)
        if foreign:
            raise foreign[0]
        return Raised(given[0]) if given else outcome

    # -- the end -------------------------------------------------------------------------

    def _description(self, arn: str) -> ExecutionDescription:
        return self.service.get_execution(GetExecutionRequest(arn))

    def _demand_that_somebody_answered(self) -> None:
        """Say why, if it only ended because a year has passed in which nobody answered."""
        if self._description(self._arn).status is not ExecutionStatus.TIMED_OUT:
            return
        waiting = self.outsiders.waiting()
        if waiting:
            raise MisuseError(
                "the execution can never go on: nobody answers the callback "
                f"{listed(waiting)}, which has no timeout; "
                f"answers are there for: {listed(self.outsiders.answered())}"
            )


def _killed(request_id: str) -> ErrorObject:
    return ErrorObject(
        f"RequestId: {request_id} Error: Runtime exited with error: signal: killed",
        "Runtime.ExitError",
    )
