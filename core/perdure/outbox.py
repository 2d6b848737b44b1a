"""Updates on their way: queued, in flight, confirmed.

A ticket is the place of an update in the one queue of the invocation. The queue is
strictly first in, first out and at most one request is in flight, so "durable" is a
single number: everything up to the last confirmed ticket.
"""

from __future__ import annotations

from typing import Final, NewType

from .batching import Batch, Batcher, CheckpointToSend, Queue, Standing, build_request
from .models.update import OperationUpdate

Ticket = NewType("Ticket", int)
"""The place of one update in the queue. Compare with `is_durable`, nothing else."""


class Outbox:
    """The queue of one invocation, and the one checkpoint request in flight."""

    __slots__ = (
        "_batch",
        "_batcher",
        "_in_flight",
        "_last",
        "_last_of",
        "_linger_since",
        "_queue",
        "_sent_at",
        "_waited",
        "confirmed",
        "expected",
    )

    def __init__(self, batcher: Batcher) -> None:
        self._batcher: Final = batcher
        self._queue: Final = Queue()
        self._last = 0
        self._waited = 0
        self._linger_since: float | None = None
        self._sent_at = 0.0
        self._in_flight: CheckpointToSend | None = None
        self._batch = Batch([], [])
        self.expected: Final[dict[str, Standing]] = {}
        """Type and status of operations once their unconfirmed updates are applied, by id."""
        self._last_of: Final[dict[str, int]] = {}
        self.confirmed = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def in_flight(self) -> CheckpointToSend | None:
        """The request that has been handed out and not been answered."""
        return self._in_flight

    @property
    def last_ticket(self) -> Ticket:
        """The ticket of whatever was queued last."""
        return Ticket(self._last)

    def push(self, update: OperationUpdate, text: bytes, leads_to: Standing) -> Ticket:
        """Queue an admitted update."""
        self._last += 1
        self._queue.push(update, text)
        self.expected[update.id] = leads_to
        self._last_of[update.id] = self._last
        return Ticket(self._last)

    def wait_for(self, ticket: int) -> None:
        """Somebody waits for a ticket: send it as soon as no request is in flight."""
        if ticket > self._waited:
            self._waited = ticket

    def poll(self) -> Ticket:
        """Ask for news. Any request brings them, so a poll is queued only if none would go."""
        if not self._queue:
            self._last += 1
            self._queue.push(None, b"")
        self.wait_for(self._last)
        return Ticket(self._last)

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody waits for what is queued."""
        return bool(self._queue) and self._first <= self._waited

    @property
    def is_full(self) -> bool:
        """Whether as many updates are queued as the next request takes, whatever their size."""
        return len(self._queue) >= self._batcher.max_updates

    @property
    def _first(self) -> int:
        # Every ticket up to the last is in the queue, or has left it in order.
        return self._last - len(self._queue) + 1

    def linger_deadline(self) -> float | None:
        """When updates that nobody waits for must leave."""
        if self._linger_since is None:
            return None
        return self._linger_since + self._batcher.linger

    def pass_time(self, now: float) -> None:
        """Begin the linger of what waits unsent; once it is over it is sent."""
        if not self._queue or self._in_flight is not None:
            return
        if self._linger_since is None:
            self._linger_since = now
        elif now >= self._linger_since + self._batcher.linger:
            self.wait_for(self._last)

    def next_request(self, arn: str, token: str, now: float) -> CheckpointToSend | None:
        """Form the next request if it is time for one. Only while none is in flight."""
        if not self._queue:
            return None
        if self._first > self._waited:
            if self._linger_since is None:
                self._linger_since = now
            if now < self._linger_since + self._batcher.linger:
                return None
        self._batch = self._batcher.take(self._queue)
        self._linger_since = None
        self._sent_at = now
        self._in_flight = build_request(arn, token, self._batch)
        return self._in_flight

    def answered(self) -> CheckpointToSend | None:
        """The request in flight was answered: it is out of the way, not yet confirmed."""
        request, self._in_flight = self._in_flight, None
        return request

    def confirm(self) -> None:
        """What the last answered request carried is durable, and its effects are merged."""
        last_of = self._last_of
        # What leaves the queue leaves it in order, so tickets need not be kept.
        for ticket, update in enumerate(self._batch.updates, self.confirmed + 1):
            # What is recorded is expected no more: the record may move on by itself.
            if update is not None and last_of.get(update.id) == ticket:
                del last_of[update.id], self.expected[update.id]
            self.confirmed = ticket
        self._batch = Batch([], [])
        if self._queue:
            # It was queued while the request was out, and has lingered since then at most.
            self._linger_since = self._sent_at
