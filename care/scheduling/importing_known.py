"""Whom and what a clinic's schedule can name, and the visits that are known already: a few statements, however many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select

from care.patient_rows import record_number_hash
from care.rules.name_words import folded
from records.appointments import Appointment
from records.base import table_of
from records.clinics import Clinic
from records.patients import Patient
from records.scheduling import Clinician, Place

_appointments, _patients, _clinicians, _places, _clinics = map(
    table_of, (Appointment, Patient, Clinician, Place, Clinic)
)
OPEN = ("booked", "confirmed")
NARROW = (
    _appointments.c.id, _appointments.c.patient_id, _appointments.c.clinician_id, _appointments.c.place_id,
    _appointments.c.visit_kind, _appointments.c.reason, _appointments.c.starts_at, _appointments.c.ends_at,
    _appointments.c.timezone, _appointments.c.state, _appointments.c.interpreter, _appointments.c.series,
    _appointments.c.outside_uid, _appointments.c.sequence, _appointments.c.created_at,
)  # fmt: skip
"""Without her words: files neither hold nor need them."""
Visit = Row[Any]


@dataclass(frozen=True)
class Named:
    """A clinic's people and places by what files call them."""

    clinic_id: int
    line: str
    timezone: str
    master: str
    patients: Mapping[str, tuple[int, str]]
    """Hash of the record number → id, status."""
    clinicians: Mapping[str, Row[Any]]
    doubtful: frozenset[str]
    """Names that two clinicians have."""
    places: Mapping[str, Row[Any]]

    def patient(self, record_number: str) -> tuple[int, str] | None:
        return self.patients.get(record_number_hash(self.clinic_id, record_number) or "")

    def clinician(self, written: str) -> Row[Any] | None:
        return self.clinicians.get(f"id:{written}") or self.clinicians.get(folded(written))

    def is_doubtful(self, written: str) -> bool:
        return f"id:{written}" not in self.clinicians and folded(written) in self.doubtful

    def place(self, written: str) -> Row[Any] | None:
        return self.places.get(folded(written))


def named(connection: Connection, clinic_id: int) -> Named:
    clinic = connection.execute(select(_clinics).where(_clinics.c.id == clinic_id)).one()
    patients = connection.execute(
        select(_patients.c.record_number_hash, _patients.c.id, _patients.c.status).where(
            _patients.c.clinic_id == clinic_id, _patients.c.record_number_hash.is_not(None)
        )
    )
    clinicians = connection.execute(
        select(_clinicians).where(_clinicians.c.clinic_id == clinic_id).order_by(_clinicians.c.id)
    ).all()
    names = [folded(one.name) for one in clinicians if one.active]
    by_name = {folded(one.name): one for one in sorted(clinicians, key=lambda one: bool(one.active))}
    by_id = {f"id:{one.outside_id}": one for one in clinicians if one.outside_id}
    places = connection.execute(select(_places).where(_places.c.clinic_id == clinic_id)).all()
    return Named(
        clinic_id,
        clinic.line,
        clinic.timezone,
        clinic.schedule_master,
        {row.record_number_hash: (row.id, row.status) for row in patients},
        by_name | by_id,
        frozenset(name for name in names if names.count(name) > 1),
        {folded(one.name): one for one in places},
    )


class Schedule:
    """The visits that a file can speak of: those of its span, and those that have one of its UIDs."""

    def __init__(self, line: str, visits: Iterable[Any]) -> None:
        self.visits: dict[int, Visit] = {visit.id: visit for visit in visits}
        self._by_uid = {visit.outside_uid: visit for visit in self.visits.values() if visit.outside_uid}
        self._ours = {
            our_uid(line, visit): visit for visit in self.visits.values() if visit.outside_uid is None
        }
        self._by_start = {
            (visit.patient_id, visit.clinician_id, visit.starts_at): visit
            for visit in self.visits.values()
            if visit.outside_uid is None and visit.state in OPEN
        }

    def with_uid(self, uid: str) -> Visit | None:
        return self._by_uid.get(uid) or self._ours.get(uid)

    def same(self, patient_id: int, clinician_id: int, starts_at: datetime) -> Visit | None:
        """A visit that Careline booked, and the clinic's schedule has now under a UID of its own."""
        return self._by_start.get((patient_id, clinician_id, starts_at))


def our_uid(line: str, visit: Any) -> str:
    """What a visit that Careline booked is called outside: the same in every file, and no other installation's."""
    told = f"{line}:{visit.id}:{visit.created_at.isoformat()}"
    return f"careline-{visit.id}-{sha256(told.encode()).hexdigest()[:16]}"


def schedule(connection: Connection, of: Named, since: datetime) -> Schedule:
    """Every visit of the clinic that ends after `since`."""
    found = connection.execute(
        select(*NARROW).where(
            _appointments.c.clinic_id == of.clinic_id, _appointments.c.starts_at > since - timedelta(days=1)
        )
    )
    return Schedule(of.line, found.all())
