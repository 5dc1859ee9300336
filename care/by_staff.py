"""What staff do in the console, each within their own clinic: one statement, and false where it was done before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from records.alerts import Alert
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
