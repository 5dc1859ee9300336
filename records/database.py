"""One database, opened: short writes and plain reads, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, String, bindparam, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase

from records import audit_chain, postgresql_engine, sqlite_engine
from records.prepared import Prepared

HOLD = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=String()), 0)))
READERS_KEPT = postgresql_engine.POOL
RETRY_SECONDS = 8.0
"""A carrier waits 15 s for an answer: what was obstructed for longer than this is not begun once more."""
Result = TypeVar("Result")
Taken = IntegrityError
"""Raised by an insert whose key another writer has taken: the caller does its reading again."""


class Obstructed(Exception):
    """Another writer stood in the way (a deadlock, a lock waited for too long), or the connection was lost.

    Nothing was written, but for a commit whose answer was lost: whoever does it again must look first.
    """


class Unreachable(Exception):
    """The database does not answer, or does not let us in; the message says what to do, and holds no password."""


class Database:
    """Two pools, one for each way to use it. `writing` commits whole or not at all; `reading` takes no lock."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise Unreachable("CARELINE_DATABASE_URL is not an address of a database.") from None
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.place = f"{parsed.host or 'this machine'}, database {parsed.database}"
        open_engine = sqlite_engine.open_engine if self.is_sqlite else postgresql_engine.open_engine
        self.engine = open_engine(parsed)
        self._readers = open_engine(parsed, reading=True)
        self._idle: list[Connection] = []
        self._turn: AbstractContextManager[object] = Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Each statement sees what was committed when it began. Raises Obstructed where it may be tried again."""
        connection = self._idle_reader() or self._readers.connect()
        try:
            yield connection
        except DBAPIError as error:
            connection.close()
            _say_if_obstructed(error)
            raise
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < READERS_KEPT:
            self._idle.append(connection)  # each statement was its own: there is nothing to take back
        else:
            connection.close()

    def _idle_reader(self) -> Connection | None:
        """One that read before and is open still: what the pool does for each use costs as much as a statement."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if self.is_sqlite or not postgresql_engine.is_closed(connection.connection.dbapi_connection):
                return connection
            connection.invalidate()
            connection.close()
        return None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One short write: commits at the end, rolls back on any exception. No network call inside.

        Raises Taken or Obstructed where it may be done again from what is then true.

        SQLite has one writer, and whoever finds it taken sleeps for longer and longer: so the threads
        of a process wait for each other here, in order, and only other processes are waited for there.
        On PostgreSQL writers run beside each other (READ COMMITTED): whoever decides by what she has read
        locks it (`with_for_update`) or says in her update what it must still be.
        """
        try:
            with self._turn, self.engine.begin() as connection, audit_chain.noting(connection):
                yield connection
        except DBAPIError as error:
            _say_if_obstructed(error)
            raise

    def check(self) -> None:
        """Raises Unreachable, with a sentence for whoever starts us, where a database server can't be used."""
        if self.is_sqlite:  # a file, made when it is first written
            return
        try:
            with self._readers.connect() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            raise Unreachable(
                f"The database can't be used ({self.place}): {_reason(error)}."
                " Is its server running, and is CARELINE_DATABASE_URL right?"
            ) from error
        finally:
            self._readers.dispose()

    def insert_once(self, table: type[DeclarativeBase]) -> Insert:
        """An insert that does nothing where its key is taken; its rowcount is 0 then."""
        insert = sqlite.insert if self.is_sqlite else postgresql.insert
        # The row's id is not asked for: where there is no new row there is none.
        made = insert(table).on_conflict_do_nothing().inline()
        return made.execution_options(preserve_rowcount=True)

    def put(
        self,
        connection: Connection,
        table: type[DeclarativeBase],
        key: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> None:
        """Set `values` in the row whose primary key is `key`; it is made where there is none."""
        _put(self.is_sqlite, table, tuple(key), tuple(values)).change(connection, {**key, **values})

    def hold(self, connection: Connection, name: str) -> None:
        """Until this write is over, nobody else's that holds the same name goes on. SQLite's writer is alone anyway."""
        if not self.is_sqlite:
            connection.execute(HOLD, {"name": name})

    @property
    def skips_locked(self) -> bool:
        """Whether a batch is chosen beside other writers: SQLite has one writer, and nothing to skip."""
        return not self.is_sqlite

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self.engine.dispose()
        self._readers.dispose()


@cache
def _put(
    is_sqlite: bool, table: type[DeclarativeBase], key: tuple[str, ...], set_: tuple[str, ...]
) -> Prepared:
    new = (sqlite.insert if is_sqlite else postgresql.insert)(table)
    new = new.values({name: bindparam(name) for name in (*key, *set_)})
    return Prepared(
        new.on_conflict_do_update(
            index_elements=list(key), set_={name: new.excluded[name] for name in set_}
        ).inline()
    )


def again_if_obstructed(work: Callable[[], Result]) -> Result:
    """Do `work`, and again where another writer stood in its way: it begins with what is then true.

    Raises Obstructed, or Taken, where that goes on for RETRY_SECONDS.
    """
    deadline = monotonic() + RETRY_SECONDS
    while True:
        try:
            return work()
        except (Obstructed, Taken):
            if monotonic() > deadline:
                raise


def _say_if_obstructed(error: DBAPIError) -> None:
    if error.connection_invalidated or postgresql_engine.stood_in_the_way(error.orig):
        raise Obstructed(type(error.orig).__name__) from error


def _reason(error: DBAPIError) -> str:
    """What went wrong, in the words of the driver or the server, without the address that was tried."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()] or [
        type(error.orig).__name__
    ]
    told = [line for line in lines if "failed: " in line] or lines
    return told[-1].rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
