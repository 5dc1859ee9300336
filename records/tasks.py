"""Tasks: what a person at the clinic must look at, in working hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedJson


class Task(Base):
    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_clinic_state", "clinic_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    reason: Mapped[str]
    """A word from a fixed list; what a person said or gave stands in `details`."""
    same_day: Mapped[bool]
    details: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    state: Mapped[str]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
