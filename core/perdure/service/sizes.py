"""How long a text is in bytes of UTF-8, without encoding what is short anyway."""

from __future__ import annotations


def is_longer(text: str | None, limit: int) -> bool:
    """Whether a text has more than `limit` bytes. None has none."""
    # No character takes more than four.
    return text is not None and len(text) * 4 > limit and len(text.encode()) > limit
