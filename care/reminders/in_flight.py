"""A reminder on its way follows its visit: it goes no further where that is moved, called off or over.

And where it can't reach her, another way is tried, and then a person, if the visit is near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from care import outbox, reach, tasks
from care.reminders.rows import FLOWS, TOPIC
from care.rules.reaching import ByAPerson, Way, way_to
from care.rules.reminder_times import is_near
from records import Database
from records.appointments import Appointment
from records.base import table_of
from records.outbox import OutboxRow

MOVED, CALLED_OFF, OVER = "visit moved", "visit called off", "visit is over"
COMING = ("booked", "confirmed")
OTHERS = {"text": ("call", "text"), "call": ("text", "call")}
"""The other channel first; the same one may go on at another number."""
HAVE_ENDED = ("failed", "dropped", "unknown")
_visits = table_of(Appointment)
VISITS = select(_visits.c.id, _visits.c.starts_at, _visits.c.state).where(
    _visits.c.id.in_(bindparam("ids", expanding=True))
)
"""Made once: building a statement costs more than running it."""
_SHORT = 8
"""Signs of a number's hash that stand in a key."""


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """Of rows that remind of a visit those that do so in vain, by id, with the reason."""
    found = connection.execute(VISITS, {"ids": list({row.facts["reminded_visit"] for row in rows})})
    visits = {visit.id: visit for visit in found}
    reasons = {
        row.id: why_not(visits.get(row.facts["reminded_visit"]), told_time(row.facts), now) for row in rows
    }
    return {row: reason for row, reason in reasons.items() if reason is not None}


def why_not(visit: Any, told: datetime, now: datetime) -> str | None:
    """Why a visit is no longer as it was told of; None where it is."""
    if visit is None or visit.state == "called_off":
        return CALLED_OFF
    if visit.state not in COMING:
        return OVER
    if visit.starts_at != told:
        return MOVED
    return OVER if visit.starts_at <= now else None


def told_time(facts: Mapping[str, Any]) -> datetime:
    """The start that a row speaks of."""
    return datetime.fromisoformat(facts["visit_at"]["at"])


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    """Nothing follows from it: an answer is nice to have."""


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    if not ByAPerson(why).quiet:
        another_way(database, connection, row, why, now)


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    """By the other channel, or at another number of hers, while it is worth it; then a person, if the visit is near."""
    if row.id in not_wanted(connection, [row], now):
        return True
    if row.expires_at is not None and row.expires_at > now and why != "expired":
        her = reach.people(connection, [row.patient_id], now)[row.patient_id]
        for channel in OTHERS[row.channel]:
            way = way_to(her, TOPIC, (channel,), now)
            if isinstance(way, ByAPerson) or (channel, way.number.number) == (row.channel, row.number):
                continue
            if _goes_by(database, connection, row, way, now):
                return True
    if is_near(told_time(row.facts), now):
        _tell_staff(database, connection, row, why, now)
    return True


def follow(connection: Connection, before: Any, after: Any, now: datetime) -> None:
    """The visit was moved, called off or is over: what is on its way about the time that it had is dropped."""
    why = why_not(after, before.starts_at, now)
    if why is None:
        return
    start = before.starts_at.isoformat(timespec="minutes")
    outbox.cancel(
        connection,
        why,
        OutboxRow.kind == "reminder",
        OutboxRow.patient_id == before.patient_id,
        OutboxRow.key.startswith(f"reminder:{before.id}:{start}:", autoescape=True),
    )


def _goes_by(database: Database, connection: Connection, row: Any, way: Way, now: datetime) -> bool:
    """True where it goes, or has gone, that way."""
    base = row.facts["reminder"]
    tried = connection.scalars(
        select(OutboxRow.status).where(
            OutboxRow.patient_id == row.patient_id,
            OutboxRow.key.startswith(base, autoescape=True),
            OutboxRow.channel == way.channel,
            OutboxRow.number_hash == way.number.number_hash,
        )
    ).all()
    if tried:
        return any(status not in HAVE_ENDED for status in tried)
    going = outbox.row_to(
        way,
        row.patient_id,
        flows=FLOWS,
        clinic_id=row.clinic_id,
        key=f"{base}:{way.channel}:{way.number.number_hash[:_SHORT]}",
        kind=row.kind,
        now=now,
        facts={name: value for name, value in row.facts.items() if name != outbox.TRIES},
        expires_at=row.expires_at,
    )
    return outbox.put_all(database, connection, [going]) == 1


def _tell_staff(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    visit = row.facts["reminded_visit"]
    tasks.make(
        database,
        connection,
        key=f"reminder_not_given:{visit}:{row.facts['visit_at']['at']}",
        clinic_id=row.clinic_id,
        reason="reminder_not_given",
        same_day=True,
        now=now,
        patient_id=row.patient_id,
        details={"number": row.number, "why": why, "kind": row.kind},
    )
