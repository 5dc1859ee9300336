"""What becomes of visits when a patient's record goes: it is deleted, or goes into another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from care import tasks
from care.scheduling import changes, occupying
from care.scheduling.visits import COMING
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.scheduling import Occupied

_visits, _occupied = table_of(Appointment), table_of(Occupied)


def free_all(
    database: Database, connection: Connection, clinic_id: int, patients: Sequence[int], now: datetime
) -> None:
    """Before patients are deleted: the time of their visits is free again."""
    occupying.hold(database, connection, clinic_id)
    rows = connection.execute(
        select(_visits)
        .where(_visits.c.patient_id.in_(patients), _visits.c.state.in_(COMING))
        .order_by(_visits.c.id)
    ).all()
    connection.execute(delete(Occupied).where(Occupied.appointment_id.in_([row.id for row in rows])))
    for row in rows:
        changes.changed(database, connection, row, None, now)


def hand_over(
    database: Database, connection: Connection, clinic_id: int, keep: int, gone: int, now: datetime
) -> None:
    """The time of the one that goes is the time of the one that is kept.

    Where both have a visit at the same time both stay, since a person decides which she comes to: staff get a task.
    """
    occupying.hold(database, connection, clinic_id)
    was, now_hers = f"patient:{gone}", f"patient:{keep}"
    hers = select(_occupied.c.unit).where(_occupied.c.resource == now_hers)
    twice = connection.scalars(
        delete(Occupied)
        .where(Occupied.resource == was, Occupied.unit.in_(hers.scalar_subquery()))
        .returning(Occupied.appointment_id)
    ).all()
    connection.execute(update(Occupied).where(Occupied.resource == was).values(resource=now_hers))
    if twice:
        tasks.make(
            database, connection, key=f"visits_overlap:{gone}", clinic_id=clinic_id, reason="visits_overlap",
            same_day=True, now=now, patient_id=keep, details={"visits": sorted(set(twice))},
        )  # fmt: skip
