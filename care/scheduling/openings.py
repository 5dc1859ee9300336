"""Starts that can be offered, made ahead from hours and days off: which there are. free_time says what is free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select

from care.rules.working_hours import Start, limits, starts
from care.scheduling import free_time, occupying
from records import Database
from records.base import table_of
from records.scheduling import Clinician, DayOff, Occupied, Opening, WorkingHours, unit_after, unit_of

BATCH = 5
"""Clinicians of one commit: a turn may wait for it."""
KEPT = timedelta(days=1)
"""How long starts, and time that was taken, stay after they are past."""
_openings, _clinicians, _hours, _off = map(table_of, (Opening, Clinician, WorkingHours, DayOff))
EVERYONE = select(
    _clinicians.c.id, _clinicians.c.clinic_id, _clinicians.c.timezone, _clinicians.c.active
).order_by(_clinicians.c.clinic_id, _clinicians.c.id)
INSERT = _openings.insert()
REMOVE = _openings.delete().where(
    _openings.c.clinician_id == bindparam("clinician"), _openings.c.unit == bindparam("at")
)
Made = tuple[int, int]
"""A start: clinician and unit."""


def make_ahead(database: Database, now: datetime) -> int:
    """Make every start up to `days_ahead` that is missing, take away those without hours. How many were changed.

    Of clinicians who are not active any more all go.

    Doing it again changes nothing. What is past goes.
    """
    _clear_past(database, now)
    with database.reading() as connection:
        everyone = connection.execute(EVERYONE).all()
    changed = 0
    for batch in _batches(everyone):
        with database.reading() as connection:
            needed = any(_differences(connection, batch, now))
        if needed:
            with database.writing() as connection:
                changed += _bring_up(database, connection, batch, now)
    return changed


def refresh(
    database: Database, connection: Connection, clinician_id: int, begins: datetime, ends: datetime
) -> None:
    """After her hours or days off have changed: the starts from `begins` up to `ends` (aware), as they are now."""
    found = connection.execute(EVERYONE.where(_clinicians.c.id == clinician_id)).one()
    occupying.hold(database, connection, found.clinic_id)
    new, gone = _between(connection, [found], begins, ends)
    _apply(connection, new, gone)


def refresh_clinic(
    database: Database, connection: Connection, clinic_id: int, begins: datetime, ends: datetime
) -> None:
    """The same of all of a clinic's clinicians, after a holiday was added or taken away."""
    occupying.hold(database, connection, clinic_id)
    everyone = connection.execute(EVERYONE.where(_clinicians.c.clinic_id == clinic_id)).all()
    new, gone = _between(connection, everyone, begins, ends)
    _apply(connection, new, gone)


def horizon(now: datetime) -> datetime:
    """Up to here starts are made."""
    return now + timedelta(days=int(limits()["days_ahead"]))


def _bring_up(database: Database, connection: Connection, batch: Sequence[Any], now: datetime) -> int:
    for clinic in sorted({row.clinic_id for row in batch}):
        occupying.hold(database, connection, clinic)
    new, gone = _differences(connection, batch, now)
    _apply(connection, new, gone)
    return len(new) + len(gone)


def _differences(
    connection: Connection, batch: Sequence[Any], now: datetime
) -> tuple[list[dict[str, Any]], list[Made]]:
    return _between(connection, batch, now, horizon(now))


def _between(
    connection: Connection, batch: Sequence[Any], begins: datetime, ends: datetime
) -> tuple[list[dict[str, Any]], list[Made]]:
    """Rows that are missing, and starts that are there without hours (or with others: those are in both)."""
    wanted = _wanted(connection, batch, begins, ends)
    there = {
        (row.clinician_id, row.unit): (row.ends_at, row.place_id, row.audio, row.video, row.in_person)
        for row in connection.execute(
            select(_openings).where(
                _openings.c.clinician_id.in_([row.id for row in batch]),
                _openings.c.unit >= unit_after(begins),
                _openings.c.unit < unit_after(ends),
            )
        )
    }
    new = [_row(key[0], start) for key, start in wanted.items() if there.get(key) != _said(start)]
    gone = [key for key, said in there.items() if key not in wanted or said != _said(wanted[key])]
    return new, gone


def _wanted(
    connection: Connection, batch: Sequence[Any], begins: datetime, ends: datetime
) -> dict[Made, Start]:
    ids, clinics = [row.id for row in batch], {row.clinic_id for row in batch}
    hours = _by(
        "clinician_id", connection.execute(select(_hours).where(_hours.c.clinician_id.in_(ids)).order_by(_hours.c.id))
    )  # fmt: skip
    off = connection.execute(
        select(_off).where(
            or_(
                _off.c.clinician_id.in_(ids),
                and_(_off.c.clinician_id.is_(None), _off.c.clinic_id.in_(clinics)),
            )
        )
    ).all()
    found = {}
    for one in batch:
        if not one.active:
            continue
        zone = ZoneInfo(one.timezone)
        hers = [
            row
            for row in off
            if row.clinician_id == one.id or (row.clinician_id is None and row.clinic_id == one.clinic_id)
        ]
        days = begins.astimezone(zone).date(), ends.astimezone(zone).date()
        for start in starts(hours.get(one.id, []), hers, *days, one.timezone):
            if begins <= start.starts_at < ends:
                found[one.id, unit_of(start.starts_at)] = start
    return found


def _apply(connection: Connection, new: Sequence[dict[str, Any]], gone: Sequence[Made]) -> None:
    if gone:
        connection.execute(REMOVE, [{"clinician": clinician, "at": unit} for clinician, unit in gone])
    if new:
        free_time.fill(connection, new)
        connection.execute(INSERT, list(new))


def _row(clinician: int, start: Start) -> dict[str, Any]:
    ends_at, place, audio, video, in_person = _said(start)
    return {
        "clinician_id": clinician,
        "starts_at": start.starts_at,
        "unit": unit_of(start.starts_at),
        "ends_at": ends_at,
        "free_minutes": 0,
        "room_minutes": 0,
        "place_id": place,
        "audio": audio,
        "video": video,
        "in_person": in_person,
    }


def _said(start: Start) -> tuple[datetime, int | None, bool, bool, bool]:
    kinds = start.visit_kinds
    return start.ends_at, start.place_id, "audio" in kinds, "video" in kinds, "in_person" in kinds


def _clear_past(database: Database, now: datetime) -> None:
    before = unit_of(now - KEPT)
    with database.writing() as connection:
        connection.execute(delete(Opening).where(Opening.unit < before))
        connection.execute(delete(Occupied).where(Occupied.unit < before))


def _by(column: str, rows: Iterable[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))
