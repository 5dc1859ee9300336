"""What is done with wishes in the commit that changes a visit: its time is free for whoever waits, hers is fulfilled.

The rest of the wait list is wait_list.py's and slot_offers.py's; of what clinicians ask for, follow_ups.py's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from care import outbox
from records import Database
from records.appointments import FollowUp, Waiting
from records.base import table_of
from records.outbox import OutboxRow

KIND, CHANNEL = "freed_time", "freed"
_waiting = table_of(Waiting)
SOMEBODY_WAITS = select(
    exists().where(_waiting.c.clinic_id == bindparam("clinic"), _waiting.c.state == "waiting")
)
"""Made once: building a statement costs more than running it."""


def fulfilled(connection: Connection, visit: Any) -> None:
    """She has this visit (a row of appointments) now, by whatever way: she waits no more, and is asked no more."""
    connection.execute(
        update(Waiting)
        .where(
            Waiting.patient_id == visit.patient_id,
            Waiting.state == "waiting",
            (Waiting.reason == visit.reason) | (Waiting.appointment_id == visit.id),
        )
        .values(state="booked")
    )
    connection.execute(
        update(FollowUp)
        .where(
            FollowUp.patient_id == visit.patient_id,
            FollowUp.reason == visit.reason,
            FollowUp.state == "open",
        )
        .values(state="booked", appointment_id=visit.id)
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
