"""Who saw and changed one patient's record: entries of her own, and of lists that she stood on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from clinic.finding.audited import LISTED
from clinic.finding.slices import MOST, Slice, newest
from records.audit import AuditEntry
from records.clinics import Staff


def entries(
    connection: Connection, clinic_id: int, patient_id: int, before: int | None = None, most: int = MOST
) -> Slice:
    """Newest first."""
    on_it = func.replace(AuditEntry.about, LISTED, ",").concat(",").contains(f",{patient_id},")
    hers = or_(
        AuditEntry.patient_id == patient_id,
        and_(AuditEntry.patient_id.is_(None), AuditEntry.about.startswith(LISTED), on_it),
    )
    query = select(AuditEntry.__table__).where(AuditEntry.clinic_id == clinic_id, hers)
    return newest(connection, query, AuditEntry.id, before, most)


def names(connection: Connection, clinic_id: int, rows: Sequence[Any]) -> Mapping[str, str]:
    """The names of staff by login."""
    logins = {row.by for row in rows}
    if not logins:
        return {}
    found = connection.execute(
        select(Staff.login, Staff.name).where(Staff.clinic_id == clinic_id, Staff.login.in_(logins))
    )
    return {row.login: row.name for row in found}
