"""How PostgreSQL is opened: psycopg 3, durable, and no wait that a carrier would not wait for."""

from __future__ import annotations

import select
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError

DRIVER = "postgresql+psycopg"
POOL = 4
"""Connections that stay open for reading, and as many for writing, in each process: one for each web thread.

With a process of the web, and a worker for each of the three queues: 20 of the 100 that PostgreSQL allows.
"""
POOL_SECONDS = 5
CONNECTION: dict[str, Any] = {
    "application_name": "careline",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "tcp_user_timeout": 15_000,  # milliseconds until a server that went silent is given up
}
SESSION = {
    # A carrier waits 15 s for a webhook's answer; then it tells the caller that an error has occurred.
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "60s",
    "synchronous_commit": "on",  # a turn that was answered is never lost, whatever the server's default
    "timezone": "UTC",
}
IN_THE_WAY = {"40001", "40P01", "55P03", "57014"}
"""SQLSTATEs: serialization failure, deadlock, lock not available, cancelled (by a time-out).

https://www.postgresql.org/docs/15/errcodes-appendix.html
"""


def open_engine(url: URL, *, reading: bool = False) -> Engine:
    """`postgresql://` means psycopg 3. What the address says of a connection goes before our own."""
    given = {name: value for name, value in url.query.items() if isinstance(value, str)}
    ours = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    options = f"{ours} {given.pop('options', '')}".strip()
    engine = create_engine(
        url.set(drivername=DRIVER, query={}),
        connect_args={**CONNECTION, **given, "options": options},
        hide_parameters=True,  # an error would quote names and texts
        pool_size=POOL,
        pool_timeout=POOL_SECONDS,
        isolation_level="AUTOCOMMIT" if reading else "READ COMMITTED",
        pool_reset_on_return=None if reading else "rollback",  # a reader has nothing to take back
    )
    event.listen(engine, "checkout", _refuse_closed)
    return engine


def stood_in_the_way(error: BaseException | None) -> bool:
    """Is it another writer that this one failed by, so that trying again helps?"""
    return getattr(error, "sqlstate", None) in IN_THE_WAY


def _refuse_closed(connection: Any, record: Any, proxy: Any) -> None:
    if is_closed(connection):
        raise DisconnectionError  # the pool opens another


def is_closed(connection: Any) -> bool:
    """Has the server closed this connection of the driver's, that nobody uses now? Then its end can be read.

    Looked at without asking the server: a question to it would cost as much as a statement, in every turn.
    """
    if connection is None or connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
