"""What is sent to many: the sends of a clinic, one of them, and what became of its messages so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from clinic.finding.slices import MOST, Slice, newest
from records.bulk import BulkPerson, BulkSend
from records.outbox import OutboxRow
from records.patients import Enrolment
from records.scheduling import Clinician


def sends(connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST) -> Slice:
    query = select(BulkSend.__table__).where(BulkSend.clinic_id == clinic_id)
    return newest(connection, query, BulkSend.id, before, most)


def send(connection: Connection, clinic_id: int, bulk_id: int) -> Any:
    """One of this clinic; None where there is none."""
    one = select(BulkSend.__table__).where(BulkSend.clinic_id == clinic_id, BulkSend.id == bulk_id)
    return connection.execute(one).first()


def became(connection: Connection, bulk_id: int) -> Mapping[str, int]:
    """How many of its messages stand at each status of the outbox."""
    people = select(BulkPerson.patient_id).where(BulkPerson.bulk_id == bulk_id)
    rows = connection.execute(
        select(OutboxRow.status, func.count().label("many"))
        .where(OutboxRow.patient_id.in_(people), OutboxRow.key.startswith(f"bulk:{bulk_id}:"))
        .group_by(OutboxRow.status)
    )
    return {row.status: row.many for row in rows}


def clinicians(connection: Connection, clinic_id: int) -> Mapping[str, str]:
    """Names by id, as a form has them."""
    rows = connection.execute(
        select(Clinician.id, Clinician.name).where(Clinician.clinic_id == clinic_id).order_by(Clinician.name)
    )
    return {str(row.id): row.name for row in rows}


def programmes(connection: Connection, clinic_id: int) -> Sequence[str]:
    found = select(Enrolment.programme).where(Enrolment.clinic_id == clinic_id).distinct()
    return sorted(connection.scalars(found))
