"""What is to happen later or outside: texts, calls, recordings to fetch. Written with what caused it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedJson, SealedText

OPEN = text("status IN ('due', 'sending')")


class OutboxRow(Base):
    """One thing to do once.

    `status`: *due*, *sending* (a worker has it until `leased_until`; where that passes, the outcome
    is not known), *sent*, *delivered*, *failed*, *dropped* (no longer wanted or not allowed),
    *unknown* (waits for a person). `facts` hold what is needed to word it, never the words.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "queue", "priority", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_outbox_number", "clinic_id", "number_hash", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    kind: Mapped[str]
    queue: Mapped[str]
    channel: Mapped[str]
    """text, call, or the work on a recording: fetch, transcribe, delete."""
    priority: Mapped[int]
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    number: Mapped[str | None] = mapped_column(SealedText)
    number_hash: Mapped[str | None]
    flow: Mapped[str | None]
    language: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    status: Mapped[str]
    reason: Mapped[str | None]
    """Why it is held, failed or dropped: a word from a fixed list, never a person's."""
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    began_sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    carrier_id: Mapped[str | None] = mapped_column(index=True)
    carrier_status: Mapped[str | None]
    conversation_id: Mapped[str | None] = mapped_column(index=True)
    segments: Mapped[int | None]
    price: Mapped[int | None] = mapped_column(BigInteger)
    """Micro-dollars that all its tries are expected to cost; none before the first."""
    parts_sent: Mapped[int] = mapped_column(default=0)
    """How many texts of this row the carrier has taken: a further try goes on after them."""
    created_at: Mapped[datetime]


class StatusEvent(Base):
    """One status callback as it came, unknown ones too."""

    __tablename__ = "status_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    status: Mapped[str]
    error_code: Mapped[str | None]
    sequence: Mapped[int | None]
    at: Mapped[datetime]
