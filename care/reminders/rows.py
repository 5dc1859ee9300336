"""The rows of the outbox that remind of a visit: how they are named, and what they carry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from care import outbox
from care.rules.kinds import kinds
from care.rules.reaching import Person, Way
from care.rules.reminder_times import Due

KIND = "reminder"
TOPIC = kinds()[KIND].topic or ""
FLOWS = {"text": "reminder_text", "call": "reminder_call"}


def key_of(visit: Any, offset: str) -> str:
    """What names a reminder: the visit, the start that it speaks of, and how long before it comes."""
    return f"{KIND}:{visit.id}:{visit.starts_at.isoformat(timespec='minutes')}:{offset}"


def about(visit: Any, key: str, offset: str, base: str | None = None) -> dict[str, Any]:
    """The facts of a row about a visit: `visit_at` is the time that it speaks of, whatever the visit's is later."""
    return {
        KIND: base or key,
        "offset": offset,
        "reminded_visit": visit.id,
        "visit_at": {"kind": "visit_time", "at": visit.starts_at.isoformat(), "zone": visit.timezone},
        "private_visit_of": visit.patient_id,
    }


def row_of(visit: Any, her: Person, way: Way, due: Due, now: datetime, *, both: bool) -> dict[str, Any]:
    """A reminder as it is put into the outbox."""
    base = key_of(visit, due.offset)
    key = f"{base}:{way.channel}" if both else base
    return outbox.row_to(
        way,
        her.patient,
        flows=FLOWS,
        clinic_id=her.clinic,
        key=key,
        kind=KIND,
        now=now,
        due_at=max(due.at, now),
        expires_at=due.until,
        facts=about(visit, key, due.offset, base),
    )
