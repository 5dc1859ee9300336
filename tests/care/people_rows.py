"""People as rows, a second clinic, and a look into every value that the database holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from care import patients
from records import Base
from records.clinics import Clinic as ClinicRow
from records.patients import Patient
from tests.care.clinic import Clinic

ANA = {
    "record_number": "M-1001", "name": "Ana Lima", "birth_date": "1991-04-17", "language": "es",
    "number": "617-555-0111", "address": "12 Water Street, Boston", "pin": "5283",
}  # fmt: skip
ANNA = {**ANA, "record_number": "", "name": "Anna Lima", "number": "617-555-0112", "pin": "", "address": ""}


def second_clinic(clinic: Clinic) -> int:
    row = {"name": "Hill Clinic", "line": "+16175550180", "emergency_number": "+16175550181"}
    with clinic.database.writing() as connection:
        connection.execute(insert(ClinicRow).values(id=2, timezone="America/New_York", **row))
    return 2


def register(clinic: Clinic, clinic_id: int = 1, /, **cells: str) -> int:
    with clinic.database.writing() as connection:
        return patients.register(
            clinic.database, connection, clinic_id=clinic_id, row=cells, by="nurse", now=clinic.now
        )


def patient(clinic: Clinic, patient_id: int) -> Any:
    with clinic.database.reading() as connection:
        return connection.execute(select(Patient.__table__).where(Patient.id == patient_id)).one_or_none()


def everything(clinic: Clinic, but: frozenset[str] = frozenset()) -> str:
    """Every value of every table, opened, in one text."""
    with clinic.database.reading() as connection:
        return "\n".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            if table.name not in but
            for row in connection.execute(select(table))
        )
