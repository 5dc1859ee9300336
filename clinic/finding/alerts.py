"""Alerts as staff see them: with who it is, or may be, and how the talk went on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from clinic.finding.slices import MOST, Slice, cut, newest
from records.alerts import Alert
from records.conversations import Conversation
from records.patients import Patient

TAKEN_SHOWN = timedelta(hours=12)
TAKEN_MOST = 10


def open_alerts(connection: Connection, clinic_id: int) -> Slice:
    """Those that nobody has taken, the one that waits longest first."""
    query = _alerts(clinic_id).where(Alert.state == "open").order_by(Alert.raised_at, Alert.id)
    return cut(connection.execute(query.limit(MOST + 1)).all(), MOST)


def lately_taken(connection: Connection, clinic_id: int, now: datetime) -> Slice:
    query = _alerts(clinic_id).where(Alert.state == "taken", Alert.taken_at > now - TAKEN_SHOWN)
    return cut(connection.execute(query.order_by(Alert.taken_at.desc()).limit(TAKEN_MOST)).all(), TAKEN_MOST)


def alerts(
    connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST, **where: Any
) -> Slice:
    """All alerts, newest first, or those of one `patient_id` or `conversation_id`."""
    query = _alerts(clinic_id).where(*(getattr(Alert, name) == value for name, value in where.items()))
    return newest(connection, query, Alert.id, before, most)


def candidates(connection: Connection, clinic_id: int, found: Iterable[Any]) -> Mapping[int, Any]:
    """Everyone who may be meant by alerts where nobody was confirmed, by id. One query."""
    ids = {person for alert in found for person in alert.details.get("candidates", ())}
    if not ids:
        return {}
    rows = connection.execute(
        select(Patient.id, Patient.name, Patient.birth_date, Patient.language, Patient.address).where(
            Patient.clinic_id == clinic_id, Patient.id.in_(ids)
        )
    ).all()
    return {row.id: row for row in rows}


def _alerts(clinic_id: int) -> Select[Any]:
    return (
        select(
            Alert.__table__,
            Patient.name,
            Patient.language.label("patient_language"),
            Patient.address,
            Conversation.channel,
            Conversation.position,
        )
        .join(Patient, Patient.id == Alert.patient_id, isouter=True)
        .join(Conversation, Conversation.id == Alert.conversation_id)
        .where(Alert.clinic_id == clinic_id)
    )
