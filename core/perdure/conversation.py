"""The conversation with the service: one request at a time, answers merged in order.

`ExecutionState` says what is said in it; this is how. See there for the theory.
"""

from __future__ import annotations

from enum import StrEnum
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from .batching import Batcher, CheckpointToSend
from .delivery import Delivery, RequestRetries
from .errors import DurableError, LocalProtocolError, RemoteProtocolError, ServiceError
from .models.checkpoint import CheckpointResponse, StatePage, StateRequest
from .models.enums import OperationType
from .modes import CheckpointingMode
from .outbox import Outbox
from .recorded_state import RecordedState

if TYPE_CHECKING:
    from .plugins.watch import Watch
    from .replaying.comparison import Comparison


class Phase(StrEnum):
    """Where the conversation stands. It only moves downwards."""

    LOADING = "LOADING"
    REPLAYING = "REPLAYING"
    RUNNING = "RUNNING"
    CLOSED = "CLOSED"


class Conversation(RecordedState):
    """Requests out, answers in, for one invocation. Arguments: see `ExecutionState`."""

    def __init__(
        self,
        arn: str,
        token: str,
        initial_state: StatePage,
        *,
        mode: CheckpointingMode,
        batcher: Batcher | None,
        retries: RequestRetries | None,
        deadline: float | None,
    ) -> None:
        super().__init__(arn, mode)
        limits = Batcher() if batcher is None else batcher
        if mode is CheckpointingMode.EAGER:
            limits = Batcher(limits.max_bytes, 1, limits.linger)
        self._token = token
        self._outbox: Final = Outbox(limits)
        self._delivery: Final = Delivery(retries or RequestRetries(), deadline)
        self._phase = Phase.LOADING
        self._marker: str | None = None
        self._page_in_flight = False
        self._poll_at: list[float] = []
        self._changed: list[str] = []
        self._asked_at = 0.0
        self._error: DurableError | None = None
        self._suspended = False
        self._revoked = False
        self._finishing = False
        self._finished = False
        self.watch: Watch | None = None
        """Reports to plugins, where there are any."""
        self.comparison: Comparison | None = None
        """Where the invocation only replays: what it is compared with."""
        self._take_page(initial_state)

    # -- what came in ------------------------------------------------------------

    def receive_page(self, page: StatePage) -> None:
        """Take over a page of operations that `page_to_request` asked for.

        Call `page_to_request` again afterwards; None says that all is loaded.

        Raises:
            LocalProtocolError: no page was asked for.
        """
        self._check_error()
        if not self._page_in_flight or self._delivery.is_resting:
            raise LocalProtocolError("no page was requested")
        self._page_in_flight = False
        self._delivery.succeeded()
        self._take_page(page)

    def receive_response(self, response: CheckpointResponse, now: float) -> None:
        """Take over the answer to the request in flight: merge, take the token, settle.

        A response without token ends the conversation: either the request carried the
        end of the execution, or the service withdrew the invocation's right to write,
        and then the answer to it can only be PENDING.

        Args:
            response: the decoded answer.
            now: UNIX seconds.

        Raises:
            LocalProtocolError: no request is in flight.
        """
        self._check_error()
        request = None if self._delivery.is_resting else self._outbox.answered()
        if request is None:
            raise LocalProtocolError("no request is in flight")
        self._delivery.succeeded()
        if response.checkpoint_token is not None:
            self._token = response.checkpoint_token
        # Some services hand out a token even after the end of the execution.
        # Nothing follows the end of an execution, so it comes last.
        if request.updates and request.updates[-1].type is OperationType.EXECUTION:
            self._finished = True
        elif response.checkpoint_token is None:
            self._revoked = True
            self._suspended = True
        # News of what fell due while the request was out may have come too late for it.
        self._drop_polls(self._asked_at)
        page = response.new_execution_state
        if response.checkpoint_token is None:
            page = StatePage(page.operations)
        self._take_page(page)

    def request_failed(
        self, error: ServiceError | RemoteProtocolError, now: float, jitter: float = 0.0
    ) -> None:
        """The request in flight failed. It is repeated later, or the error sticks.

        Args:
            error: the classified error; what is no legal answer counts as repeatable.
            now: UNIX seconds.
            jitter: a random number in [0, 1), which spreads repetitions.

        Raises:
            LocalProtocolError: no request is in flight.
        """
        if not self.is_in_flight or self._delivery.is_resting:
            raise LocalProtocolError("no request is in flight")
        if not self._delivery.failed(error, now, jitter):
            self.fail(error)

    def fail(self, error: DurableError) -> None:
        """Make an error stick. The first one stays; every later call raises it."""
        if self._error is None:
            self._error = error

    # -- what goes out -----------------------------------------------------------

    def page_to_request(self) -> StateRequest | None:
        """The page to fetch next, or None while there is none or a request is in flight.

        Feed the answer to `receive_page`, or the failure to `request_failed`.
        """
        if self._error is not None or self._marker is None:
            return None
        if self._page_in_flight and not self._delivery.take_repetition():
            return None
        self._page_in_flight = True
        return StateRequest(self._arn, self._token, self._marker)

    def request_to_send(self, now: float) -> CheckpointToSend | None:
        """The checkpoint to send next, or None: then ask again after any input.

        It leaves at once when somebody waits for an update, else after the batcher's
        linger. A failed request comes out again, unchanged, once its rest is over.
        Feed the answer to `receive_response`, or the failure to `request_failed`.
        """
        if self._error is not None or self._marker is not None:
            return None
        if self._revoked or self._finished or self._phase is Phase.CLOSED:
            return None
        if self._outbox.in_flight is not None:
            return self._outbox.in_flight if self._delivery.take_repetition() else None
        self._asked_at = now
        return self._outbox.next_request(self._arn, self._token, now)

    def next_request(self, now: float) -> StateRequest | CheckpointToSend | None:
        """Whatever is to be sent next: a page first, then a checkpoint."""
        return self.page_to_request() or self.request_to_send(now)

    @property
    def is_request_due(self) -> bool:
        """Whether `next_request` would give one. Asking takes nothing and begins no linger."""
        if self._error is not None or self._revoked or self._finished:
            return False
        if self.is_in_flight:
            return self._delivery.is_repetition_due
        return self._marker is not None or self._outbox.is_waited_for

    def receive(self, answer: StatePage | CheckpointResponse, now: float) -> None:
        """Take over the answer to what `next_request` gave."""
        if isinstance(answer, StatePage):
            self.receive_page(answer)
        else:
            self.receive_response(answer, now)

    # -- time --------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When to call `handle_timer` if nothing arrives before, in UNIX seconds."""
        if self._error is not None or self._revoked or self._phase is Phase.CLOSED:
            return None
        if self._delivery.retry_at is not None:
            return self._delivery.retry_at
        linger = self._outbox.linger_deadline()
        return min((when for when in (linger, self._next_poll()) if when is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Let time pass: a rest ends, lingering updates become urgent, a poll falls due.

        The linger of an update begins here or in `request_to_send`, whichever is called
        first after it was queued.
        """
        self._delivery.pass_time(now)
        self._outbox.pass_time(now)
        poll = self._next_poll()
        if poll is not None and poll <= now:
            self._drop_polls(now)
            self._outbox.poll()

    def take_changed(self) -> list[str]:
        """The ids of the operations that answers brought since this was asked last."""
        changed, self._changed = self._changed, []
        return changed

    def poll_at(self, when: float) -> None:
        """Ask the service for news at a time, because something falls due then.

        Polls that fall due together become one empty checkpoint.
        """
        heappush(self._poll_at, when)

    # -- where it stands ---------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Where the conversation stands."""
        return self._phase

    @property
    def checkpoint_token(self) -> str:
        """The token of the next request."""
        return self._token

    shared_checkpoint_token = checkpoint_token

    def set_checkpoint_token(self, token: str) -> None:
        """Replace the token, for a transport that learns of a new one by itself.

        Raises:
            LocalProtocolError: a request is in flight; two requests would share a token.
        """
        if self.is_in_flight:
            raise LocalProtocolError("the token cannot change while a request is in flight")
        self._token = token

    @property
    def is_in_flight(self) -> bool:
        """Whether a request is out, or rests before it is repeated."""
        return self._page_in_flight or self._outbox.in_flight is not None

    @property
    def has_more_operations(self) -> bool:
        """Whether pages are still missing."""
        return self._marker is not None

    @property
    def has_pending(self) -> bool:
        """Whether anything is queued, in flight, or answered by pages still missing."""
        return bool(self._outbox) or self.is_in_flight or self._marker is not None

    @property
    def error(self) -> DurableError | None:
        """The sticky error."""
        return self._error

    # -- inside ------------------------------------------------------------------

    def _next_poll(self) -> float | None:
        if self.is_in_flight or self._suspended or self._finishing or not self._poll_at:
            return None
        return self._poll_at[0]

    def _drop_polls(self, until: float) -> None:
        while self._poll_at and self._poll_at[0] <= until:
            heappop(self._poll_at)

    def _check_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _take_page(self, page: StatePage) -> None:
        watch = self.watch
        ended = () if watch is None else watch.not_yet_ended(page.operations)
        try:
            self._lineage.merge(page.operations)
        except RemoteProtocolError as error:
            self.fail(error)
            return
        if self._phase is not Phase.LOADING:
            self._changed += [operation.id for operation in page.operations]
            if watch is not None:
                watch.merged(page.operations, ended)
        self._marker = page.next_marker
        if self._marker is not None:
            return
        if self._phase is not Phase.LOADING:
            self._outbox.confirm()
            return
        self._replay.begin()
        self._phase = Phase.REPLAYING if self.is_replay() else Phase.RUNNING
