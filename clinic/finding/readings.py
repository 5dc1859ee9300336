"""Readings as staff see them, newest first."""

from __future__ import annotations

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
