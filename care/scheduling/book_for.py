"""Booking, moving and calling off for a patient: by staff, by an import, by the wait list. Patients' own: booking.py.

Each act runs within a write, checks that clinic, patient, clinician and place belong together, and is noted in the
audit. Locks: patient, visit, the clinic's schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from care import audit
from care.scheduling import changes, occupying, visits
from care.scheduling.occupying import NotFree
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.patients import Patient
from records.scheduling import Clinician, Opening, Place, unit_of

_visits, _openings, _patients, _clinicians, _places = map(
    table_of, (Appointment, Opening, Patient, Clinician, Place)
)
BOOK = _visits.insert().returning(_visits.c.id)
CHANGE = _visits.update().where(_visits.c.id == bindparam("visit"))
PATIENT = (
    select(_patients.c.id)
    .where(
        _patients.c.id == bindparam("patient"),
        _patients.c.clinic_id == bindparam("clinic"),
        _patients.c.status == "active",
    )
    .with_for_update()
)
CLINICIAN = select(_clinicians.c.timezone).where(
    _clinicians.c.id == bindparam("clinician"),
    _clinicians.c.clinic_id == bindparam("clinic"),
    _clinicians.c.active,
)
PLACE = select(_places.c.id).where(
    _places.c.id == bindparam("place"), _places.c.clinic_id == bindparam("clinic"), _places.c.active
)
START = select(_openings).where(
    _openings.c.clinician_id == bindparam("clinician"), _openings.c.unit == bindparam("unit")
)


class NotTheirs(ValueError):
    """The patient, the clinician, the place or the visit is not this clinic's, or the visit not this patient's."""


class NotComing(ValueError):
    """A visit that is called off, over or was missed can't be moved or confirmed."""


@dataclass(frozen=True)
class Time:
    """A time that a visit is to have. `starts_at` is aware; `timezone` is the zone that is meant."""

    clinician_id: int
    place_id: int | None
    starts_at: datetime
    minutes: int
    visit_kind: str
    timezone: str
    interpreter: str | None = None

    @classmethod
    def of(cls, offer: Mapping[str, Any]) -> Time:
        """From an offer as flows keep it."""
        return cls(
            int(offer["clinician"]),
            offer.get("place"),
            datetime.fromisoformat(offer["at"]),
            int(offer["minutes"]),
            offer["visit_kind"],
            offer["zone"],
            offer.get("interpreter"),
        )

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def book(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    time: Time,
    reason: str,
    by: str,
    now: datetime,
    booked_by: str | None = None,
    words: str | None = None,
    series: str | None = None,
    outside_uid: str | None = None,
    in_hours: bool = True,
) -> int:
    """The id of the new visit. Raises NotTheirs, or Taken (NotFree) where the time can't be had.

    `in_hours`: only where a start is made and free; without, any time that nobody has (the clinic's own schedule
    decides over its hours). `by` goes to the audit; `booked_by` stands in the row (as `by` where it is not said).
    """
    _hold_patient(connection, clinic_id, patient_id)
    _check(connection, clinic_id, time)
    occupying.hold(database, connection, clinic_id)
    if in_hours:
        _check_hours(connection, time, now)
    values = {
        "clinic_id": clinic_id,
        "patient_id": patient_id,
        "reason": reason,
        "words": words,
        "state": "booked",
        "series": series,
        "outside_uid": outside_uid,
        "sequence": 0,
        "booked_by": booked_by or by,
        "created_at": now,
        "changed_at": now,
        **_columns(time),
    }
    visit = int(connection.execute(BOOK, values).scalar_one())
    _take(connection, visit, time, patient_id)
    changes.changed(database, connection, None, visits.as_it_is(connection, visit), now)
    _note(database, connection, clinic_id, patient_id, by, "booked_visit", visit, now)
    return visit


def move(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    visit: int,
    time: Time,
    by: str,
    now: datetime,
    patient_id: int | None = None,
    in_hours: bool = True,
) -> None:
    """Another time, in one commit with leaving the old one. It is to be confirmed anew.

    Where `patient_id` is said, it must be hers. Raises as `book` does, and NotComing.
    """
    before = _hold_visit(connection, clinic_id, visit, patient_id)
    if before.state not in visits.COMING or before.ends_at <= now:
        raise NotComing
    _check(connection, clinic_id, time)
    occupying.hold(database, connection, clinic_id)
    if in_hours:
        _check_hours(connection, time, now)
    occupying.release(connection, visit)
    _take(connection, visit, time, before.patient_id)
    values = {**_columns(time), "state": "booked", "sequence": before.sequence + 1, "changed_at": now}
    connection.execute(CHANGE.values(values), {"visit": visit})
    changes.changed(database, connection, before, visits.as_it_is(connection, visit), now)
    _note(database, connection, clinic_id, before.patient_id, by, "moved_visit", visit, now)


