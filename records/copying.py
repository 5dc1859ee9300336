"""A consistent copy of the database, taken while others write: SQLite by its driver, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from records import postgresql_programs
from records.database import Database
from records.refusals import CantWrite, Refused

REVISION = "SELECT version_num FROM alembic_version"
SPOKEN = "SELECT id FROM messages WHERE recording IS NOT NULL"


@dataclass(frozen=True)
class Stands:
    """What a copy holds: its migration, and the messages that were spoken."""

    revision: str
    spoken: frozenset[int]


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
        try:
            revisions = [str(row[0]) for row in copied.execute(REVISION)]
            spoken = frozenset(int(row[0]) for row in copied.execute(SPOKEN))
        except sqlite3.OperationalError:
            revisions, spoken = [], frozenset()
    flush(path)
    return _stands(revisions, spoken)


def _copy_postgresql(database: Database, path: Path) -> Stands:
    """pg_dump sees what this transaction sees, so both tell of the same moment."""
    tool = postgresql_programs.find("pg_dump", database)
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return _stands([], frozenset())
        # pg_dump has its own connection while this one waits, for longer than a turn may.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        revisions = [str(row) for row in connection.scalars(text(REVISION))]
        spoken = frozenset(int(row) for row in connection.scalars(text(SPOKEN)))
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        postgresql_programs.run(tool, [*options, f"--file={path}"], database)
    flush(path)
    return _stands(revisions, spoken)


def _stands(revisions: list[str], spoken: frozenset[int]) -> Stands:
    if len(revisions) != 1:
        raise Refused("There is nothing to back up: this database has no tables yet.")
    return Stands(revisions[0], spoken)
