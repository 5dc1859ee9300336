"""Somebody at the clinic writes down who works there, and when: what can be booked follows at once.

Visits that are booked stay as they are, whatever the hours become: who calls them off is a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from care.by_staff import Act
from care.scheduling import openings
from records.scheduling import Clinician, WorkingHours


@dataclass(frozen=True)
class Hours:
    """Wall times ("09:00") of a weekday (0 is Monday), from a day on, until one (None: for good)."""

    weekdays: Sequence[int]
    starts: str
    ends: str
    step_minutes: int
    visit_kinds: Sequence[str]
    place_id: int | None
    from_on: date
    until_on: date | None

    def rows(self, clinician: int) -> list[dict[str, Any]]:
        same = {
            "clinician_id": clinician,
            "starts": self.starts,
            "ends": self.ends,
            "step_minutes": self.step_minutes,
            "visit_kinds": list(self.visit_kinds),
            "place_id": self.place_id,
            "from_on": self.from_on,
            "until_on": self.until_on,
        }
        return [{**same, "weekday": weekday} for weekday in self.weekdays]


def write_clinician(act: Act, clinician: int | None, values: Mapping[str, Any]) -> int | None:
    """Somebody new (None), or changed: name, languages, states, timezone, active. None: not this clinic's."""
    if clinician is None:
        made = insert(Clinician).values(clinic_id=act.clinic_id, **values).returning(Clinician.id)
        clinician = int(act.connection.execute(made).scalar_one())
    else:
        mine = update(Clinician).where(Clinician.id == clinician, Clinician.clinic_id == act.clinic_id)
        if act.connection.execute(mine.values(**values)).rowcount != 1:
            return None
        _refresh(act, clinician)
    act.note("wrote_clinician", None, f"clinician:{clinician}")
    return clinician


def add(act: Act, clinician: int, hours: Hours) -> bool:
    """One row for each weekday. False where she is not this clinic's."""
    if not _hold(act, clinician):
        return False
    act.connection.execute(insert(WorkingHours), hours.rows(clinician))
    _refresh(act, clinician)
    act.note("wrote_hours", None, f"clinician:{clinician}")
    return True


def change(act: Act, clinician: int, row: int, hours: Hours) -> bool:
    """From `hours.from_on` on they are so; until the day before they stay as they were. False where it is not hers."""
    known = _hers(act, clinician, row)
    if known is None:
        return False
    mine = update(WorkingHours).where(WorkingHours.id == row)
    first, *more = hours.rows(clinician)
    if known.from_on >= hours.from_on:
        act.connection.execute(mine.values(**first))
    else:
        act.connection.execute(mine.values(until_on=hours.from_on - timedelta(days=1)))
        more = [first, *more]
    if more:
        act.connection.execute(insert(WorkingHours), more)
    _refresh(act, clinician)
    act.note("wrote_hours", None, f"clinician:{clinician},hours:{row}")
    return True


def end(act: Act, clinician: int, row: int, last: date) -> bool:
    """She works so on `last` for the last time. False where it is not hers, or ends earlier."""
    known = _hers(act, clinician, row)
    if known is None or (known.until_on is not None and known.until_on <= last):
        return False
    act.connection.execute(update(WorkingHours).where(WorkingHours.id == row).values(until_on=last))
    _refresh(act, clinician)
    act.note("ended_hours", None, f"clinician:{clinician},hours:{row}")
    return True


def _hold(act: Act, clinician: int) -> bool:
    mine = select(Clinician.id).where(Clinician.id == clinician, Clinician.clinic_id == act.clinic_id)
    return act.connection.execute(mine.with_for_update()).first() is not None


def _hers(act: Act, clinician: int, row: int) -> Any:
    if not _hold(act, clinician):
        return None
    return act.connection.execute(
        select(WorkingHours.__table__).where(WorkingHours.id == row, WorkingHours.clinician_id == clinician)
    ).one_or_none()


def _refresh(act: Act, clinician: int) -> None:
    openings.refresh(act.database, act.connection, clinician, act.now, openings.horizon(act.now))
