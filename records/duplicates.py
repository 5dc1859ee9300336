"""Pairs of patients who may be one person, and what a person decided of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class DuplicatePair(Base):
    """`state`: *open* until a person looks, then *merged* or *not_the_same*. A pair stands here once."""

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        Index("uq_duplicate_pairs_first_second", "first_id", "second_id", unique=True),
        Index("ix_duplicate_pairs_clinic_state", "clinic_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    """The lower id of the two."""
    second_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    why: Mapped[list[str]]
    """Words of care.rules.likeness: `name`, `number`, `record_number`."""
    state: Mapped[str] = mapped_column(default="open", server_default="open")
    found_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
