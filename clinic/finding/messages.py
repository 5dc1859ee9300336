"""Messages that people left, newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from clinic.finding.slices import MOST, Slice, newest
from records.messages import Message
from records.patients import Patient


def messages(
    connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST, **where: Any
) -> Slice:
    """All messages to a clinic, or those of one `patient_id` or `conversation_id`."""
    query = (
        select(Message.__table__, Patient.name)
        .join(Patient, Patient.id == Message.patient_id, isouter=True)
        .where(Message.clinic_id == clinic_id)
        .where(*(getattr(Message, name) == value for name, value in where.items()))
    )
    return newest(connection, query, Message.id, before, most)


def has_sound(connection: Connection, clinic_id: int, message: int) -> bool:
    """Is this a spoken message to this clinic?"""
    found = connection.scalar(
        select(Message.id).where(
            Message.id == message, Message.clinic_id == clinic_id, Message.recording.is_not(None)
        )
    )
    return found is not None
