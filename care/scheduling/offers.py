"""Times that can be offered to a patient: the next free starts that fit, spread over clinicians and days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Integer, Select, String, and_, bindparam, case, exists, or_, select

from care.rules.eligibility import may_see
from care.rules.working_hours import DAY, day_begins, limits
from records.base import table_of
from records.scheduling import (
    FREE,
    UNIT_MINUTES,
    Clinician,
    Occupied,
    Opening,
    Place,
    moment_of,
    unit_after,
    unit_of,
)

_openings, _clinicians, _occupied, _places = map(table_of, (Opening, Clinician, Occupied, Place))
FORMS_OF = 32
NEVER = (1 << 31) - 1
"""A unit that does not come."""


@dataclass(frozen=True)
class Wanted:
    """What she wants. Days and times of day are those of `timezone`; both days, and both times, are included.

    `language`: hers, and whether an interpreter may do. `state`: where she is. `place_id`: a hub in which she sits,
    whose state counts then. `after`: starts up to this one were offered before.
    """

    clinic_id: int
    patient_id: int
    minutes: int
    visit_kind: str
    language: str
    interpreter: bool
    state: str | None
    clinician_id: int | None
    place_id: int | None
    first_day: date
    last_day: date
    earliest: time | None
    latest: time | None
    timezone: str
    after: datetime | None = None


@dataclass(frozen=True)
class Offer:
    """`starts_at` is UTC, `timezone` the zone in which it is said. `fits`: false where nothing was in what she asked
    for, and this is the nearest after it."""

    clinician_id: int
    clinician_name: str
    place_id: int | None
    starts_at: datetime
    minutes: int
    visit_kind: str
    timezone: str
    interpreter: str | None
    fits: bool = True

    def to_json(self) -> dict[str, Any]:
        """As flows keep it, and say it: `book_for.Time.of` reads it again."""
        return {
            "kind": "visit_time",
            "at": self.starts_at.astimezone(UTC).isoformat(),
            "zone": self.timezone,
            "clinician": self.clinician_id,
            "clinician_name": self.clinician_name,
            "place": self.place_id,
            "minutes": self.minutes,
            "visit_kind": self.visit_kind,
            "interpreter": self.interpreter,
            "fits": self.fits,
        }


def _next_start(kind: str) -> Select[Any]:
    """For each of these clinicians, her first start of a kind that is free for long enough: an index each, once.

    Neither the patient nor the hub where she sits has another visit meanwhile. The wall time is reckoned from the
    zone's offset, which changes once in a span of days, at `change`.
    """
    start = _openings.c
    free = start.room_minutes if kind == "in_person" else start.free_minutes
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
            FREE,
            start[kind],
            free >= _int("minutes"),
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


NEXT_START = {kind: _next_start(kind) for kind in ("audio", "video", "in_person")}
CLINICIANS = select(
    _clinicians.c.id, _clinicians.c.name, _clinicians.c.languages, _clinicians.c.states
).where(
    _clinicians.c.clinic_id == _int("clinic"),
    _clinicians.c.active,
    or_(_int("only").is_(None), _clinicians.c.id == _int("only")),
)
ROOMS = select(_openings.c.clinician_id, _openings.c.unit, _openings.c.place_id)
HUB = select(_places.c.state).where(
    _places.c.id == _int("place"), _places.c.clinic_id == _int("clinic"), _places.c.active
)
STILL = select(_openings).where(
    _openings.c.clinician_id == _int("clinician"), _openings.c.unit == _int("unit")
)
BUSY = (
    select(_occupied.c.appointment_id)
    .where(
        _occupied.c.resource.in_(bindparam("resources", expanding=True)),
        _occupied.c.unit >= _int("first"),
        _occupied.c.unit < _int("end"),
    )
    .distinct()
)


def offers(connection: Connection, wanted: Wanted, now: datetime, most: int = 3) -> list[Offer]:
    """The next `most` starts that fit, in order; of one clinician in one half day only one, while there are others.

    Where there is none on the days she asked for: the nearest after that (`fits` is false), or nothing at all.
    """
    who = _who(connection, wanted)
    if not who:
        return []
    for asked, fits in _widened(wanted, now):
        if found := _Search(connection, asked, who, now).take(most):
            return _named(connection, asked, who, found, fits)
    return []


def still_free(
    connection: Connection, clinic_id: int, patient_id: int, offer: Mapping[str, Any], now: datetime,
    moving: int | None = None,
) -> bool:  # fmt: skip
    """Can this offer still be booked for her? `moving` is the visit of hers that it is to replace."""
    starts_at = datetime.fromisoformat(offer["at"])
    first, units = unit_of(starts_at), -(-int(offer["minutes"]) // UNIT_MINUTES)
    about = {"clinician": int(offer["clinician"]), "unit": first}
    start = connection.execute(STILL, about).one_or_none()
    ends_at = starts_at + timedelta(minutes=int(offer["minutes"]))
    if (
        start is None
        or starts_at <= now
        or ends_at > start.ends_at
        or not getattr(start, offer["visit_kind"])
    ):
        return False
    of = [f"clinician:{start.clinician_id}", f"patient:{patient_id}"]
    if offer.get("place") is not None:
        of.append(f"place:{offer['place']}")
    busy = connection.scalars(BUSY, {"resources": of, "first": first, "end": first + units}).all()
    return set(busy) <= {moving}


def _who(connection: Connection, wanted: Wanted) -> dict[int, tuple[str, str | None]]:
    """Name, and language of the interpreter that is needed, of each clinician who may see her."""
    state = wanted.state
    if wanted.place_id is not None:
        which = {"place": wanted.place_id, "clinic": wanted.clinic_id}
        hub = connection.execute(HUB, which).one_or_none()
        if hub is None:
            return {}
        state = hub.state
    found = {}
    about = {"clinic": wanted.clinic_id, "only": wanted.clinician_id}
    for row in connection.execute(CLINICIANS, about):
        sees, interpreter = may_see(row, wanted.visit_kind, wanted.language, wanted.interpreter, state)
        if sees:
            found[row.id] = (row.name, interpreter)
    return found


def _widened(wanted: Wanted, now: datetime) -> Iterator[tuple[Wanted, bool]]:
    """What she asked for; the same days at any time; the days after them."""
    yield wanted, True
    if wanted.earliest or wanted.latest:
        yield replace(wanted, earliest=None, latest=None), False
    last = (now + timedelta(days=int(limits()["days_ahead"]))).astimezone(ZoneInfo(wanted.timezone)).date()
    first = max(wanted.last_day + DAY, now.astimezone(ZoneInfo(wanted.timezone)).date())
    if first <= last:
        yield replace(wanted, first_day=first, last_day=last, earliest=None, latest=None), False


class _Search:
    """Starts in order. Each clinician is in a heap with her next one, or with the unit from which to look for it."""

    def __init__(
        self, connection: Connection, wanted: Wanted, who: Mapping[int, tuple[str, str | None]], now: datetime
    ) -> None:
        self._connection, self._wanted, self._who = connection, wanted, who
        self._zone = ZoneInfo(wanted.timezone)
        self._statement = NEXT_START[wanted.visit_kind]
        self._first, self._values = _span(wanted, now)

    def take(self, most: int) -> list[tuple[int, int]]:
        """(unit, clinician) of up to `most`."""
        chosen: list[tuple[int, int]] = []
        if self._first >= self._values["end"]:
            return chosen
        waiting = self._firsts(list(self._who), self._first)
        heapify(waiting)
        # Only whoever is chosen is looked for again, and only once nobody else has an earlier start: `most` times.
        while waiting and len(chosen) < most:
            unit, interpreter, clinician, is_start = heappop(waiting)
            if is_start:
                chosen.append((unit, clinician))
                heappush(waiting, (self._half_day_ends(unit), interpreter, clinician, False))
            else:
                for found in self._firsts([clinician], unit):
                    heappush(waiting, found)
        return chosen if len(chosen) == most else self._filled(chosen, most)

    def _firsts(self, clinicians: list[int], first: int) -> list[tuple[int, bool, int, bool]]:
        rows = self._connection.execute(
            self._statement, {**self._values, "clinicians": _padded(clinicians), "first": first}
        )
        return [
            (row.unit, self._who[row.id][1] is not None, row.id, True) for row in rows if row.unit is not None
        ]

    def _filled(self, chosen: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
        """There are no more half days: further starts of those that were found, each after the one before."""
        length = self._values["units"]
        ahead = [(unit + length, clinician) for unit, clinician in chosen]
        heapify(ahead)
        while ahead and len(chosen) < most:
            unit, clinician = heappop(ahead)
            for found, _, _, _ in self._firsts([clinician], unit):
                if (found, clinician) not in chosen:
                    chosen.append((found, clinician))
                heappush(ahead, (found + length, clinician))
        return sorted(chosen)

    def _half_day_ends(self, unit: int) -> int:
        local = moment_of(unit).astimezone(self._zone)
        if local.hour < 12:
            noon = datetime.combine(local.date(), time(12), self._zone)
            return unit_of(noon)
        return unit_of(day_begins(local.date() + DAY, self._wanted.timezone))


def _span(wanted: Wanted, now: datetime) -> tuple[int, dict[str, Any]]:
    """The first unit that may be offered, and what the statement is told beside it."""
    notice = timedelta(minutes=int(limits()["notice"][wanted.visit_kind]))
    first = max(unit_of(day_begins(wanted.first_day, wanted.timezone)), unit_after(now + notice))
    if wanted.after is not None:
        first = max(first, unit_of(wanted.after) + 1)
    end = unit_of(day_begins(wanted.last_day + DAY, wanted.timezone))
    units = -(-wanted.minutes // UNIT_MINUTES)
    offset, change, later = _offsets(first, end, ZoneInfo(wanted.timezone))
    return first, {
        "patient": f"patient:{wanted.patient_id}",
        "place": f"place:{wanted.place_id}",
        "units": units,
        "minutes": wanted.minutes,
        "end": end,
        "earliest": _minute(wanted.earliest, 0),
        "latest": _minute(wanted.latest, 1439),
        "offset": offset,
        "change": change,
        "later_offset": later,
    }


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


def _named(
    connection: Connection, wanted: Wanted, who: Mapping[int, tuple[str, str | None]],
    found: Sequence[tuple[int, int]], fits: bool,
) -> list[Offer]:  # fmt: skip
    rooms = _rooms(connection, found) if wanted.visit_kind == "in_person" else {}
    return [
        Offer(
            clinician,
            who[clinician][0],
            rooms.get((clinician, unit)) if wanted.visit_kind == "in_person" else wanted.place_id,
            moment_of(unit),
            wanted.minutes,
            wanted.visit_kind,
            wanted.timezone,
            who[clinician][1],
            fits,
        )
        for unit, clinician in found
    ]


def _rooms(connection: Connection, found: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int | None]:
    where = or_(
        *(and_(_openings.c.clinician_id == clinician, _openings.c.unit == unit) for unit, clinician in found)
    )
    return {(row.clinician_id, row.unit): row.place_id for row in connection.execute(ROOMS.where(where))}
