"""The store in an SQLite file: what it keeps, and the files it refuses."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from perdure.service.store import Store
from perdure_local.sqlite_store import SqliteStore
from service.store_tests import Place, StoreTests


@pytest.fixture
def place(tmp_path: Path) -> Generator[Place]:
    opened: list[SqliteStore] = []

    def open_store() -> Store:
        for store in opened:
            store.close()
        opened[:] = [SqliteStore(tmp_path / "kept" / "a.db")]
        return opened[0]

    yield Place(open_store)
    for store in opened:
        store.close()


class TestSqliteStore(StoreTests):
    """See there."""
