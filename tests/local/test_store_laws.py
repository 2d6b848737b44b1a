"""A service that is opened anew from an SQLite file answers as one that went on."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings

from perdure.service.store import Store
from perdure_local.sqlite_store import SqliteStore
from service.reopening import ReopeningMachine


class InSqlite(ReopeningMachine):
    """With the store in a file of its own."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory()
        self.store: SqliteStore | None = None
        super().__init__()

    def open_store(self) -> Store:
        if self.store is not None:
            self.store.close()
        self.store = SqliteStore(Path(self.folder.name, "a.db"))
        return self.store

    def teardown(self) -> None:
        if self.store is not None:
            self.store.close()
        self.folder.cleanup()


TestInSqlite = InSqlite.TestCase
TestInSqlite.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
