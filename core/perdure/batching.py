"""Which queued updates form the next request.

Strictly first in, first out: a later update never overtakes, so a parent's START is
always before its children. A batch ends where the next update would break a limit or a
rule of the service; an update above the byte limit goes alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from hashlib import blake2b
from json.encoder import encode_basestring as _quote
from typing import Final, NamedTuple

from .errors import ValidationError
from .limits import LINGER_SECONDS, MAX_BATCH_BYTES, MAX_BATCH_UPDATES
from .models.checkpoint import CheckpointRequest
from .models.encode import compact, to_wire
from .models.enums import OperationAction, OperationStatus, OperationType
from .models.fields import wire_name
from .models.update import ContextOptions, OperationUpdate
from .transitions import PAIRABLE

Standing = tuple[OperationType, OperationStatus]
"""Type and status of an operation."""

# Asked at every update, and looking up a member of an Enum costs more than the comparison.
_START: Final = OperationAction.START


class Queue:
    """Admitted updates and their bytes, first in, first out. None stands for a poll.

    Two rows and not one of pairs: an object for each update would have the garbage
    collector look at it, again and again while thousands wait.
    """

    __slots__ = ("texts", "updates")

    def __init__(self) -> None:
        self.updates: Final[deque[OperationUpdate | None]] = deque()
        self.texts: Final[deque[bytes]] = deque()

    def __len__(self) -> int:
        return len(self.updates)

    def push(self, update: OperationUpdate | None, text: bytes) -> None:
        """Add an update at the end; a poll has no text."""
        self.updates.append(update)
        self.texts.append(text)


class Batch(NamedTuple):
    """What goes into one request, in order."""

    updates: list[OperationUpdate | None]
    texts: list[bytes]

    def __repr__(self) -> str:
        return f"Batch(updates={self.updates!r})"


@dataclass(frozen=True, slots=True, repr=False)
class CheckpointToSend(CheckpointRequest):
    """A checkpoint request together with the JSON body that goes out."""

    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Batcher:
    """The limits of one request.

    Args:
        max_bytes: of the serialised updates, 750 KiB by convention of the SDKs.
        max_updates: their number.
        linger: seconds that an update nobody waits for may stay unsent.

    Raises:
        ValidationError: no update would ever fit.
    """

    max_bytes: int = MAX_BATCH_BYTES
    max_updates: int = MAX_BATCH_UPDATES
    linger: float = LINGER_SECONDS

    def __post_init__(self) -> None:
        if self.max_bytes < 1 or self.max_updates < 1 or self.linger < 0:
            raise ValidationError(f"a request takes at least one update: {self}")

    def take(self, queue: Queue) -> Batch:
        """Remove the next batch from the front of the queue."""
        updates, texts = queue.updates, queue.texts
        batch = Batch([], [])
        started: dict[str, bool] = {}
        size = 0
        while updates and len(batch.updates) < self.max_updates:
            update = updates[0]
            size += len(texts[0]) + 1
            if batch.updates and size > self.max_bytes:
                break
            if update is not None:
                # At most one update of an operation, or the START of one with a second one.
                first = update.id not in started
                if not first and not started[update.id]:
                    break
                started[update.id] = first and update.action is _START and update.type in PAIRABLE
            batch.updates.append(updates.popleft())
            batch.texts.append(texts.popleft())
        return batch


def build_request(arn: str, token: str, batch: Batch) -> CheckpointToSend:
    """Put a batch into the request that is sent, and sent again unchanged on a retry.

    The client token is derived from the checkpoint token and the content: the same over
    retries, and another one should a twin of this invocation spend the token on other
    updates, which must then be refused rather than answered as if they had been taken.
    """
    updates = b",".join([text for text in batch.texts if text])
    client_token = blake2b(token.encode() + b"\n" + updates, digest_size=24).hexdigest()
    body = b'{"CheckpointToken":%b,"Updates":[%b],"ClientToken":"%b"}' % (
        compact(token).encode(),
        updates,
        client_token.encode(),
    )
    return CheckpointToSend(
        arn,
        token,
        tuple([update for update in batch.updates if update is not None]),
        client_token,
        body,
    )


_WORDS: Final = {
    (kind, action): f'","Type":"{kind}","Action":"{action}"'
    for kind in OperationType
    for action in OperationAction
}
_CONTEXT_OPTIONS: Final = {
    replay_children: f',"ContextOptions":{compact(to_wire(ContextOptions(replay_children)))}'
    for replay_children in (None, False, True)
}
_OBJECTS: Final = tuple(
    (wire_name(name), name)
    for name in (
        "error",
        "step_options",
        "wait_options",
        "callback_options",
        "chained_invoke_options",
    )
)


def serialise(update: OperationUpdate) -> bytes:
    """The bytes of one update, made once: for measuring and for sending.

    The text is put together here, not by way of a dict: it is done for every update. An id
    and a subtype are of patterns in which nothing needs an escape.

    Raises:
        UnicodeEncodeError: a text holds half a character (a lone surrogate).
    """
    text = f'{{"Id":"{update.id}{_WORDS[update.type, update.action]}'
    if update.parent_id is not None:
        text += f',"ParentId":"{update.parent_id}"'
    if update.name is not None:
        text += f',"Name":{_quote(update.name)}'
    if update.sub_type is not None:
        text += f',"SubType":"{update.sub_type}"'
    if update.payload is not None:
        text += f',"Payload":{_quote(update.payload)}'
    # Most have no object in them; the commonest one is that of a context's end.
    if update.context_options is not None:
        text += _CONTEXT_OPTIONS[update.context_options.replay_children]
    if (
        update.error
        or update.step_options
        or update.wait_options
        or update.callback_options
        or update.chained_invoke_options
    ):
        for member, name in _OBJECTS:
            value = getattr(update, name)
            if value is not None:
                text += f',"{member}":{compact(to_wire(value))}'
    return f"{text}}}".encode()
