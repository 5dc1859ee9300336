"""One database, opened: short writes and plain reads, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock

from sqlalchemy import Connection, Engine, Insert, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase

from records import audit_chain

BUSY_SECONDS = 10


class Database:
    """Two pools, one for each way to use it. `writing` commits whole or not at all; `reading` takes no lock."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = (
            _open_sqlite(url) if self.is_sqlite else create_engine(url, pool_pre_ping=True, pool_size=8)
        )
        self._readers = (
            _open_sqlite(url, begin=False)
            if self.is_sqlite
            else create_engine(url, pool_pre_ping=True, pool_size=8, isolation_level="AUTOCOMMIT")
        )
        self._turn: AbstractContextManager[object] = Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Each statement sees what was committed when it began."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One short write: commits at the end, rolls back on any exception. No network call inside.

        SQLite has one writer, and whoever finds it taken sleeps for longer and longer: so the threads
        of a process wait for each other here, in order, and only other processes are waited for there.
        """
        with self._turn, self.engine.begin() as connection, audit_chain.noting(connection):
            yield connection

    def insert_once(self, table: type[DeclarativeBase]) -> Insert:
        """An insert that does nothing where its key is taken; its rowcount is 0 then."""
        insert = sqlite.insert if self.is_sqlite else postgresql.insert
        return insert(table).on_conflict_do_nothing()

    @property
    def skips_locked(self) -> bool:
        """Whether a batch is chosen beside other writers: SQLite has one writer, and nothing to skip."""
        return not self.is_sqlite

    def close(self) -> None:
        self.engine.dispose()
        self._readers.dispose()


Taken = IntegrityError
"""Raised by an insert whose key another writer has taken: the caller does its reading again."""


def _open_sqlite(url: str, *, begin: bool = True) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_reset_on_return="rollback" if begin else None,  # a reader has nothing to take back
    )
    event.listen(engine, "connect", _prepare_sqlite)
    if begin:
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection, record) -> None:  # type: ignore[no-untyped-def]
    """Durable: a turn that was answered is never lost."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A deferred transaction that reads, then writes, fails at once where another writes meanwhile."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("BEGIN IMMEDIATE")  # straight to the driver: this is on the way of every turn
