"""Conversations, and all that was said in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.engine import Row

from clinic.finding.slices import MOST, Slice, cut
from records.conversations import Conversation, Turn
from records.patients import Patient

MOST_TURNS = 200
"""More than a conversation can have: its turns are bounded where it is held."""


def conversation(connection: Connection, clinic_id: int, conversation_id: str) -> Row[Any] | None:
    return connection.execute(
        select(Conversation.__table__, Patient.name)
        .join(Patient, Patient.id == Conversation.patient_id, isouter=True)
        .where(Conversation.id == conversation_id, Conversation.clinic_id == clinic_id)
    ).first()


def turns(connection: Connection, conversation_id: str) -> Sequence[Row[Any]]:
    """What was said, both sides, in order. The conversation's clinic is checked by whoever asks."""
    return connection.execute(
        select(Turn.__table__)
        .where(Turn.conversation_id == conversation_id)
        .order_by(Turn.turn)
        .limit(MOST_TURNS)
    ).all()


def conversations(
    connection: Connection, clinic_id: int, patient_id: int, before: str | None = None, most: int = MOST
) -> Slice:
    """Conversations in which a patient was confirmed, newest first; `before` is the id of the last one seen."""
    query = select(Conversation.__table__).where(
        Conversation.clinic_id == clinic_id, Conversation.patient_id == patient_id
    )
    if before is not None:
        began = (
            select(Conversation.began_at)
            .where(Conversation.id == before, Conversation.clinic_id == clinic_id)
            .scalar_subquery()
        )
        query = query.where(
            or_(
                Conversation.began_at < began,
                and_(Conversation.began_at == began, Conversation.id < before),
            )
        )
    ordered = query.order_by(Conversation.began_at.desc(), Conversation.id.desc()).limit(most + 1)
    return cut(connection.execute(ordered).all(), most)
