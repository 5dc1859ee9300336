"""Days, or hours of them, on which a clinician or the whole clinic is off: added and taken away by staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from care.by_staff import Act
from care.rules.working_hours import DAY, day_begins, to_utc
from care.scheduling import occupying, openings
from records.scheduling import Clinician, DayOff

LONGEST = 366
"""Days of one entry."""


@dataclass(frozen=True)
class Off:
    """From a day until one, both included; whole days, or from `starts` to `ends` ("09:00") on each of them."""

    clinician_id: int | None
    from_on: date
    until_on: date
    starts: str | None
    ends: str | None
    name: str

    def spans(self, zone: str) -> Sequence[tuple[datetime, datetime]]:
        """The time itself, in UTC, where the wall clock is that of `zone`."""
        if self.starts is None or self.ends is None:
            return [(day_begins(self.from_on, zone), day_begins(self.until_on + DAY, zone))]
        days = [self.from_on + DAY * place for place in range((self.until_on - self.from_on).days + 1)]
        return [(_moment(day, self.starts, zone), _moment(day, self.ends, zone)) for day in days]


def hold(act: Act) -> None:
    """Nobody books meanwhile: who has a visit then is known until the write is over."""
    occupying.hold(act.database, act.connection, act.clinic_id)


def add(act: Act, off: Off) -> bool:
    """Nothing can be booked then any more; visits that are booked stay. False where she is not this clinic's."""
    hold(act)
    mine = select(Clinician.id).where(Clinician.id == off.clinician_id, Clinician.clinic_id == act.clinic_id)
    if off.clinician_id is not None and act.connection.scalar(mine) is None:
        return False
    made = insert(DayOff).values(
        clinic_id=act.clinic_id,
        clinician_id=off.clinician_id,
        from_on=off.from_on,
        until_on=off.until_on,
        starts=off.starts,
        ends=off.ends,
        name=off.name,
    )
    row = act.connection.execute(made.returning(DayOff.id)).scalar_one()
    _refresh(act, off.clinician_id, off.from_on, off.until_on)
    act.note("added_day_off", None, f"day_off:{row}")
    return True


def remove(act: Act, row: int) -> bool:
    """The hours hold again. False where it is not this clinic's."""
    hold(act)
    gone = act.connection.execute(
        delete(DayOff)
        .where(DayOff.id == row, DayOff.clinic_id == act.clinic_id)
        .returning(DayOff.clinician_id, DayOff.from_on, DayOff.until_on)
    ).one_or_none()
    if gone is None:
        return False
    _refresh(act, gone.clinician_id, gone.from_on, gone.until_on)
    act.note("removed_day_off", None, f"day_off:{row}")
    return True


def _refresh(act: Act, clinician: int | None, first: date, last: date) -> None:
    """A day more on both sides holds it in whatever zone she works."""
    begins = max(act.now, day_begins(first - DAY, "UTC"))
    ends = min(openings.horizon(act.now), day_begins(last + 2 * DAY, "UTC"))
    if begins >= ends:
        return
    if clinician is None:
        openings.refresh_clinic(act.database, act.connection, act.clinic_id, begins, ends)
    else:
        openings.refresh(act.database, act.connection, clinician, begins, ends)


def _moment(day: date, written: str, zone: str) -> datetime:
    if written == "24:00":
        return to_utc(datetime.combine(day, time()) + timedelta(days=1), ZoneInfo(zone))
    return to_utc(datetime.combine(day, time.fromisoformat(written)), ZoneInfo(zone))
