"""The search for free starts: those of many clinicians in order, spread over clinicians and half days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Integer, Select, String, bindparam, case, exists, select

from care.rules.working_hours import DAY, day_begins, limits
from care.scheduling.wanted import Wanted
from records.base import table_of
from records.scheduling import (
    FREE,
    FREE_MINUTES,
    UNIT_MINUTES,
    Clinician,
    Occupied,
    Opening,
    moment_of,
    unit_after,
    unit_of,
)

_openings, _clinicians, _occupied = map(table_of, (Opening, Clinician, Occupied))
FORMS_OF = 32
NEVER = (1 << 31) - 1
"""A unit that does not come."""


def _next_start(kind: str) -> Select[Any]:
    """For each of these clinicians, her first start of a kind that is free for long enough: an index each, once.

    Neither the patient nor the hub where she sits has another visit meanwhile. The wall time is reckoned from the
    zone's offset, which changes once in a span of days, at `change`.
    """
    start = _openings.c
    offset = case((start.unit < _int("change"), _int("offset")), else_=_int("later_offset"))
    minute_of_day = (start.unit * UNIT_MINUTES + offset) % 1440
    busy = exists().where(
        _occupied.c.resource.in_([bindparam("patient", type_=String()), bindparam("place", type_=String())]),
        _occupied.c.unit >= start.unit,
        _occupied.c.unit < start.unit + _int("units"),
    )
    found = (
        select(start.unit)
        .where(
            start.clinician_id == _clinicians.c.id,
            FREE[kind],
            start[FREE_MINUTES[kind]] >= _int("minutes"),
            start.unit >= _int("first"),
            start.unit < _int("end"),
            minute_of_day >= _int("earliest"),
            minute_of_day <= _int("latest"),
            ~busy,
        )
        .order_by(start.unit)
        .limit(1)
        .scalar_subquery()
        .correlate(_clinicians)
    )
    return select(_clinicians.c.id, found.label("unit")).where(
        _clinicians.c.id.in_(bindparam("clinicians", expanding=True))
    )


def _int(name: str) -> Any:
    return bindparam(name, type_=Integer())


NEXT_START = {kind: _next_start(kind) for kind in FREE}


class Search:
    """Starts in order. `who`: each clinician who may see her, and whether an interpreter is needed then."""

    def __init__(
        self, connection: Connection, wanted: Wanted, who: Mapping[int, bool], now: datetime
    ) -> None:
        self._connection, self._wanted, self._who = connection, wanted, who
        self._zone = ZoneInfo(wanted.timezone)
        self._statement = NEXT_START[wanted.visit_kind]
        self._first, self._end, self._values = _span(wanted, now)

    def take(self, most: int) -> list[tuple[int, int]]:
        """(unit, clinician) of up to `most`; of one clinician in a half day only one, while there are others.

        Each clinician is in a heap with her next start, or with the unit from which to look for it.
        """
        chosen: list[tuple[int, int]] = []
        if self._first >= self._end:
            return chosen
        waiting = self._firsts(list(self._who), self._first, self._end)
        heapify(waiting)
        # Only whoever is chosen is looked for again, and only once nobody else has an earlier start: `most` times.
        while waiting and len(chosen) < most:
            unit, interpreter, clinician, is_start = heappop(waiting)
            if is_start:
                chosen.append((unit, clinician))
                heappush(waiting, (self._half_day_ends(unit), interpreter, clinician, False))
            else:
                for found in self._firsts([clinician], unit, self._end):
                    heappush(waiting, found)
        return chosen if len(chosen) == most else self._filled(chosen, most)

    def _filled(self, chosen: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
        """There are no more half days: further starts within those that were found, each after the one before."""
        length = self._values["units"]
        ahead = [(unit + length, clinician) for unit, clinician in chosen]
        heapify(ahead)
        while ahead and len(chosen) < most:
            unit, clinician = heappop(ahead)
            for found, _, _, _ in self._firsts([clinician], unit, self._half_day_ends(unit - length)):
                chosen.append((found, clinician))
                heappush(ahead, (found + length, clinician))
        return sorted(chosen)

    def _firsts(self, clinicians: list[int], first: int, end: int) -> list[tuple[int, bool, int, bool]]:
        about = {
            **self._values,
            "clinicians": _padded(clinicians),
            "first": first,
            "end": min(end, self._end),
        }
        rows = self._connection.execute(self._statement, about)
        return [(row.unit, self._who[row.id], row.id, True) for row in rows if row.unit is not None]

    def _half_day_ends(self, unit: int) -> int:
        local = moment_of(unit).astimezone(self._zone)
        if local.hour < 12:
            return unit_of(datetime.combine(local.date(), time(12), self._zone))
        return unit_of(day_begins(local.date() + DAY, self._wanted.timezone))


def _span(wanted: Wanted, now: datetime) -> tuple[int, int, dict[str, Any]]:
    """The first unit that may be offered, the end of them, and what the statement is told beside."""
    notice = timedelta(minutes=int(limits()["notice"][wanted.visit_kind]))
    first = max(unit_of(day_begins(wanted.first_day, wanted.timezone)), unit_after(now + notice))
    if wanted.after is not None:
        first = max(first, unit_of(wanted.after) + 1)
    end = unit_of(day_begins(wanted.last_day + DAY, wanted.timezone))
    units = -(-wanted.minutes // UNIT_MINUTES)
    offset, change, later = _offsets(first, end, ZoneInfo(wanted.timezone))
    return (
        first,
        end,
        {
            "patient": f"patient:{wanted.patient_id}",
            "place": f"place:{wanted.place_id}",
            "units": units,
            "minutes": wanted.minutes,
            "earliest": _minute(wanted.earliest, 0),
            "latest": _minute(wanted.latest, 1439),
            "offset": offset,
            "change": change,
            "later_offset": later,
        },
    )


def _offsets(first: int, end: int, zone: ZoneInfo) -> tuple[int, int, int]:
    """Minutes from UTC at the beginning, the unit at which they change, minutes from then on.

    One change: of a longer span with two, times of day after the second are an hour out, and are looked at again by
    nobody; spans here are `days_ahead` long at most.
    """
    before, after = _offset(first, zone), _offset(max(end, first), zone)
    if before == after:
        return before, NEVER, before
    low, high = first, end
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return before, high, after


def _offset(unit: int, zone: ZoneInfo) -> int:
    offset = moment_of(unit).astimezone(zone).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


def _padded(clinicians: list[int]) -> list[int]:
    """As often the first one as makes a round length: so the statement has few forms, and each is prepared once."""
    if len(clinicians) == 1:
        return clinicians
    return clinicians + clinicians[:1] * (-len(clinicians) % FORMS_OF)


def _minute(wall: time | None, without: int) -> int:
    return without if wall is None else wall.hour * 60 + wall.minute
