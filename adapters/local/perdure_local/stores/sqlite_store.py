"""A store in an SQLite file.

One service works with it at a time: the file stays locked while it is open. Every change
is one transaction. In the write-ahead log, with ``synchronous=NORMAL``, a transaction is
with the operating system once it is committed, so the end of the process, however
sudden, loses nothing; that of the machine may lose the last ones, but never half of one.

What lists and queues look for has columns of its own. All else is JSON, with the names
of the wire: it is read when its execution is loaded, and one may look at it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from perdure.errors import RemoteProtocolError
from perdure.models.decode import decode_operation
from perdure.models.encode import to_wire
from perdure.models.enums import ExecutionStatus
from perdure.models.fields import WireModel
from perdure.models.history import Event
from perdure.models.reread import from_wire
from perdure.service.effects import FunctionToCall
from perdure.service.ledger import OPTIONS, Unseen
from perdure.service.origin import Origin
from perdure.service.saved import (
    Change,
    Entry,
    ExecutionChange,
    SavedCall,
    SavedExecution,
    SavedOperation,
    SavedTimer,
    Selection,
    Stage,
    Unfinished,
)
from perdure.service.standing import Answer, Standing
from perdure.service.store import StoreFailed
from perdure.service.timers import TimerKind

from .store_file import open_store_file

M = TypeVar("M", bound=WireModel)

# ASCII, because a payload may hold half a surrogate pair, which is no UTF-8.
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode

_SAVE_ENTRY: Final = """
INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET status = excluded.status, ended = excluded.ended,
    deadline = excluded.deadline, kept_until = excluded.kept_until, owed = excluded.owed,
    flight = excluded.flight, held_by = excluded.held_by, named = excluded.named