def call_off(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    visit: int,
    by: str,
    now: datetime,
    patient_id: int | None = None,
) -> None:
    """Its time is free again. Nothing happens to one that is called off already; NotComing where it is over."""
    _become(database, connection, clinic_id, visit, patient_id, "called_off", "called_off_visit", by, now)


def confirm(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    visit: int,
    by: str,
    now: datetime,
    patient_id: int | None = None,
) -> None:
    """She says that she comes. Raises NotTheirs, NotComing."""
    _become(database, connection, clinic_id, visit, patient_id, "confirmed", "confirmed_visit", by, now)


def mark_missed(
    database: Database, connection: Connection, *, clinic_id: int, visit: int, by: str, now: datetime
) -> None:
    """She did not come: not before it has begun (NotComing)."""
    _become(database, connection, clinic_id, visit, None, "missed", "marked_visit_missed", by, now)


def mark_done(
    database: Database, connection: Connection, *, clinic_id: int, visit: int, by: str, now: datetime
) -> None:
    """It took place: not before it has begun (NotComing). She may turn out to have come after all."""
    _become(database, connection, clinic_id, visit, None, "done", "marked_visit_done", by, now)


def _become(
    database: Database, connection: Connection, clinic_id: int, visit: int, patient_id: int | None,
    state: str, did: str, by: str, now: datetime,
) -> None:  # fmt: skip
    before = _hold_visit(connection, clinic_id, visit, patient_id)
    if before.state == state:
        return
    began = before.starts_at <= now
    was_missed = (before.state, state) == ("missed", "done")
    if (before.state not in visits.COMING and not was_missed) or (state in ("missed", "done") and not began):
        raise NotComing
    if state in ("called_off", "confirmed") and before.ends_at <= now:
        raise NotComing
    if state != "confirmed":
        occupying.hold(database, connection, clinic_id)
        occupying.release(connection, visit)
    sequence = before.sequence + (state == "called_off")  # as iCalendar counts a cancellation
    connection.execute(CHANGE.values(state=state, sequence=sequence, changed_at=now), {"visit": visit})
    changes.changed(database, connection, before, visits.as_it_is(connection, visit), now)
    _note(database, connection, clinic_id, before.patient_id, by, did, visit, now)


def _hold_patient(connection: Connection, clinic_id: int, patient_id: int) -> None:
    about = {"patient": patient_id, "clinic": clinic_id}
    if connection.execute(PATIENT, about).first() is None:
        raise NotTheirs


def _hold_visit(connection: Connection, clinic_id: int, visit: int, patient_id: int | None) -> Row[Any]:
    found = visits.held(connection, clinic_id, visit)
    if found is None or (patient_id is not None and found.patient_id != patient_id):
        raise NotTheirs
    return found


def _check(connection: Connection, clinic_id: int, time: Time) -> None:
    """Clinician and place are this clinic's."""
    about = {"clinician": time.clinician_id, "clinic": clinic_id}
    if connection.execute(CLINICIAN, about).first() is None:
        raise NotTheirs
    where = {"place": time.place_id, "clinic": clinic_id}
    if time.place_id is not None and connection.execute(PLACE, where).first() is None:
        raise NotTheirs


def _check_hours(connection: Connection, time: Time, now: datetime) -> None:
    """A start that is made, for this kind and long enough. Whether it is free is seen when it is taken."""
    about = {"clinician": time.clinician_id, "unit": unit_of(time.starts_at)}
    start = connection.execute(START, about).one_or_none()
    if start is None or start.starts_at != time.starts_at or time.starts_at <= now:
        raise NotFree
    if not getattr(start, time.visit_kind) or time.ends_at > start.ends_at:
        raise NotFree
    if time.visit_kind == "in_person" and time.place_id != start.place_id:
        raise NotFree


def _take(connection: Connection, visit: int, time: Time, patient_id: int) -> None:
    of = occupying.resources(time.clinician_id, time.place_id, patient_id)
    occupying.take(connection, visit, of, time.starts_at, time.ends_at)


def _columns(time: Time) -> dict[str, Any]:
    return {
        "clinician_id": time.clinician_id,
        "place_id": time.place_id,
        "visit_kind": time.visit_kind,
        "starts_at": time.starts_at,
        "ends_at": time.ends_at,
        "timezone": time.timezone,
        "interpreter": time.interpreter,
    }


def _note(
    database: Database, connection: Connection, clinic_id: int, patient_id: int, by: str, did: str, visit: int,
    now: datetime,
) -> None:  # fmt: skip
    audit.note(
        database, connection, by=by, did=did, now=now, clinic_id=clinic_id, patient_id=patient_id,
        about=f"visit:{visit}",
    )  # fmt: skip
