"""Which store ``perdure dev --store`` means."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from perdure.service.store import StoreFailed

from ..terminal.refused import Refused
from .sqlite_store import SqliteStore

DEFAULT: Final = Path(".perdure", "perdure.db")
IN_MEMORY: Final = ":memory:"


def open_store(given: str) -> SqliteStore | None:
    """Open the store at this path; None for ``:memory:``.

    Raises:
        Refused: it cannot be used; the message is one line.
    """
    if given == IN_MEMORY:
        return None
    path = Path(given)
    try:
        if path == DEFAULT:
            _make_folder(path.parent)
        return SqliteStore(path)
    except StoreFailed as failure:
        raise Refused(str(failure)) from None


def _make_folder(folder: Path) -> None:
    """Payloads are nobody else's business, and nothing for a repository."""
    with suppress(OSError):
        folder.mkdir(mode=0o700)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
