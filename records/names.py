"""Keyed tokens by which a name is found without being read."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class NameToken(Base):
    """One beginning of one word of a patient's name, hashed with the key: care/names.py says what that gives away.

    Without row ids: the order in which tokens were written would tell the shorter beginning from the longer.
    """

    __tablename__ = "patient_name_tokens"
    __table_args__ = (Index("ix_patient_name_tokens_patient_id", "patient_id"), {"sqlite_with_rowid": False})

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    token: Mapped[str] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
