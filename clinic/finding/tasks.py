"""Tasks as staff see them: those of today first, then the one that waits longest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select
from sqlalchemy.engine import Row

from clinic.finding.slices import MOST, Slice, newest
from records.patients import Patient
from records.tasks import Task


def open_tasks(
    connection: Connection, clinic_id: int, after: tuple[bool, int] | None = None, most: int = MOST
) -> Slice:
    """Open tasks, from `after` on: the same-day mark and the id of the last one seen."""
    query = _tasks(clinic_id).where(Task.state == "open")
    if after is not None:
        same_day, last = after
        further = and_(Task.same_day.is_(same_day), Task.id > last)
        query = query.where(or_(further, Task.same_day.is_(False)) if same_day else further)
    rows = connection.execute(query.order_by(Task.same_day.desc(), Task.id).limit(most + 1)).all()
    more = len(rows) > most
    last_row = rows[most - 1] if more else None
    return Slice(rows[:most], f"{int(last_row.same_day)}-{last_row.id}" if last_row else None)


def tasks(
    connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST, **where: Any
) -> Slice:
    """Open and done, newest first, of one `patient_id` or `conversation_id`."""
    query = _tasks(clinic_id).where(*(getattr(Task, name) == value for name, value in where.items()))
    return newest(connection, query, Task.id, before, most)


def _tasks(clinic_id: int) -> Select[Any]:
    return (
        select(Task.__table__, Patient.name)
        .join(Patient, Patient.id == Task.patient_id, isouter=True)
        .where(Task.clinic_id == clinic_id)
    )


def task(connection: Connection, clinic_id: int, task_id: int) -> Row[Any] | None:
    return connection.execute(_tasks(clinic_id).where(Task.id == task_id)).first()
