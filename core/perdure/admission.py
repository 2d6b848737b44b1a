"""Admission of one update: whether it may be sent at all, its bytes, what it leads to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from .batching import Standing, serialise
from .errors import LocalProtocolError, SerDesError, UpdateTooLargeError
from .limits import MAX_PAYLOAD_BYTES
from .models.enums import OperationAction as A
from .models.enums import OperationStatus as S
from .models.enums import OperationType as T
from .models.fields import MAX_DELAY_SECONDS
from .models.update import OperationUpdate
from .transitions import TRANSITIONS

_ID: Final = re.compile(r"[a-zA-Z0-9\-_]{1,64}").fullmatch
_SUB_TYPE: Final = re.compile(r"[a-zA-Z0-9\-_]{1,32}").fullmatch


def is_name(name: str) -> bool:
    """Whether the service takes it: 1 to 256 printable ASCII characters."""
    return name.isprintable() and name.isascii() and 0 < len(name) <= 256


# The same few come again and again, and looking them up is cheaper than reading them.
@lru_cache(maxsize=256)
def is_sub_type(sub_type: str) -> bool:
    """Whether the service takes it: 1 to 32 of a-z, A-Z, 0-9, - and _."""
    return _SUB_TYPE(sub_type) is not None


@lru_cache(maxsize=256)
def _is_parent(operation_id: str) -> bool:
    return _ID(operation_id) is not None


# Asked at every update, and looking up a member of an Enum costs more than the comparison.
_FAIL: Final = A.FAIL
# (type, action): status before -> type and status after. One pair for all updates of a kind.
_ROWS: Final[Mapping[tuple[T, A], Mapping[S | str | None, Standing]]] = {
    key: {status: (key[0], following) for status, following in rows.items()}
    for key, rows in TRANSITIONS.items()
}
_NO_ROWS: Final[Mapping[S | str | None, Standing]] = {}


# (type, action): the member that the service refuses to do without.
_OPTIONS: Final = {
    (T.STEP, A.RETRY): "step_options",
    (T.WAIT, A.START): "wait_options",
    (T.CHAINED_INVOKE, A.START): "chained_invoke_options",
}
# The number of seconds in each of them that has a delay.
_DELAYS: Final = {"step_options": "next_attempt_delay_seconds", "wait_options": "wait_seconds"}


def admit(update: OperationUpdate, known: tuple[T | str, S | str] | None) -> tuple[bytes, Standing]:
    """Check one update against what its operation is, or is about to be.

    It looks at the update alone; whether the state takes updates at all, and whether
    the operation's parent has ended, is the state's affair.

    Args:
        update: the update.
        known: type and status of the operation; None if there is none yet.

    Returns:
        The serialised update, and type and status of its operation once it is applied.

    Raises:
        LocalProtocolError: the service would refuse it; the message says why.
        SerDesError: a text in it cannot be written as UTF-8.
        UpdateTooLargeError: its payload is above the service's limit.
    """
    kind, action = update.type, update.action
    status = None
    if known is not None:
        if known[0] != kind:
            raise LocalProtocolError(f"operation {update.id} is a {known[0]}, not a {kind}")
        status = known[1]
    # An action that is none of the type's, and a status that this version does not know,
    # have no row.
    leads_to = _ROWS.get((kind, action), _NO_ROWS).get(status)
    if leads_to is None:
        raise _illegal(update, status)
    # An id that is known was looked at before.
    if known is None and not _ID(update.id):
        raise LocalProtocolError(f"not an operation id: {update.id!r}")
    if update.parent_id is not None and not _is_parent(update.parent_id):
        raise LocalProtocolError(f"not an operation id: {update.parent_id!r}")
    if update.name is not None and not is_name(update.name):
        raise LocalProtocolError(f"a name is 1 to 256 printable ASCII characters: {update.name!r}")
    if update.sub_type is not None and not is_sub_type(update.sub_type):
        raise LocalProtocolError(f"a subtype is 1 to 32 of A-Z a-z 0-9 _ -: {update.sub_type!r}")
    # Most updates have none of the members that a rule is about.
    if update.error is not None or action is _FAIL or (kind, action) in _OPTIONS:
        _check_members(update)
    try:
        text = serialise(update)
    except UnicodeEncodeError as error:
        raise SerDesError(f"not writable as UTF-8: {error}") from None
    limit = MAX_PAYLOAD_BYTES[kind]
    # The serialised update is never smaller than its payload: most need no second look.
    if len(text) > limit and update.payload is not None:
        size = len(update.payload.encode())
        if size > limit:
            raise UpdateTooLargeError(
                f"the payload of {update.type} {update.name or update.id} has {size} bytes, "
                f"the service takes {limit}"
            )
    return text, leads_to


def _illegal(update: OperationUpdate, status: S | str | None) -> LocalProtocolError:
    if (update.type, update.action) not in TRANSITIONS:
        return LocalProtocolError(f"{update.action} is no action of a {update.type}")
    state = "that is not recorded" if status is None else f"that is {status}"
    return LocalProtocolError(f"cannot {update.action} a {update.type} {state}: {update.id}")


def _check_members(update: OperationUpdate) -> None:
    needed = _OPTIONS.get((update.type, update.action))
    if needed is not None:
        options = getattr(update, needed)
        delay = None if options is None else getattr(options, _DELAYS.get(needed, ""), 1)
        if delay is None or not 1 <= delay <= MAX_DELAY_SECONDS:
            raise LocalProtocolError(
                f"{update.action} of a {update.type} needs {needed}: {options}"
            )
    if update.payload is not None and update.action is _FAIL:
        raise LocalProtocolError("FAIL carries no payload")
    if update.error is not None:
        if update.action is A.SUCCEED:
            raise LocalProtocolError("SUCCEED carries no error")
        if update.payload is not None:
            raise LocalProtocolError("an update carries a payload or an error, not both")
