"""The store in an SQLite file: what it keeps, and the files it refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from perdure.service import Service
from perdure.service.saved import Change
from perdure.service.store import Store, StoreFailed
from perdure_local.stores.sqlite_store import SqliteStore
from perdure_local.stores.store_schema import VERSION
from service.store_tests import Place, StoreTests
from service.store_view_tests import StoreViewTests
from service.world import World, step


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


class TestSqliteStoreViews(StoreViewTests):
    """See there."""


def _refused(path: Path) -> str:
    with pytest.raises(StoreFailed) as refused:
        SqliteStore(path)
    message = str(refused.value)
    assert str(path) in message
    assert "\n" not in message
    return message.replace(str(path), "IT")


def _sqlite_file(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()
    return path


def test_a_store_belongs_to_one_service_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path)):
        assert _refused(path) == "the store IT is in use by another process"
    SqliteStore(path).close()


def test_files_that_are_no_stores(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("hello\n" * 100, encoding="utf-8")
    assert _refused(text) == "IT is no SQLite file"
    other = _sqlite_file(tmp_path / "other.db", "CREATE TABLE x (y)")
    assert _refused(other) == "IT is an SQLite file, but no store of perdure"
    assert text.read_text(encoding="utf-8") == "hello\n" * 100
    assert _refused(tmp_path) == "cannot open the store IT: unable to open database file"
    assert _refused(text / "below.db") == "cannot open the store IT: File exists"


def test_a_store_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    SqliteStore(path).close()
    _sqlite_file(path, f"PRAGMA user_version = {VERSION + 1}")
    assert _refused(path) == (
        f"IT is of a newer perdure: its schema version is {VERSION + 1}, "
        f"and this one knows versions up to {VERSION}"
    )


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    with closing(SqliteStore(path)) as store:
        assert store.load("nobody") is None


def test_what_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path)) as store:
        world = World(service=Service(store=store))
        arn = world.start()
    _sqlite_file(path, "UPDATE standings SET standing = 'x'")
    damaged = pytest.raises(StoreFailed, match=r"the store .*a\.db is damaged: JSONDecodeError")
    with closing(SqliteStore(path)) as store, damaged:
        store.load(arn)
    with pytest.raises(StoreFailed, match=r"the store .*a\.db failed: .*closed"):
        store.load(arn)


@pytest.mark.parametrize("table", ["standing", "origin", "operation", "answer", "event"])
@pytest.mark.parametrize("text", ["null", "[]", '"x"', "5"])
def test_json_of_another_shape_is_damage_as_well(tmp_path: Path, table: str, text: str) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path)) as store:
        world = World(service=Service(store=store))
        world.begun().checkpoint(step("SUCCEED"), client_token="t")
    _sqlite_file(path, f"UPDATE {table}s SET {table} = '{text}'")
    damaged = pytest.raises(StoreFailed, match=r"^the store .*a\.db is damaged: [^\n]*$")
    with closing(SqliteStore(path)) as store, damaged:
        _ = (store.load(world.arn), store.events(0, 1, None))


def test_a_change_that_cannot_be_kept_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(SqliteStore(path)) as store:
        world = World(service=Service(store=store))
        handler = world.begun()
        [pages] = store.connection.execute("PRAGMA page_count").fetchone()
        store.connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreFailed, match="full"):
            handler.checkpoint(
                step("SUCCEED", "small"), step("SUCCEED", "s", payload="x" * 500_000)
            )
    with closing(SqliteStore(path)) as store:
        service = Service(store=store)
        assert [operation.id for operation in service.operations(world.arn)] == ["id-1"]
        assert [event.event_id for event in service.events(world.arn)] == [1]


def test_a_change_of_which_a_part_fails_leaves_nothing(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        world = World(service=Service(store=store))
        arn = world.start()
        # SQLite itself takes back what ran out of space, but nothing of this.
        with pytest.raises(StoreFailed, match="surrogates not allowed"):
            store.save(Change(forgotten=[0], ended_calls=["\ud800"]))
        assert store.load(arn) is not None
        world.begun().succeeds()
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        assert store.load(arn) is not None


def test_a_checkpoint_writes_what_it_changed_and_no_more(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        world = World(service=Service(store=store))
        handler = world.begun()
        written: list[int] = []
        for batch in range(40):
            handler.checkpoint(*(step("SUCCEED", f"s{batch}-{each}") for each in range(250)))
            before = store.connection.total_changes
            two = (step("START", f"a{batch}"), step("SUCCEED", f"b{batch}"))
            handler.checkpoint(*two, client_token=f"t{batch}")
            written.append(store.connection.total_changes - before)
        assert len(world.service.operations(world.arn)) > 10_000
        # Two operations, two events, where the execution stands, the answer.
        assert set(written) == {6}


def test_lists_are_read_from_the_index(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        world = World(service=Service(store=store))
        for _ in range(5):
            world.start()
        plan = store.connection.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM executions WHERE function = 'f' AND status IN "
            "('FAILED') AND number <= 3 ORDER BY number DESC LIMIT 2",
        ).fetchall()
        assert "USING INDEX executions_by_function (function=? AND number<?)" in str(plan)
        plan = store.connection.execute(
            "EXPLAIN QUERY PLAN SELECT deadline, arn FROM executions WHERE deadline IS NOT NULL "
            "ORDER BY deadline, number LIMIT 1",
        ).fetchall()
        assert "USING INDEX executions_by_deadline" in str(plan)
        assert "TEMP B-TREE" not in str(plan)
