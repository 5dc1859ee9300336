"""The reminders of a visit that are still to come, by the same rule that puts them: for staff to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from care import reach
from care.reminders import due, settings
from care.reminders.rows import key_of
from care.rules.reminder_times import Due
from records.outbox import OutboxRow


@dataclass(frozen=True)
class Coming:
    """One that is not in the outbox yet. `channels` is empty where no machine may remind her: `why_not` says why."""

    due: Due
    channels: tuple[str, ...]
    why_not: str | None


def coming_reminders(connection: Connection, appointment: Any, now: datetime) -> Sequence[Coming]:
    """Of an appointment's row (id, clinic_id, patient_id, starts_at, timezone, changed_at); in order of time."""
    if appointment.state not in ("booked", "confirmed") or appointment.starts_at <= now:
        return []
    her = reach.people(connection, [appointment.patient_id], now)[appointment.patient_id]
    setting = settings.of_patient(connection, appointment.clinic_id, appointment.patient_id)
    put = connection.scalars(
        select(OutboxRow.key).where(
            OutboxRow.patient_id == appointment.patient_id, OutboxRow.kind == "reminder"
        )
    ).all()
    ways, no = due.ways_to(her, setting, now)
    channels, why_not = tuple(way.channel for way in ways), no.reason if no else None
    return [
        Coming(one, channels, why_not)
        for one in due.reminders(appointment, setting, her)
        if one.until > now and not any(key.startswith(key_of(appointment, one.offset)) for key in put)
    ]
