"""Admission of one update: whether it may be sent at all, its bytes, what it leads to."""

from __future__ import annotations

import re
from typing import Final, cast

from .batching import serialise
from .errors import LocalProtocolError, SerDesError, UpdateTooLargeError
from .limits import MAX_PAYLOAD_BYTES
from .models.enums import OperationAction as A
from .models.enums import OperationStatus as S
from .models.enums import OperationType as T
from .models.fields import MAX_DELAY_SECONDS
from .models.update import OperationUpdate
from .transitions import TRANSITIONS

_ID: Final = re.compile(r"[a-zA-Z0-9\-_]{1,64}").fullmatch
_NAME: Final = re.compile(r"[\x20-\x7E]{1,256}").fullmatch
is_sub_type: Final = re.compile(r"[a-zA-Z0-9\-_]{1,32}").fullmatch
"""A match if the service accepts a text as a subtype."""


# (type, action): the member that the service refuses to do without.
_OPTIONS: Final = {
    (T.STEP, A.RETRY): "step_options",
    (T.WAIT, A.START): "wait_options",
    (T.CHAINED_INVOKE, A.START): "chained_invoke_options",
}
# The number of seconds in each of them that has a delay.
_DELAYS: Final = {"step_options": "next_attempt_delay_seconds", "wait_options": "wait_seconds"}


def admit(update: OperationUpdate, known: tuple[T | str, S | str] | None) -> tuple[bytes, S]:
    """Check one update against what its operation is, or is about to be.

    It looks at the update alone; whether the state takes updates at all, and whether
    the operation's parent has ended, is the state's affair.

    Args:
        update: the update.
        known: type and status of the operation; None if there is none yet.

    Returns:
        The serialised update, and the status its operation has once it is applied.

    Raises:
        LocalProtocolError: the service would refuse it; the message says why.
        SerDesError: a text in it cannot be written as UTF-8.
        UpdateTooLargeError: its payload is above the service's limit.
    """
    if known is not None and known[0] != update.type:
        raise LocalProtocolError(f"operation {update.id} is a {known[0]}, not a {update.type}")
    following = _following(update, None if known is None else known[1])
    # An id that is known was looked at before.
    if known is None and not _ID(update.id):
        raise LocalProtocolError(f"not an operation id: {update.id!r}")
    _check_texts(update)
    _check_members(update)
    try:
        text = serialise(update)
    except UnicodeEncodeError as error:
        raise SerDesError(f"not writable as UTF-8: {error}") from None
    limit = MAX_PAYLOAD_BYTES[update.type]
    # The serialised update is never smaller than its payload: most need no second look.
    if len(text) > limit and update.payload is not None:
        size = len(update.payload.encode())
        if size > limit:
            raise UpdateTooLargeError(
                f"the payload of {update.type} {update.name or update.id} has {size} bytes, "
                f"the service takes {limit}"
            )
    return text, following


def _following(update: OperationUpdate, current: S | str | None) -> S:
    rows = TRANSITIONS.get((update.type, update.action))
    if rows is None:
        raise LocalProtocolError(f"{update.action} is no action of a {update.type}")
    # A status that this version does not know has no row.
    following = rows.get(cast("S | None", current))
    if following is None:
        state = "that is not recorded" if current is None else f"that is {current}"
        raise LocalProtocolError(f"cannot {update.action} a {update.type} {state}: {update.id}")
    return following


def _check_texts(update: OperationUpdate) -> None:
    if update.parent_id is not None and not _ID(update.parent_id):
        raise LocalProtocolError(f"not an operation id: {update.parent_id!r}")
    if update.name is not None and not is_name(update.name):
        raise LocalProtocolError(f"a name is 1 to 256 printable ASCII characters: {update.name!r}")
    if update.sub_type is not None and not is_sub_type(update.sub_type):
        raise LocalProtocolError(f"a subtype is 1 to 32 of A-Z a-z 0-9 _ -: {update.sub_type!r}")


def is_name(name: str) -> bool:
    """Whether the service takes it: 1 to 256 printable ASCII characters."""
    return 0 < len(name) <= 256 and name.isascii() and name.isprintable()


def _check_members(update: OperationUpdate) -> None:
    needed = _OPTIONS.get((update.type, update.action))
    if needed is not None:
        options = getattr(update, needed)
        delay = None if options is None else getattr(options, _DELAYS.get(needed, ""), 1)
        if delay is None or not 1 <= delay <= MAX_DELAY_SECONDS:
            raise LocalProtocolError(
                f"{update.action} of a {update.type} needs {needed}: {options}"
            )
    if update.error is not None and update.action is A.SUCCEED:
        raise LocalProtocolError("SUCCEED carries no error")
    if update.payload is not None:
        if update.action is A.FAIL:
            raise LocalProtocolError("FAIL carries no payload")
        if update.error is not None:
            raise LocalProtocolError("an update carries a payload or an error, not both")
