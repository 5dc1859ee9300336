"""Ids that name a patient for good: nobody else ever gets one, also when its patient is deleted.

PostgreSQL counts on. SQLite gives the highest id again once its row is gone, and the audit, tasks and alerts
that still name the one who was deleted would be of somebody else.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from records.audit import AuditEntry
from records.patients import Patient

HIGHEST = (select(func.max(Patient.id)), select(func.max(AuditEntry.patient_id)))
"""Who was deleted stands in the audit."""


def for_patients(connection: Connection, many: int) -> list[dict[str, int]]:
    """For each new row of a patient what it says of its id: nothing where the database itself counts on."""
    if connection.dialect.name != "sqlite":
        return [{} for _ in range(many)]
    highest = max(connection.scalar(query) or 0 for query in HIGHEST)
    return [{"id": highest + place} for place in range(1, many + 1)]
