"""Who has which units of time. The key of `Occupied` makes a double booking impossible, of whatever lengths."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam

from records import Database
from records.base import table_of
from records.database import Taken
from records.scheduling import Occupied, unit_after, unit_of

_occupied = table_of(Occupied)
MOST_ROWS = 1_000
"""In one insert: three values each, and a statement takes some 32,000."""
RELEASE = _occupied.delete().where(_occupied.c.appointment_id == bindparam("visit"))


class NotFree(Taken):
    """That time can't be had: it is taken, past, or no hours any more. What is still free is to be read again."""

    def __init__(self) -> None:
        super().__init__("time is not free", None, Exception("time is not free"))


def hold(database: Database, connection: Connection, clinic_id: int) -> None:
    """Nobody else changes this clinic's schedule until the write is over: after patient and visit, before alerts.

    One lock for a clinic, as a room ties its clinicians together. So a write that holds it is short: what comes in
    by the thousand commits in batches.
    """
    database.hold(connection, f"schedule:{clinic_id}")


def resources(clinician_id: int, place_id: int | None, patient_id: int) -> list[str]:
    """The three that a visit takes, in the order of the key."""
    place = [f"place:{place_id}"] if place_id is not None else []
    return sorted([f"clinician:{clinician_id}", *place, f"patient:{patient_id}"])


def take(
    connection: Connection, visit: int, of: Sequence[str], starts_at: datetime, ends_at: datetime
) -> None:
    """Raises Taken where anybody has a unit of it."""
    take_all(connection, units_of(visit, of, starts_at, ends_at))


def units_of(visit: int, of: Sequence[str], starts_at: datetime, ends_at: datetime) -> list[dict[str, Any]]:
    """The rows that a visit takes, in the order of the key where `of` is."""
    units = range(unit_of(starts_at), unit_after(ends_at))
    return [{"resource": one, "unit": unit, "appointment_id": visit} for one in of for unit in units]


def take_all(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of `units_of`, of any number of visits, sorted by the key. Raises Taken where anybody has one of them."""
    for first in range(0, len(rows), MOST_ROWS):  # each one statement: psycopg warns of a batch that fails
        connection.execute(_occupied.insert().values(rows[first : first + MOST_ROWS]))


def release(connection: Connection, visit: int) -> None:
    """All that a visit has, of everyone."""
    connection.execute(RELEASE, {"visit": visit})


def taken_units(rows: Sequence[Any]) -> dict[str, list[int]]:
    """Units by resource, sorted as they come."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.resource, []).append(row.unit)
    return found
