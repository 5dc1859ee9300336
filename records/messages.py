"""Messages that people leave for the clinic, spoken or written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedText


class Message(Base):
    """A message to the clinic.

    `state`: *recorded* (the carrier has the sound), *stored* (we have it), *ready* (it has words, or
    was written), *unfetchable*. `listen` names why a person must hear it: a transcript alone clears
    nothing.
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    number: Mapped[str] = mapped_column(SealedText)
    language: Mapped[str]
    text: Mapped[str | None] = mapped_column(SealedText)
    """What was written, or the transcript of what was said."""
    recording: Mapped[str | None] = mapped_column(unique=True)
    """The carrier's id."""
    seconds: Mapped[int] = mapped_column(default=0)
    confidence: Mapped[float | None]
    recogniser: Mapped[str | None]
    listen: Mapped[str | None]
    state: Mapped[str]
    erased_at_carrier: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
