"""A visit that was missed: a person hears of it, and she is offered another one, where she has agreed to reminders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from care import outbox, reach, tasks
from care.rules.kinds import kinds
from care.rules.reaching import Way, way_to
from records import Database
from records.appointments import Appointment
from records.base import table_of

KIND = "book_visit"
TOPIC = kinds()[KIND].topic or ""
FLOWS = {"text": "visit_message_text", "call": "visit_message_call"}
OTHER = {"text": "call", "call": "text"}
_visits = table_of(Appointment)


def missed(database: Database, connection: Connection, visit: Any, now: datetime) -> None:
    """She did not come. Called in the write that marks the visit; the same visit again changes nothing."""
    tasks.make(
        database,
        connection,
        key=f"visit_missed:{visit.id}:{visit.starts_at.isoformat()}",
        clinic_id=visit.clinic_id,
        reason="visit_missed",
        same_day=False,
        now=now,
        patient_id=visit.patient_id,
        details={"visit": visit.id},
    )
    her = reach.people(connection, [visit.patient_id], now)[visit.patient_id]
    way = way_to(her, TOPIC, ("text", "call"), now)
    if isinstance(way, Way):
        facts = {"rebook": visit.id, "visit_message": "missed", "private_visit_of": visit.patient_id}
        _put(database, connection, f"rebook:{visit.id}", visit.clinic_id, visit.patient_id, way, facts, now)


def not_wanted(connection: Connection, rows: Sequence[Any], now: datetime) -> Mapping[int, str]:
    """It was marked by mistake, or she has booked again meanwhile."""
    ids = {row.facts["rebook"] for row in rows}
    still = _visits.c.id.in_(ids) & (_visits.c.state == "missed")
    missed_ids = set(connection.scalars(select(_visits.c.id).where(still)))
    hers = {row.patient_id for row in rows}
    coming = select(_visits.c.patient_id).where(
        _visits.c.patient_id.in_(hers),
        _visits.c.state.in_(("booked", "confirmed")),
        _visits.c.starts_at > now,
    )
    booked = set(connection.scalars(coming))
    found = {}
    for row in rows:
        if row.facts["rebook"] not in missed_ids:
            found[row.id] = "visit was not missed"
        elif row.patient_id in booked:
            found[row.id] = "booked already"
    return found


def was_sent(connection: Connection, row: Any, now: datetime) -> None:
    """The task stands, whatever she answers."""


def another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> bool:
    """The other channel once; a task stands already."""
    her = reach.people(connection, [row.patient_id], now)[row.patient_id]
    way = way_to(her, TOPIC, (OTHER[row.channel],), now)
    if isinstance(way, Way):
        facts = {name: value for name, value in row.facts.items() if name != outbox.TRIES}
        key = f"rebook:{row.facts['rebook']}:{way.channel}"
        if not row.key.endswith((":text", ":call")):
            _put(database, connection, key, row.clinic_id, row.patient_id, way, facts, now)
    return True


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """A task stands already."""


def _put(
    database: Database,
    connection: Connection,
    key: str,
    clinic_id: int,
    patient_id: int,
    way: Way,
    facts: dict[str, Any],
    now: datetime,
) -> None:
    row = outbox.row_to(
        way, patient_id, flows=FLOWS, clinic_id=clinic_id, key=key, kind=KIND, now=now, facts=facts
    )
    outbox.put_all(database, connection, [row])
