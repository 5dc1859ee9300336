"""Visits at the sample clinic, booked as staff book them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from care.scheduling import book_for
from care.scheduling.book_for import Time
from conversation.house import House
from records.appointments import Appointment
from records.patients import Patient as PatientRow
from records.scheduling import Opening

SILVA, BAPTISTE = 1, 2
"""The clinicians of the sample."""
ROOM, LIBRARY = 1, 2
ROSA, JAMES = "/clinic/patients/1", "/clinic/patients/2"
BOSTON = "America/New_York"


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    """A moment of Monday, 23 November 2026 (two days after the tests' noon), or so many days later, in Boston."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC) + timedelta(days=day, hours=5)


def book(
    house: House, patient: int = 1, when: datetime | None = None, *, clinician: int = SILVA, minutes: int = 20,
    kind: str = "audio", place: int | None = None, reason: str = "problem",
) -> int:  # fmt: skip
    """The id of a visit."""
    time = Time(clinician, place, when or at(9), minutes, kind, BOSTON)
    with house.database.writing() as connection:
        return book_for.book(
            house.database, connection, clinic_id=1, patient_id=patient, time=time, reason=reason, by="demo",
            now=house.now(),
        )  # fmt: skip


def visit(house: House, visit_id: int) -> Any:
    with house.database.reading() as connection:
        return connection.execute(select(Appointment.__table__).where(Appointment.id == visit_id)).one()


def visits(house: House) -> list[Any]:
    with house.database.reading() as connection:
        return list(connection.execute(select(Appointment.__table__).order_by(Appointment.id)))


def free_starts(house: House, clinician: int) -> list[datetime]:
    with house.database.reading() as connection:
        rows = connection.scalars(
            select(Opening.starts_at)
            .where(Opening.clinician_id == clinician, Opening.free_minutes > 0)
            .order_by(Opening.starts_at)
        )
        return list(rows)


def live_in_massachusetts(house: House) -> None:
    """All of the sample's patients: their state decides who may see them from afar."""
    with house.database.writing() as connection:
        connection.execute(update(PatientRow).values(state="MA"))
