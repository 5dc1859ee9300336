"""Everything that went out, or was to: the rows of the outbox that reach a phone, with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from clinic.finding.slices import MOST, Slice, newest
from records.conversations import Turn
from records.outbox import OutboxRow
from records.patients import Patient

TO_A_PHONE = ("text", "call")
"""The other channels of the outbox are work on recordings, which nobody is sent."""
STATUSES = ("due", "sending", "sent", "delivered", "failed", "dropped", "unknown")


def sent(
    connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST, **where: Any
) -> Slice:
    """All of a clinic, newest first, or those of one `status`, `patient_id` or `conversation_id`."""
    query = (
        select(OutboxRow.__table__, Patient.name)
        .join(Patient, Patient.id == OutboxRow.patient_id, isouter=True)
        .where(OutboxRow.clinic_id == clinic_id, OutboxRow.channel.in_(TO_A_PHONE))
        .where(*(getattr(OutboxRow, name) == value for name, value in where.items()))
    )
    return newest(connection, query, OutboxRow.id, before, most)


def words(connection: Connection, rows: Iterable[Any]) -> Mapping[int, list[list[str]]]:
    """What each text says, `[text, language]` by row id; nothing for calls and what is not begun. One query."""
    keys = {_turn_key(row): row.id for row in rows if row.channel == "text" and row.conversation_id}
    if not keys:
        return {}
    turns = connection.execute(select(Turn.key, Turn.reply).where(Turn.key.in_(keys)))
    return {keys[turn.key]: turn.reply["says"] for turn in turns}


def _turn_key(row: Any) -> str:
    """A reply is named by the event that it answers; what we begin, by its row."""
    return row.key.removeprefix("reply:") if row.kind == "reply" else f"outbox:{row.id}"
