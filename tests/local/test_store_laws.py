"""A service that is opened anew from an SQLite file answers as one that went on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from perdure.models.enums import ExecutionStatus
from perdure.models.executions import DeleteRequest, StopRequest
from perdure.service import Service
from perdure.service.memory_store import MemoryStore
from perdure.service.saved import Selection
from perdure.service.store import Store
from perdure_local.stores.sqlite_store import SqliteStore
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


SELECTIONS = st.builds(
    Selection,
    function_name=st.sampled_from([None, "f", "g", "nobody"]),
    version=st.sampled_from([None, "$LATEST", "7"]),
    name=st.sampled_from([None, "a0", "ab0", "_c1"]),
    name_contains=st.sampled_from(["", "a", "b-", "_", "A", "0"]),
    statuses=st.lists(st.sampled_from(list(ExecutionStatus)), max_size=3).map(tuple),
    started_after=st.none() | st.integers(0, 12).map(float),
    started_before=st.none() | st.integers(0, 12).map(float),
    forwards=st.booleans(),
    first=st.none() | st.integers(-1, 13),
    count=st.integers(1, 13),
)
STARTS = st.lists(
    st.tuples(st.sampled_from("fg"), st.sampled_from(["7", "live"]), st.booleans(), st.booleans()),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(starts=STARTS, selections=st.lists(SELECTIONS, min_size=5, max_size=20))
def test_lists_show_the_same(
    starts: list[tuple[str, str, bool, bool]], selections: list[Selection]
) -> None:
    memory = MemoryStore()
    with TemporaryDirectory() as folder, closing(SqliteStore(Path(folder, "a.db"))) as sqlite:
        for store in (memory, sqlite):
            service = Service(store=store)
            for now, (function, qualifier, ends, goes) in enumerate(starts):
                name = ["a", "ab", "b-", "_c"][now % 4]
                arn = service.start(
                    function_name=function,
                    payload="1",
                    now=now,
                    execution_id=f"id-{now}",
                    name=f"{name}{now // 4}",
                    qualifier=qualifier,
                ).arn
                if ends:
                    service.stop(StopRequest(arn), now)
                if ends and goes:
                    service.delete(DeleteRequest(arn), now)
        for selection in selections:
            assert sqlite.select(selection) == memory.select(selection)
            asked = selection.function_name
            assert sqlite.latest(asked) == memory.latest(asked)
