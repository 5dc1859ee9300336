"""A consistent copy of the database, taken while others write: SQLite by its driver, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from records import postgresql_programs
from records.database import Database
from records.manifest import Wrapped
from records.refusals import CantWrite, Refused

REVISION = "SELECT version_num FROM alembic_version"
SPOKEN = "SELECT id FROM messages WHERE recording IS NOT NULL"
KEYS = "SELECT id, purpose, state, wrapped FROM data_keys ORDER BY id"


@dataclass(frozen=True)
class Stands:
    """What a copy holds: its migration, the messages that were spoken, and its keys (none in old tables)."""

    revision: str
    spoken: frozenset[int]
    keys: tuple[Wrapped, ...]


def copy(database: Database, path: Path) -> Stands:
    """Copy the whole database into the empty file at `path`. Raises Refused where it has no tables."""
    return _copy_sqlite(database, path) if database.is_sqlite else _copy_postgresql(database, path)


def flush(path: Path) -> None:
    """What stands in a file, or in a folder, is on disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_sqlite(database: Database, path: Path) -> Stands:
    """In one step: a reader holds up no writer, and sees what was committed when it began."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copied:
        with database.reading() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            try:
                source.backup(copied)
            except sqlite3.Error as error:
                raise CantWrite(f"The copy of the database can't be written: {error}.") from error
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        tables = {row[0] for row in copied.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        revisions = _all(copied, REVISION) if "alembic_version" in tables else []
        spoken = _all(copied, SPOKEN) if "messages" in tables else []
        own = _all(copied, KEYS) if "data_keys" in tables else []
    flush(path)
    return _stands(revisions, spoken, own)


def _all(copied: sqlite3.Connection, query: str) -> list[Any]:
    return copied.execute(query).fetchall()


def _copy_postgresql(database: Database, path: Path) -> Stands:
    """pg_dump sees what this transaction sees, so both tell of the same moment."""
    tool = postgresql_programs.find("pg_dump", database)
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return _stands([], [], [])
        # pg_dump has its own connection while this one waits, for longer than a turn may.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        revisions: list[Any] = list(connection.execute(text(REVISION)))
        spoken: list[Any] = list(connection.execute(text(SPOKEN)))
        has_keys = connection.scalar(text("SELECT to_regclass('data_keys')")) is not None
        own: list[Any] = list(connection.execute(text(KEYS))) if has_keys else []
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        postgresql_programs.run(tool, [*options, f"--file={path}"], database)
    flush(path)
    return _stands(revisions, spoken, own)


def _stands(revisions: list[Any], spoken: list[Any], own: list[Any]) -> Stands:
    """From rows as they were read."""
    if len(revisions) != 1:
        raise Refused("There is nothing to back up: this database has no tables yet.")
    wrapped = tuple(Wrapped(row[0], row[1], row[2], bytes(row[3]).hex()) for row in own)
    return Stands(str(revisions[0][0]), frozenset(int(row[0]) for row in spoken), wrapped)
