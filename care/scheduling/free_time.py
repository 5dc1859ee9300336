"""What of each start is free: follows `Occupied`, which is the truth, whenever that has changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from care.rules.working_hours import limits
from care.scheduling.occupying import taken_units
from records.base import table_of
from records.scheduling import UNIT_MINUTES, Occupied, Opening, unit_of

_openings, _occupied = table_of(Opening), table_of(Occupied)
TOUCHED = select(
    _openings.c.clinician_id,
    _openings.c.unit,
    _openings.c.ends_at,
    _openings.c.place_id,
    _openings.c.free_minutes,
    _openings.c.room_minutes,
).where(
    or_(
        _openings.c.clinician_id.in_(bindparam("clinicians", expanding=True)),
        _openings.c.place_id.in_(bindparam("places", expanding=True)),
    ),
    _openings.c.unit >= bindparam("first"),
    _openings.c.unit < bindparam("end"),
)
TAKEN = (
    select(_occupied.c.resource, _occupied.c.unit)
    .where(
        _occupied.c.resource.in_(bindparam("resources", expanding=True)),
        _occupied.c.unit >= bindparam("first"),
        _occupied.c.unit < bindparam("end"),
    )
    .order_by(_occupied.c.resource, _occupied.c.unit)
)
WRITE = (
    _openings.update()
    .where(_openings.c.clinician_id == bindparam("clinician"), _openings.c.unit == bindparam("at"))
    .values(free_minutes=bindparam("free"), room_minutes=bindparam("room"))
)


def refresh(
    connection: Connection, clinicians: Sequence[int], places: Sequence[int], first: int, end: int
) -> None:
    """After something was taken or freed from unit `first` up to `end`: of these clinicians, and of all in these rooms.

    The clinic's schedule is held (`occupying.hold`): what is read here is so until the commit.
    """
    longest = longest_units()
    rows = connection.execute(
        TOUCHED,
        {"clinicians": list(clinicians), "places": list(places), "first": first - longest, "end": end},
    ).all()
    if not rows:
        return
    of = {f"clinician:{row.clinician_id}" for row in rows}
    of |= {f"place:{row.place_id}" for row in rows if row.place_id is not None}
    taken = taken_units(
        connection.execute(
            TAKEN, {"resources": sorted(of), "first": first - longest, "end": end + longest}
        ).all()
    )
    changed = [
        {"clinician": row.clinician_id, "at": row.unit, "free": free, "room": room}
        for row in rows
        for free, room in [_free(row, taken)]
        if (free, room) != (row.free_minutes, row.room_minutes)
    ]
    if changed:
        connection.execute(WRITE, changed)


def longest_units() -> int:
    return int(limits()["longest"]) // UNIT_MINUTES


def free_units(unit: int, end: int, taken: Sequence[int]) -> int:
    """How many units from `unit` up to `end` come before the first of `taken` (sorted)."""
    place = bisect_left(taken, unit)
    upto = min(end, taken[place]) if place < len(taken) else end
    return min(max(upto - unit, 0), longest_units())


def _free(row: Any, taken: dict[str, list[int]]) -> tuple[int, int]:
    end = unit_of(row.ends_at)
    free = free_units(row.unit, end, taken.get(f"clinician:{row.clinician_id}", ()))
    room = free
    if row.place_id is not None:
        room = min(free, free_units(row.unit, end, taken.get(f"place:{row.place_id}", ())))
    return free * UNIT_MINUTES, room * UNIT_MINUTES
