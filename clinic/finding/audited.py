"""What the audit holds of one patient: entries of her own, and lists that she stood on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from records import Database
from records.audit import AuditEntry
from records.patients import Patient

BATCH = 1000
LISTED = "patients:"
"""`about` of an entry for a list begins so, and the ids of those on it follow: `patients:3,7,12`."""


def listed(patients: list[int]) -> str:
    return LISTED + ",".join(map(str, patients))


def clinic_of(connection: Connection, patient_id: int) -> int | None:
    return connection.scalar(select(Patient.clinic_id).where(Patient.id == patient_id))


def of_patient(database: Database, patient_id: int) -> Iterator[Any]:
    """Oldest first, a batch at a time."""
    on_it = func.replace(AuditEntry.about, LISTED, ",").concat(",").contains(f",{patient_id},")
    hers = or_(
        AuditEntry.patient_id == patient_id,
        and_(AuditEntry.patient_id.is_(None), AuditEntry.about.startswith(LISTED), on_it),
    )
    last = 0
    while True:
        query = select(AuditEntry.__table__).where(hers, AuditEntry.id > last).order_by(AuditEntry.id)
        with database.reading() as connection:
            rows = connection.execute(query.limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id
