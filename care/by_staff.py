"""What staff do in the console, each within their own clinic: false where it was done before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from care import audit
from records import Database
from records.alerts import Alert
from records.patients import IdentityLock, Patient
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


@dataclass(frozen=True)
class Act:
    """What one member of staff does to one clinic's records, within one write."""

    database: Database
    connection: Connection
    clinic_id: int
    login: str
    name: str
    now: datetime

    def note(self, did: str, patient_id: int | None, about: str) -> None:
        """The audit's entry for it."""
        audit.note(
            self.database,
            self.connection,
            by=self.login,
            did=did,
            now=self.now,
            clinic_id=self.clinic_id,
            patient_id=patient_id,
            about=about,
        )

    def hold(self, patient_id: int) -> bool:
        """Nobody else changes this patient until the write is over. False where she is not this clinic's."""
        held = self.connection.execute(
            select(Patient.id)
            .where(Patient.id == patient_id, Patient.clinic_id == self.clinic_id, Patient.status != "merged")
            .with_for_update()
        )
        return held.first() is not None


def lift_lock(act: Act, lock: int) -> bool:
    """Wrong tries from before count no more, and the task of the lock is done.

    False where it is no lock of this clinic, or is lifted already.
    """
    lifted = act.connection.execute(
        update(IdentityLock)
        .where(
            IdentityLock.id == lock,
            IdentityLock.clinic_id == act.clinic_id,
            IdentityLock.lifted_at.is_(None),
        )
        .values(lifted_at=act.now, lifted_by=act.name)
    )
    if lifted.rowcount != 1:
        return False
    act.connection.execute(
        update(Task)
        .where(Task.key == f"identity_locked:{lock}", Task.clinic_id == act.clinic_id, Task.state == "open")
        .values(state="done", done_at=act.now, done_by=act.name)
    )
    patient = act.connection.scalar(select(IdentityLock.patient_id).where(IdentityLock.id == lock))
    act.note("lifted_lock", patient, f"lock:{lock}")
    return True