"""
_OF_ONE_EXECUTION: Final = ("origins", "standings", "answers", "operations", "events", "timers")
_ALL: Final = ""


class SqliteStore:
    """See `perdure.service.store.Store`. Close it in the end.

    It may be made in one thread and used by another, but by one at a time.

    Args:
        path: of the file; it is made if there is none.

    Raises:
        StoreFailed: the file cannot be opened, another process has it open, or it is none
            of ours. The message is one line and names the path.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self.connection: Final = open_store_file(path)
        """To the file, for whoever wants to look into it."""
        # Asked for before and after each call, and few of them change it. None is unknown,
        # an empty tuple that there is none.
        self._due: tuple[float, str] | tuple[()] | None = None
        self._to_forget: tuple[float, int, str] | tuple[()] | None = None

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        try:
            yield self.connection
        except sqlite3.Error as error:
            raise StoreFailed(f"the store {self._path} failed: {error}") from error
        except (KeyError, TypeError, ValueError, RemoteProtocolError) as error:
            raise StoreFailed(f"the store {self._path} is damaged: {error!r}") from error

    def save(self, change: Change) -> None:
        """Keep all of this change, or, if it raises, nothing of it."""
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._write(connection, change)
                connection.execute("COMMIT")
                if change.forgotten or any(each.entry is not None for each in change.executions):
                    self._due = self._to_forget = None
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _write(self, connection: sqlite3.Connection, change: Change) -> None:
        for each in change.executions:
            _write_execution(connection, each)
        for number in change.forgotten:
            connection.execute("DELETE FROM executions WHERE number = ?", (number,))
            for table in _OF_ONE_EXECUTION:
                connection.execute(f"DELETE FROM {table} WHERE execution = ?", (number,))
        for call in change.calls:
            connection.execute(
                "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?)",
                (call.call.call_id, _text(call.call), call.stage, call.due, call.count),
            )
        for call_id in change.ended_calls:
            connection.execute("DELETE FROM calls WHERE id = ?", (call_id,))

    def load(self, arn: str) -> SavedExecution | None:
        """The execution with this ARN, or None."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM executions WHERE arn = ?", (arn,)).fetchone()
            if row is None:
                return None
            number: int = row[0]

            def one(sql: str) -> Any:
                found = connection.execute(sql, (number,)).fetchone()
                return None if found is None else found[0]

            answer = one("SELECT answer FROM answers WHERE execution = ?")
            return SavedExecution(
                number,
                _read(Origin, one("SELECT origin FROM origins WHERE execution = ?")),
                _entry(row),
                _read(Standing, one("SELECT standing FROM standings WHERE execution = ?")),
                None if answer is None else _read(Answer, answer),
                _operations(connection, number),
                _timers(connection, number),
                one("SELECT max(id) FROM events WHERE execution = ?"),
            )

    def find_named(self, function_name: str, version: str, name: str) -> str | None:
        """The ARN of the execution that has this name for itself, or None."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT arn FROM executions WHERE function = ? AND name = ? AND version = ? "
                "AND named ORDER BY number DESC LIMIT 1",
                (function_name, name, version),
            ).fetchone()
            return None if row is None else row[0]

    def events(
        self, number: int, first: int, count: int | None, *, backwards: bool = False
    ) -> tuple[Event, ...]:
        """Some events of an execution."""
        bound, order = ("<=", "DESC") if backwards else (">=", "ASC")
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT event FROM events WHERE execution = ? AND id {bound} ? "
                f"ORDER BY id {order} LIMIT ?",
                (number, first, -1 if count is None else count),
            )
            return tuple(_read(Event, text) for (text,) in rows)

    def select(self, selection: Selection) -> list[tuple[int, Entry]]:
        """Some executions, the latest first unless it says otherwise."""
        bound, order = (">=", "ASC") if selection.forwards else ("<=", "DESC")
        statuses = selection.statuses
        terms: dict[str, object] = {
            "function = ?": selection.function_name,
            "version = ?": selection.version,
            "name = ?": selection.name,
            "instr(name, ?)": selection.name_contains or None,
            "started >= ?": selection.started_after,
            "started <= ?": selection.started_before,
            f"number {bound} ?": selection.first,
        }
        used = [term for term, value in terms.items() if value is not None]
        values = [value for value in terms.values() if value is not None]
        if statuses:
            used.append(f"status IN ({', '.join('?' * len(statuses))})")
        where = " AND ".join(used) or "true"
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM executions WHERE {where} ORDER BY number {order} LIMIT ?",
                (*values, *statuses, selection.count),
            )
            return [(row[0], _entry(row)) for row in rows]

    def latest(self, function_name: str | None) -> int:
        """The number of the latest start of a function, or of all; -1 if there was none."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT number FROM latest WHERE function = ?", (function_name or _ALL,)
            ).fetchone()
            return -1 if row is None else row[0]

    def due(self) -> tuple[float, str] | None:
        """The earliest deadline of all, and whose."""
        if self._due is None:
            with self._reading() as connection:
                row: tuple[float, str] | None = connection.execute(
                    "SELECT deadline, arn FROM executions WHERE deadline IS NOT NULL "
                    "ORDER BY deadline, number LIMIT 1"
                ).fetchone()
                self._due = row or ()
        return self._due or None

    def to_forget(self) -> tuple[float, int, str] | None:
        """Who is to be forgotten next."""
        if self._to_forget is None:
            with self._reading() as connection:
                row: tuple[float, int, str] | None = connection.execute(
                    "SELECT kept_until, number, arn FROM executions WHERE kept_until IS NOT NULL "
                    "ORDER BY kept_until, number LIMIT 1"
                ).fetchone()
                self._to_forget = row or ()
        return self._to_forget or None

    def unfinished(self) -> Unfinished:
        """What a service has to know that begins to work with this store."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM executions WHERE owed IS NOT NULL OR flight IS NOT NULL "
                "OR held_by IS NOT NULL ORDER BY number"
            )
            entries = [_entry(row) for row in rows]
            calls = connection.execute(
                "SELECT call, stage, due, count FROM calls ORDER BY count"
            ).fetchall()
            return Unfinished(
                sorted((each.owed, each.arn) for each in entries if each.owed is not None),
                {each.flight: each.arn for each in entries if each.flight is not None},
                [(each.arn, each.held_by) for each in entries if each.held_by is not None],
                [
                    SavedCall(_read(FunctionToCall, text), Stage(stage), due, count)
                    for text, stage, due, count in calls
                ],
            )


