"""Times that can be offered to a patient: the next free starts that fit, spread over clinicians and days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Integer, bindparam, or_, select

from care.rules.eligibility import may_see
from care.rules.working_hours import DAY, limits
from care.scheduling.free_starts import Search
from care.scheduling.wanted import Wanted
from records.base import table_of
from records.scheduling import UNIT_MINUTES, Clinician, Occupied, Opening, Place, moment_of, unit_of

__all__ = ["Offer", "Wanted", "offers", "still_free"]
_openings, _clinicians, _occupied, _places = map(table_of, (Opening, Clinician, Occupied, Place))


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


def _int(name: str) -> Any:
    return bindparam(name, type_=Integer())


CLINICIANS = select(
    _clinicians.c.id, _clinicians.c.name, _clinicians.c.languages, _clinicians.c.states
).where(
    _clinicians.c.clinic_id == _int("clinic"),
    _clinicians.c.active,
    or_(_int("only").is_(None), _clinicians.c.id == _int("only")),
)
ROOMS = select(_openings.c.clinician_id, _openings.c.unit, _openings.c.place_id).where(
    _openings.c.clinician_id.in_(bindparam("clinicians", expanding=True)),
    _openings.c.unit.in_(bindparam("units", expanding=True)),
)
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
    needs = {clinician: interpreter is not None for clinician, (_, interpreter) in who.items()}
    for asked, fits in _widened(wanted, now):
        if found := Search(connection, asked, needs, now).take(most):
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
    units, clinicians = zip(*found, strict=True)
    rows = connection.execute(ROOMS, {"clinicians": clinicians, "units": units})
    return {(row.clinician_id, row.unit): row.place_id for row in rows}
