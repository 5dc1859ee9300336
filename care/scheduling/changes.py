"""The one place where what hangs on a visit hears that it was booked, moved, called off, or is no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from care.reminders import in_flight, rebooking
from care.scheduling import free_time, wishes
from care.scheduling.visits import COMING
from records import Database
from records.scheduling import unit_after, unit_of


def changed(database: Database, connection: Connection, before: Any, after: Any, now: datetime) -> None:
    """`before` and `after`: the row of appointments as it was and is; None where it was not there, or is no more.

    Called within the write of the change, with the clinic's schedule held and `Occupied` up to date.
    """
    if before is not None:
        in_flight.follow(connection, before, after, now)
        if after is not None and after.state == "missed" and before.state != "missed":
            rebooking.missed(database, connection, after, now)
    times = [row for row in (before, after) if _has_time(row)]
    if not same_time(before, after):
        for row in times:
            places = [row.place_id] if row.place_id is not None else []
            first, end = unit_of(row.starts_at), unit_after(row.ends_at)
            free_time.refresh(connection, [row.clinician_id], places, first, end)
        if _has_time(before):
            wishes.freed(database, connection, before, now)
    if _has_time(after) and not same_time(before, after):
        wishes.fulfilled(connection, after)


def same_time(before: Any, after: Any) -> bool:
    """Does it have the same time of the same clinician and place as before?"""
    return _time(before) == _time(after)


def _time(row: Any) -> tuple[Any, ...] | None:
    return (row.clinician_id, row.place_id, row.starts_at, row.ends_at) if _has_time(row) else None


def _has_time(row: Any) -> bool:
    return row is not None and row.state in COMING