def _text(value: WireModel) -> str:
    return _encode(to_wire(value))


def _read(model: type[M], text: str) -> M:
    return from_wire(model, json.loads(text))


def _write_execution(connection: sqlite3.Connection, change: ExecutionChange) -> None:
    number, entry, origin = change.number, change.entry, change.origin
    execute, execute_many = connection.execute, connection.executemany
    if entry is not None:
        execute(
            _SAVE_ENTRY,
            (
                number,
                entry.arn,
                entry.function_name,
                entry.version,
                entry.name,
                entry.started,
                entry.status,
                entry.ended,
                entry.deadline,
                entry.kept_until,
                entry.owed,
                entry.flight,
                entry.held_by,
                entry.named,
            ),
        )
    if origin is not None:
        execute("INSERT INTO origins VALUES (?, ?)", (number, _text(origin)))
        for function in (origin.function_name, _ALL):
            execute("INSERT OR REPLACE INTO latest VALUES (?, ?)", (function, number))
    execute("INSERT OR REPLACE INTO standings VALUES (?, ?)", (number, _text(change.standing)))
    if change.answered and change.answer is None:
        execute("DELETE FROM answers WHERE execution = ?", (number,))
    elif change.answered and change.answer is not None:
        execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (number, _text(change.answer)))
    execute_many(
        "INSERT OR REPLACE INTO operations VALUES (?, ?, ?, ?, ?, ?)",
        [(number, *_operation_row(each)) for each in change.operations],
    )
    execute_many(
        "UPDATE operations SET unseen = NULL, outside = NULL WHERE execution = ? AND place = ?",
        [(number, place) for place in change.seen],
    )
    execute_many(
        "INSERT INTO events VALUES (?, ?, ?)",
        [(number, event.event_id, _text(event)) for event in change.events],
    )
    if change.cleared:
        execute("DELETE FROM timers WHERE execution = ?", (number,))
    execute_many(
        "DELETE FROM timers WHERE execution = ? AND operation = ? AND kind = ?",
        [(number, *key) for key in change.disarmed],
    )
    execute_many(
        "INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?, ?)",
        [(number, *each.key, each.due, each.count) for each in change.armed],
    )


def _operation_row(saved: SavedOperation) -> tuple[object, ...]:
    return (
        saved.place,
        _text(saved.operation),
        None if saved.options is None else _text(saved.options),
        *((None, None) if saved.unseen is None else saved.unseen),
    )


def _operations(connection: sqlite3.Connection, number: int) -> list[SavedOperation]:
    rows = connection.execute(
        "SELECT place, operation, options, unseen, outside FROM operations "
        "WHERE execution = ? ORDER BY place",
        (number,),
    )
    saved: list[SavedOperation] = []
    for place, text, options, unseen, outside in rows:
        operation = decode_operation(json.loads(text))
        saved.append(
            SavedOperation(
                place,
                operation,
                None if options is None else _read(OPTIONS[operation.type], options),
                None if unseen is None else Unseen(unseen, bool(outside)),
            )
        )
    return saved


def _timers(connection: sqlite3.Connection, number: int) -> list[SavedTimer]:
    rows = connection.execute(
        "SELECT operation, kind, due, count FROM timers WHERE execution = ?", (number,)
    )
    return [SavedTimer((whose, TimerKind(kind)), due, count) for whose, kind, due, count in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    values = list(row[1:])
    values[5] = ExecutionStatus(values[5])
    values[-1] = bool(values[-1])
    return Entry(*values)
