"""What reminds a patient of her visits: rows of the outbox that are or were, and what is to come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from care import reach
from care.reminders import due, settings
from care.reminders.rows import key_of
from care.rules.reaching import Way
from care.rules.reminder_times import Due
from care.scheduling.visits import COMING
from records.audit import AuditEntry
from records.outbox import OutboxRow

ABOUT_VISITS = ("reminder", "call_about_visit", "book_visit")
OF_A_VISIT = re.compile(r"(?:reminder|rebook):(\d+)(?::|$)")
COLUMNS = (
    OutboxRow.id, OutboxRow.key, OutboxRow.kind, OutboxRow.channel, OutboxRow.status, OutboxRow.reason,
    OutboxRow.due_at, OutboxRow.sent_at, OutboxRow.conversation_id,
)  # fmt: skip
MOST = 300
"""Rows of the outbox of one patient that are looked at, the newest first."""


@dataclass
class OfVisit:
    """`rows`: what was sent, is held or was dropped. `ahead`: what is to come, `ways` how, or `why_not` by a machine.

    `said`: who did what to the visit, as the audit has it, the oldest first.
    """

    rows: list[Any] = field(default_factory=list)
    ahead: Sequence[Due] = ()
    ways: Sequence[Way] = ()
    why_not: str | None = None
    said: list[Any] = field(default_factory=list)


def of_visits(
    connection: Connection, clinic_id: int, patient_id: int, visits: Sequence[Any], now: datetime
) -> Mapping[int, OfVisit]:
    """By the visit's id; five queries, however many visits."""
    found = {visit.id: OfVisit() for visit in visits}
    if not found:
        return found
    for row in _rows(connection, clinic_id, patient_id):
        if (visit := _visit_of(row)) in found:
            found[visit].rows.append(row)
    for entry in _said(connection, patient_id, list(found)):
        found[int(entry.about.removeprefix("visit:"))].said.append(entry)
    coming = [visit for visit in visits if visit.state in COMING and visit.starts_at > now]
    her = reach.people(connection, [patient_id], now).get(patient_id) if coming else None
    if her is None:
        return found
    setting = settings.of_patient(connection, clinic_id, patient_id)
    ways, no = due.ways_to(her, setting, now)
    for visit in coming:
        about = found[visit.id]
        put = tuple(row.key for row in about.rows)
        about.ahead = [
            one
            for one in due.reminders(visit, setting, her)
            if one.until > now and not any(key.startswith(key_of(visit, one.offset)) for key in put)
        ]
        about.ways, about.why_not = ways, no.reason if no else None
    return found


def _rows(connection: Connection, clinic_id: int, patient_id: int) -> Sequence[Any]:
    """Oldest first."""
    rows = connection.execute(
        select(*COLUMNS)
        .where(
            OutboxRow.patient_id == patient_id,
            OutboxRow.clinic_id == clinic_id,
            OutboxRow.kind.in_(ABOUT_VISITS),
        )
        .order_by(OutboxRow.id.desc())
        .limit(MOST)
    ).all()
    return rows[::-1]


def _visit_of(row: Any) -> int | None:
    """The key names it; that of a text after a machine begins as the key of the call."""
    named = OF_A_VISIT.match(row.key)
    return int(named[1]) if named else None


def _said(connection: Connection, patient_id: int, visits: Sequence[int]) -> Sequence[Any]:
    return connection.execute(
        select(AuditEntry.at, AuditEntry.by, AuditEntry.did, AuditEntry.about)
        .where(
            AuditEntry.patient_id == patient_id,
            AuditEntry.about.in_([f"visit:{visit}" for visit in visits]),
        )
        .order_by(AuditEntry.id)
    ).all()
