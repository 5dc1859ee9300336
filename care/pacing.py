"""The carrier's rates: new calls a second for the account, texts a second for each sender."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from records import Database
from records.base import table_of
from records.leases import Lease, Pace

CALLS = "calls"
_paces = table_of(Pace)
FREE_AT = select(_paces.c.free_at).where(_paces.c.sender == bindparam("of")).with_for_update()
TAKE = _paces.update().where(_paces.c.sender == bindparam("of")).values(free_at=bindparam("next"))
"""Made once: building a statement costs more than running it."""


def reserve(
    database: Database,
    connection: Connection,
    sender: str,
    per_second: float,
    now: datetime,
    patience: timedelta,
) -> timedelta | None:
    """The wait until this sender's next free moment, which is taken; None, and nothing taken, beyond `patience`."""
    free_at: datetime | None = connection.scalar(FREE_AT, {"of": sender})
    if free_at is None:
        connection.execute(database.insert_once(Pace).values(sender=sender, free_at=now))
        free_at = connection.scalars(FREE_AT, {"of": sender}).one()
    wait = max(free_at - now, timedelta())
    if wait > patience:
        return None
    step = timedelta(seconds=1 / per_second)
    connection.execute(TAKE, {"of": sender, "next": now + wait + step})
    return wait


def hold_tick(database: Database, name: str, now: datetime, length: timedelta) -> bool:
    """May this process run the tick `name` now? One may, until `length` has passed, however many beats run."""
    with database.writing() as connection:
        connection.execute(database.insert_once(Lease).values(name=name, held_until=now))
        taken = connection.execute(
            update(Lease).where(Lease.name == name, Lease.held_until <= now).values(held_until=now + length)
        )
    return taken.rowcount == 1


def release_tick(database: Database, name: str, now: datetime) -> None:
    with database.writing() as connection:
        connection.execute(update(Lease).where(Lease.name == name).values(held_until=now))
