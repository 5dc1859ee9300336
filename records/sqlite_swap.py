"""A SQLite database put in the place of another: prepared beside it, then renamed over it at one moment."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from records import taking_up
from records.base import Base
from records.copying import flush
from records.database import Database
from records.migrating import upgrade
from records.refusals import Damaged, NotEmpty, StillRunning
from records.sealing import Seal, sealed_columns

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database. Left there, a log would be played into the one that takes its place."""


def swap(
    target: Path, copied: Path, replace: bool, suffix: str, settle: Callable[[Database], None]
) -> list[Path]:
    """Bring `copied` to this version's tables, settle it, and put it at `target`; returns what was kept of the old.

    Raises Damaged, WrongKey, NotEmpty, StillRunning; then `target` is as it was.
    """
    if target.exists() and not replace and _has_rows(target):
        raise NotEmpty(
            "There is a database with data in it already. --replace puts the backup in its place,"
            f" and keeps what is there as {target.name}.{suffix}."
        )
    _check(copied)
    with _held(target):
        prepared = Database(f"sqlite:///{copied}")
        try:
            upgrade(prepared)
            settle(prepared)
        finally:
            prepared.close()
        _without_log(copied)
        kept = _put_aside(target, suffix)
        copied.replace(target)
        flush(target.parent)
    return kept


def _put_aside(target: Path, suffix: str) -> list[Path]:
    """The old database gets a second name, so that at no moment there is none; what lies beside it is moved."""
    kept = []
    for beside in BESIDE:
        left = target.with_name(target.name + beside)
        if left.exists():
            kept.append(left.rename(target.with_name(f"{target.name}.{suffix}{beside}")))
    if target.exists():
        aside = target.with_name(f"{target.name}.{suffix}")
        os.link(target, aside)
        kept.insert(0, aside)
    return kept


def _has_rows(path: Path) -> bool:
    """Is there a clinic in it? Reads without leaving a trace where nobody has it open."""
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{path}?{mode}", uri=True)) as connection:
            tables = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if "clinics" not in tables:
                return bool(tables)
            return connection.execute("SELECT 1 FROM clinics LIMIT 1").fetchone() is not None
    except sqlite3.DatabaseError:
        return True  # it can't be read, which is no reason to lose it


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Nobody else has the database open, and nobody can open it until this ends.

    A connection in WAL mode holds a lock for as long as it is open; to leave that mode one must be alone.
    """
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise StillRunning from error
        except sqlite3.DatabaseError:  # it is no database any more: put aside as it is
            pass
        yield
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")


def _check(copied: Path) -> None:
    """Is it whole by SQLite's own check, and do its keys open what is in it?"""
    try:
        with closing(sqlite3.connect(copied)) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise Damaged("its database does not pass SQLite's own check")
        database = Database(f"sqlite:///{copied}")
        try:
            own = taking_up.of_copy(database)
        finally:
            database.close()
        with closing(sqlite3.connect(copied)) as connection:
            for table, columns in sealed_columns(Base.metadata).items():
                for column in columns:
                    _open_one(connection, table.name, column.name, own)
    except sqlite3.DatabaseError as error:
        raise Damaged("its database can't be read") from error


def _open_one(connection: sqlite3.Connection, table: str, column: str, own: Seal) -> None:
    """The newest value of a column; a table or column that an older schema lacks has none."""
    known = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
    if column in known:
        query = f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL ORDER BY rowid DESC LIMIT 1'  # noqa: S608 (our own names)
        for row in connection.execute(query):
            own.open(row[0])


def _without_log(path: Path) -> None:
    """All of it in the one file, and that on disk."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    flush(path)
