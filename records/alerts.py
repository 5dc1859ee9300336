"""Alerts: findings that a person must act on now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedJson


class Alert(Base):
    """`state`: *open* until somebody takes it, then *taken*. `level`: emergency or urgent."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_clinic_state", "clinic_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    level: Mapped[str]
    reason: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    """What a nurse needs: the number to call, the reading, who it may be where nobody is confirmed."""
    state: Mapped[str]
    raised_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
