"""How SQLite is opened: write-ahead, durable, and a write that waits its turn at its beginning."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

BUSY_SECONDS = 10


def open_engine(url: URL, *, reading: bool = False) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,  # an error would quote names and texts
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_reset_on_return=None if reading else "rollback",  # a reader has nothing to take back
    )
    event.listen(engine, "connect", _prepare)
    if not reading:
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection, record) -> None:  # type: ignore[no-untyped-def]
    """Durable: a turn that was answered is never lost."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A deferred transaction that reads, then writes, fails at once where another writes meanwhile."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("BEGIN IMMEDIATE")  # straight to the driver: this is on the way of every turn
