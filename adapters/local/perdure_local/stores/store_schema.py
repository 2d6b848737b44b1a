"""The tables of the SQLite store."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
"""Of the tables below; the file carries it as ``user_version``."""

APPLICATION: Final = 0x70647572
"""What tells our files from other people's, the file's ``application_id``: "pdur"."""

TABLES: Final = """
-- What lists, queues and deadlines need. `number` is the order of the starts of all.
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    arn TEXT NOT NULL,
    function TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    started REAL NOT NULL,
    status TEXT NOT NULL,
    ended REAL,
    deadline REAL,
    kept_until REAL,
    owed INTEGER,
    flight TEXT,
    held_by TEXT,
    named INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX executions_by_arn ON executions (arn);
CREATE INDEX executions_by_name ON executions (function, name, number);
-- It holds all that a list looks at, so that what does not match costs no more than this.
CREATE INDEX executions_by_function
    ON executions (function, number, status, version, name, started);
CREATE INDEX executions_by_deadline ON executions (deadline, number) WHERE deadline IS NOT NULL;
CREATE INDEX executions_by_end ON executions (kept_until, number) WHERE kept_until IS NOT NULL;
CREATE INDEX executions_unfinished ON executions (number)
    WHERE owed IS NOT NULL OR flight IS NOT NULL OR held_by IS NOT NULL;

-- The latest start of each function, and under '' that of all; it may be forgotten by now.
CREATE TABLE latest (function TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- JSON: what an execution was started as and never changes; how it stands; and what its
-- last checkpoint was answered.
CREATE TABLE origins (execution INTEGER PRIMARY KEY, origin TEXT NOT NULL) STRICT;
CREATE TABLE standings (execution INTEGER PRIMARY KEY, standing TEXT NOT NULL) STRICT;
CREATE TABLE answers (execution INTEGER PRIMARY KEY, answer TEXT NOT NULL) STRICT;

-- `unseen` and `outside` are null once the handler knows the operation as it stands.
CREATE TABLE operations (
    execution INTEGER NOT NULL,
    place INTEGER NOT NULL,
    operation TEXT NOT NULL,
    options TEXT,
    unseen INTEGER,
    outside INTEGER,
    PRIMARY KEY (execution, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    execution INTEGER NOT NULL,
    id INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (execution, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE timers (
    execution INTEGER NOT NULL,
    operation TEXT NOT NULL,
    kind TEXT NOT NULL,
    due REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (execution, operation, kind)
) STRICT, WITHOUT ROWID;

-- Calls of plain functions that are not over.
CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    call TEXT NOT NULL,
    stage TEXT NOT NULL,
    due REAL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
