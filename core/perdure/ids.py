"""Operation ids. They follow from the order of calls alone, so every run makes the same.

The pre-image is the operation's position: ``"3"`` for the third call of the root context,
``"<id of the owning context>-3"`` elsewhere. The id is the first half of its BLAKE2b hash,
which is what the official SDK does; an execution begun by one can be finished by the other.
"""

from __future__ import annotations

from hashlib import blake2b


def operation_id(position: int, prefix: str | None = None) -> str:
    """The id of an operation.

    Args:
        position: 1 for the first call in a context; branches of `map` and `parallel`
            count from 0.
        prefix: the id of the operation that owns the context; None at the root.
    """
    text = str(position) if prefix is None else f"{prefix}-{position}"
    return blake2b(text.encode()).hexdigest()[:64]
