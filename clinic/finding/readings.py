"""Readings as staff see them, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from clinic.finding.slices import MOST, Slice, newest
from records.conversations import Conversation
from records.patients import Patient
from records.readings import Reading


def readings(
    connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST, **where: Any
) -> Slice:
    """All readings of a clinic, or those of one `patient_id` or `conversation_id`."""
    query = (
        select(Reading.__table__, Patient.name, Conversation.channel, Conversation.number)
        .join(Patient, Patient.id == Reading.patient_id, isouter=True)
        .join(Conversation, Conversation.id == Reading.conversation_id)
        .where(Reading.clinic_id == clinic_id)
        .where(*(getattr(Reading, name) == value for name, value in where.items()))
    )
    return newest(connection, query, Reading.id, before, most)


def last_in(connection: Connection, clinic_id: int, conversations: Iterable[str | None]) -> Mapping[str, Any]:
    """The last reading given in each of these conversations, where one was. One query."""
    ids = {conversation for conversation in conversations if conversation}
    if not ids:
        return {}
    rows = connection.execute(
        select(Reading.conversation_id, Reading.value)
        .where(Reading.clinic_id == clinic_id, Reading.conversation_id.in_(ids))
        .order_by(Reading.id)
    )
    return {row.conversation_id: row.value for row in rows}
