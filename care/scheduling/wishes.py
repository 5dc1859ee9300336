"""What is done with wishes in the commit that changes a visit: its time is free for whoever waits, hers is fulfilled.

The rest of the wait list is wait_list.py's and slot_offers.py's; of what clinicians ask for, follow_ups.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, or_, select, update

from care import outbox
from care.scheduling.visits import COMING
from records import Database
from records.appointments import Appointment, FollowUp, Waiting
from records.base import table_of
from records.outbox import OutboxRow

KIND, CHANNEL = "freed_time", "freed"
_waiting, _follow_ups, _visits = map(table_of, (Waiting, FollowUp, Appointment))
SOMEBODY_WAITS = select(
    exists().where(_waiting.c.clinic_id == bindparam("clinic"), _waiting.c.state == "waiting")
)
_THESE = (_visits.c.id.in_(bindparam("visits", expanding=True)), _visits.c.state.in_(COMING))
HERS = select(_visits.c.patient_id).where(*_THESE)
WAITS_NO_MORE = (
    _waiting.update()
    .where(
        _waiting.c.state == "waiting",
        _waiting.c.patient_id.in_(HERS),
        exists().where(
            *_THESE,
            _visits.c.patient_id == _waiting.c.patient_id,
            or_(_visits.c.reason == _waiting.c.reason, _visits.c.id == _waiting.c.appointment_id),
        ),
    )
    .values(state="booked")
)
BOOKED_FOR = (
    select(func.min(_visits.c.id))
    .where(
        *_THESE,
        _visits.c.patient_id == _follow_ups.c.patient_id,
        _visits.c.reason == _follow_ups.c.reason,
    )
    .correlate(_follow_ups)
    .scalar_subquery()
)
ASKED_NO_MORE = (
    _follow_ups.update()
    .where(
        _follow_ups.c.state == "open",
        _follow_ups.c.patient_id.in_(HERS),
        BOOKED_FOR.is_not(None),
    )
    .values(state="booked", appointment_id=BOOKED_FOR)
)
"""Made once: building a statement costs more than running it."""


def fulfilled(connection: Connection, visits: Sequence[int]) -> None:
    """Who has these visits (ids) now, by whatever way, waits no more, and is asked no more: however many, at once."""
    connection.execute(WAITS_NO_MORE, {"visits": list(visits)})
    connection.execute(ASKED_NO_MORE, {"visits": list(visits)})


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
