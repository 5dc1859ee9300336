"""Visits as they are read: a patient's own, and one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from records.appointments import Appointment
from records.base import Moment, table_of
from records.scheduling import Clinician, Place

COMING = ("booked", "confirmed")
"""States of a visit that is still to come, and has its time."""
_visits, _clinicians, _places = map(table_of, (Appointment, Clinician, Place))
SHOWN: Select[Any] = (
    select(
        _visits.c.id,
        _visits.c.clinic_id,
        _visits.c.patient_id,
        _visits.c.clinician_id,
        _clinicians.c.name.label("clinician_name"),
        _visits.c.place_id,
        _places.c.name.label("place_name"),
        _places.c.kind.label("place_kind"),
        _places.c.number.label("place_number"),
        _visits.c.visit_kind,
        _visits.c.reason,
        _visits.c.starts_at,
        _visits.c.ends_at,
        _visits.c.timezone,
        _visits.c.state,
        _visits.c.sequence,
        _visits.c.interpreter,
        _visits.c.series,
        _visits.c.booked_by,
    )
    .join(_clinicians, _clinicians.c.id == _visits.c.clinician_id)
    .outerjoin(_places, _places.c.id == _visits.c.place_id)
)
HERS = (
    SHOWN.where(
        _visits.c.patient_id == bindparam("patient"),
        _visits.c.clinic_id == bindparam("clinic"),
        _visits.c.ends_at > bindparam("now", type_=Moment()),
        _visits.c.state.in_(COMING),
    )
    .order_by(_visits.c.starts_at, _visits.c.id)
    .limit(bindparam("most"))
)
ONE = SHOWN.where(_visits.c.id == bindparam("visit"), _visits.c.clinic_id == bindparam("clinic"))
ROW = select(_visits).where(_visits.c.id == bindparam("visit"))
HELD = ROW.where(_visits.c.clinic_id == bindparam("clinic")).with_for_update()


@dataclass(frozen=True)
class Visit:
    """Moments are UTC; `timezone` is the zone whose wall time was meant."""

    id: int
    clinic_id: int
    patient_id: int
    clinician_id: int
    clinician_name: str
    place_id: int | None
    place_name: str | None
    place_kind: str | None
    place_number: str | None
    visit_kind: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    state: str
    sequence: int
    interpreter: str | None
    series: str | None
    booked_by: str

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


def coming(
    connection: Connection, clinic_id: int, patient_id: int, now: datetime, most: int = 50
) -> list[Visit]:
    """Hers that are booked and not over yet, the next one first."""
    about = {"patient": patient_id, "clinic": clinic_id, "now": now, "most": most}
    return _visits_of(connection.execute(HERS, about).all())


def one(connection: Connection, clinic_id: int, visit: int) -> Visit | None:
    """Nothing where it is not a visit of this clinic."""
    return next(iter(_visits_of(connection.execute(ONE, {"visit": visit, "clinic": clinic_id}).all())), None)


def held(connection: Connection, clinic_id: int, visit: int) -> Row[Any] | None:
    """Its row as it is, which nobody else changes until the write is over; nothing where it is not this clinic's."""
    return connection.execute(HELD, {"visit": visit, "clinic": clinic_id}).one_or_none()


def as_it_is(connection: Connection, visit: int) -> Row[Any]:
    """Its row now."""
    return connection.execute(ROW, {"visit": visit}).one()


def _visits_of(rows: Sequence[Row[Any]]) -> list[Visit]:
    return [Visit(*tuple(row)) for row in rows]
