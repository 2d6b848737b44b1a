"""Opening the file of a store, or saying in one line why not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from perdure.service.store import StoreFailed

from .store_schema import APPLICATION, TABLES, VERSION


def open_store_file(path: Path) -> sqlite3.Connection:
    """A connection that has the file for itself, with the tables in it.

    Raises:
        StoreFailed: the file cannot be opened, another process has it open, or it is none
            of ours. The message is one line and names the path.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StoreFailed(f"cannot open the store {path}: {reason}") from None
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise StoreFailed(_reason(error, path)) from None
    except StoreFailed:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # Once taken, the lock is kept; the kernel lets go of it when the process ends.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    if tables and application != APPLICATION:
        raise StoreFailed(f"{path} is an SQLite file, but no store of perdure")
    if version > VERSION:
        raise StoreFailed(
            f"{path} is of a newer perdure: its schema version is {version}, "
            f"and this one knows versions up to {VERSION}"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if tables:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
    else:
        connection.executescript(
            f"BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION}; "
            f"PRAGMA user_version = {VERSION}; COMMIT;"
        )


def _reason(error: sqlite3.Error, path: Path) -> str:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"the store {path} is in use by another process"
        case sqlite3.SQLITE_NOTADB:
            return f"{path} is no SQLite file"
        case _:
            return f"cannot open the store {path}: {error}"
