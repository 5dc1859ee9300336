"""Visits in the clinic's records, and how they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from records.appointments import Appointment
from records.scheduling import Clinician
from tests.care.clinic import NOON, Clinic

WEEKS_AGO = NOON - timedelta(days=40)
BOSTON = "America/New_York"


def book(
    clinic: Clinic, name: str, starts_at: datetime, *, since: datetime = WEEKS_AGO, **values: Any
) -> int:
    """A visit of half an hour; its id."""
    with clinic.database.writing() as connection:
        who = connection.scalar(select(Clinician.id))
        if who is None:
            doctor = {"name": "Dr. Ana Silva", "languages": ["en"], "states": ["MA"], "timezone": BOSTON}
            who = connection.execute(insert(Clinician).values(clinic_id=1, **doctor)).inserted_primary_key[0]
        row = {
            "clinic_id": 1, "patient_id": clinic.patients[name], "clinician_id": who, "visit_kind": "audio",
            "reason": "check_up", "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=30),
            "timezone": BOSTON, "state": "booked", "booked_by": "patient", "created_at": since, "changed_at": since,
            **values,
        }  # fmt: skip
        return int(connection.execute(insert(Appointment).values(**row)).inserted_primary_key[0])


def change(clinic: Clinic, visit: int, **values: Any) -> tuple[Any, Any]:
    """The visit is otherwise from now on; its row before and after."""
    whole = select(Appointment.__table__).where(Appointment.id == visit)
    with clinic.database.writing() as connection:
        before = connection.execute(whole).one()
        connection.execute(
            update(Appointment).where(Appointment.id == visit).values(changed_at=clinic.now, **values)
        )
        return before, connection.execute(whole).one()
