"""What is done at once when a visit's time becomes free, or somebody who waits for one has it. The rest is wait_list's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from care import outbox
from records import Database
from records.appointments import Waiting
from records.base import table_of
from records.outbox import OutboxRow

KIND, CHANNEL = "freed_time", "freed"
_waiting = table_of(Waiting)
SOMEBODY_WAITS = select(
    exists().where(_waiting.c.clinic_id == bindparam("clinic"), _waiting.c.state == "waiting")
)
"""Made once: building a statement costs more than running it."""


def has_a_visit(connection: Connection, patient_id: int, reason: str, visit: int) -> None:
    """She has booked for this reason, or moved that visit, by whatever way: she does not wait for it any more."""
    connection.execute(
        update(Waiting)
        .where(
            Waiting.patient_id == patient_id,
            Waiting.state == "waiting",
            (Waiting.reason == reason) | (Waiting.appointment_id == visit),
        )
        .values(state="booked")
    )


def freed(database: Database, connection: Connection, visit: Any, now: datetime) -> None:
    """The time of this row of appointments is nobody's now: whoever waits is asked. Nothing where nobody waits."""
    if visit.starts_at <= now or not connection.scalar(SOMEBODY_WAITS, {"clinic": visit.clinic_id}):
        return
    key = _key(visit.clinician_id, visit.starts_at)
    facts = {"clinician": visit.clinician_id, "from": _iso(visit.starts_at), "until": _iso(visit.ends_at)}
    new = outbox.put(
        database,
        connection,
        key=key,
        kind=KIND,
        channel=CHANNEL,
        clinic_id=visit.clinic_id,
        now=now,
        facts=facts,
    )
    if not new:  # it was freed before, and taken since
        again = {"status": "due", "due_at": now, "facts": facts, "leased_until": None}
        connection.execute(update(OutboxRow).where(OutboxRow.key == key).values(**again))


def look_again(connection: Connection, clinician_id: int, starts_at: datetime, now: datetime) -> None:
    """Somebody does not want this time: the next one is asked now, and not when her time to answer is over."""
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.key == _key(clinician_id, starts_at), OutboxRow.status == "due")
        .values(due_at=now)
    )


def _key(clinician_id: int, starts_at: datetime) -> str:
    return f"{KIND}:{clinician_id}:{_iso(starts_at)}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
