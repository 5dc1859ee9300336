"""What staff do in the console, each within their own clinic: false where it was done before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from care import audit
from records import Database
from records.alerts import Alert
from records.patients import IdentityLock
from records.tasks import Task


def take_alert(connection: Connection, clinic_id: int, alert: int, by: str, now: datetime) -> bool:
    """This person has the alert: the calls about it stop. False where it is not an open alert of this clinic."""
    taken = connection.execute(
        update(Alert)
        .where(Alert.id == alert, Alert.clinic_id == clinic_id, Alert.state == "open")
        .values(state="taken", taken_at=now, taken_by=by)
    )
    return taken.rowcount == 1


def finish_task(connection: Connection, clinic_id: int, task: int, by: str, now: datetime) -> bool:
    """This person has done the task. False where it is not an open task of this clinic."""
    finished = connection.execute(
        update(Task)
        .where(Task.id == task, Task.clinic_id == clinic_id, Task.state == "open")
        .values(state="done", done_at=now, done_by=by)
    )
    return finished.rowcount == 1


def lift_lock(
    database: Database,
    connection: Connection,
    clinic_id: int,
    lock: int,
    *,
    by: str,
    name: str,
    now: datetime,
) -> bool:
    """Wrong tries from before count no more; the lock's task is done. `by` is a login, `name` whose it is.

    False where it is no lock of this clinic, or is lifted already.
    """
    lifted = connection.execute(
        update(IdentityLock)
        .where(
            IdentityLock.id == lock, IdentityLock.clinic_id == clinic_id, IdentityLock.lifted_at.is_(None)
        )
        .values(lifted_at=now, lifted_by=name)
    )
    if lifted.rowcount != 1:
        return False
    connection.execute(
        update(Task)
        .where(Task.key == f"identity_locked:{lock}", Task.clinic_id == clinic_id, Task.state == "open")
        .values(state="done", done_at=now, done_by=name)
    )
    patient = connection.scalar(select(IdentityLock.patient_id).where(IdentityLock.id == lock))
    audit.note(
        database,
        connection,
        by=by,
        did="lift lock",
        now=now,
        clinic_id=clinic_id,
        patient_id=patient,
        about=f"lock:{lock}",
    )
    return True
