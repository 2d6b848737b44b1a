"""The service's own machine behind the loopback: both roles of the core, back to back.

The clock of the service jumps; the clock of the client is the real one. So a wait of an
hour costs nothing here, and a linger of 100 ms is one.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from adapters.loopback import Loopback, Received
from adapters.replies import Answer
from perdure.models.encode import compact, to_wire
from perdure.models.executions import (
    CallbackFailureRequest,
    CallbackSuccessRequest,
    GetExecutionRequest,
)
from perdure.models.operation import ErrorObject, Operation
from perdure.service import InvocationToSend, Service, ServiceFault, ServicePolicy
from perdure.service.functions import PLAIN, FunctionConfig
from perdure.service.parsing import parse_checkpoint_request, parse_state_request
from perdure.service.policy import DEFAULT_POLICY
from perdure.service_calls import API
from perdure_local.functions.lambda_context import LambdaContext

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """What came of one execution.

    Args:
        outputs: of its invocations; an exception where one raised.
        shown: GetDurableExecution at its end, as on the wire.
    """

    outputs: list[dict[str, Any] | Exception]
    shown: dict[str, Any]

    @property
    def status(self) -> str:
        """Of the execution."""
        status: str = self.shown["Status"]
        return status

    @property
    def result(self) -> Any:
        """Of the execution, decoded."""
        return json.loads(self.shown["Result"])

    @property
    def statuses(self) -> list[str]:
        """How each of its invocations ended."""
        return [
            type(each).__name__ if isinstance(each, Exception) else each["Status"]
            for each in self.outputs
        ]


class World:
    """A service and the loopback it is reached by. Use it as a context manager.

    Args:
        policy: of the service.
        tls: a server's context, where it is to be reached by TLS.
    """

    def __init__(
        self, policy: ServicePolicy | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.plain: Final[dict[str, Callable[[Any], object]]] = {}
        self._configs: Final[dict[str, FunctionConfig]] = {}
        self.service: Final = Service(policy=policy or DEFAULT_POLICY, functions=self._configs)
        self.loopback: Final = Loopback(self._answer, tls)
        self.now = 1_700_000_000.0
        self.arn = ""
        self.last: InvocationToSend
        self._lock: Final = threading.Lock()
        self._started = 0

    def __enter__(self) -> World:
        self.loopback.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self.loopback.__exit__(*details)

    @property
    def requests(self) -> list[Received]:
        """All that was received."""
        return self.loopback.requests

    # -- the service's side ------------------------------------------------------------

    def _answer(self, request: Received) -> Answer:
        url = urlsplit(request.target)
        arn, _, call = url.path.removeprefix(API).partition("/")
        with self._lock:
            try:
                if (request.method, call) == ("POST", "checkpoint"):
                    asked = parse_checkpoint_request(unquote(arn), request.body)
                    return _ok(to_wire(self.service.checkpoint(asked, self.now)))
                assert (request.method, call) == ("GET", "state"), request.target
                query = parse_qs(url.query)
                page = parse_state_request(unquote(arn), query)
                return _ok(to_wire(self.service.get_state(page, self.now)))
            except ServiceFault as fault:
                return Answer(fault.status, fault.to_body(), fault.headers())

    # -- the executions ----------------------------------------------------------------

    def start(self, payload: object = None) -> str:
        """Start an execution; everything below is about the latest."""
        self._started += 1
        with self._lock:
            self.arn = self.service.start(
                function_name="f",
                payload=None if payload is None else json.dumps(payload),
                now=self.now,
                execution_id=f"execution-{self._started}",
            ).arn
        return self.arn

    def invocation(self) -> InvocationToSend:
        """The invocation that is to be made next; time jumps to where one is."""
        while True:
            with self._lock:
                while self._call_plain():
                    pass
                sent = self.service.invocation_to_send(self.now)
                if sent is not None:
                    self.last = sent
                    return sent
                due = self.service.next_deadline()
                assert due is not None, "nothing will ever happen"
                self.now = max(self.now, due)
                self.service.handle_timer(self.now)

    def plain_function(self, name: str, func: Callable[[Any], object]) -> None:
        """Let programs invoke a function that is not durable."""
        self.plain[name] = func
        self._configs[name] = PLAIN

    def _call_plain(self) -> bool:
        call = self.service.function_call_to_send(self.now)
        if call is None:
            return False
        try:
            answer = json.dumps(self.plain[call.function_name](json.loads(call.payload)))
        except Exception as error:
            reason = ErrorObject(str(error), type(error).__name__)
            self.service.function_call_failed(call.call_id, reason, self.now)
        else:
            self.service.function_call_returned(call.call_id, answer, self.now)
        return True

    def answer_callback(self, result: str | None = None, error: ErrorObject | None = None) -> None:
        """Somebody outside answers the callback that is still open."""
        with self._lock:
            [callback_id] = [
                op.callback_details.callback_id
                for op in self.service.operations(self.arn)
                if op.callback_details is not None and op.end_timestamp is None
            ]
            assert callback_id is not None
            if error is None:
                done = CallbackSuccessRequest(callback_id, result)
                self.service.succeed_callback(done, self.now)
            else:
                self.service.fail_callback(CallbackFailureRequest(callback_id, error), self.now)

    def event(self, payload: object = None) -> dict[str, Any]:
        """Start an execution; the event of its first invocation."""
        self.start(payload)
        event: dict[str, Any] = json.loads(self.invocation().payload)
        return event

    @classmethod
    def event_of_nowhere(cls) -> dict[str, Any]:
        """The event of a service that cannot be reached any more."""
        world = cls()
        world.loopback.close()
        return world.event()

    def returned(self, sent: InvocationToSend, outcome: dict[str, Any] | Exception) -> None:
        """Tell the service what came of an invocation."""
        with self._lock:
            if isinstance(outcome, Exception):
                error = ErrorObject(str(outcome), type(outcome).__name__)
                self.service.invocation_failed(sent.invocation_id, error, self.now)
            else:
                output = json.dumps(outcome)
                self.service.invocation_returned(sent.invocation_id, output, self.now)

    def run(self, handler: Handler, payload: object = None, *, seconds: float = 60) -> Run:
        """Start an execution and invoke a handler, as Lambda does, until it has ended.

        Args:
            handler: Lambda's entry point.
            payload: its input.
            seconds: how long each invocation may take, by what the handler is told.
        """
        self.start(payload)
        outputs: list[dict[str, Any] | Exception] = []
        while "EndTimestamp" not in self.shown():
            sent = self.invocation()
            outcome: dict[str, Any] | Exception
            try:
                outcome = handler(json.loads(sent.payload), lambda_context(seconds))
            except Exception as error:
                outcome = error
            outputs.append(outcome)
            self.returned(sent, outcome)
        return Run(outputs, self.shown())

    def shown(self) -> dict[str, Any]:
        """GetDurableExecution."""
        with self._lock:
            return to_wire(self.service.get_execution(GetExecutionRequest(self.arn)))

    def operations(self) -> list[Operation]:
        """What is recorded, in the order of creation, without the EXECUTION."""
        with self._lock:
            return list(self.service.operations(self.arn)[1:])

    def recorded(self) -> list[str]:
        """The same in short: ``STEP charge SUCCEEDED``."""
        return [f"{op.type} {op.name} {op.status}" for op in self.operations()]

    def actions(self) -> list[str]:
        """What all updates did, in the order in which they were sent."""
        return [action for request in self.requests for action in request.actions]

    def event_types(self) -> list[str]:
        """The history, by its types."""
        with self._lock:
            return [event.event_type.value for event in self.service.events(self.arn)]


def lambda_context(seconds: float) -> LambdaContext:
    """Lambda's second argument, with so much time left."""
    return LambdaContext(
        function_name="f",
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
        aws_request_id="11111111-2222-3333-4444-555555555555",
        seconds_left=seconds,
    )


def _ok(wire: dict[str, Any]) -> Answer:
    return Answer(200, compact(wire).encode(), (("content-type", "application/json"),))


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Block until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)
