"""Readings that patients give, and the check-ins in which they were asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedJson


class Reading(Base):
    """One home reading. It is kept from the moment it is given; `confirmed` after the read-back."""

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_patient_at", "patient_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    value: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    """`{"kind": "blood_pressure", "systolic": 120, "diastolic": 80}`, in mmHg."""
    level: Mapped[str]
    confirmed: Mapped[bool]
    warning_signs: Mapped[str | None]
    """yes, no, or nothing where they were not asked or not answered."""
    at: Mapped[datetime]


class CheckIn(Base):
    """One time that a programme asks: *asked*, *called*, *answered*, *missed*.

    *by_person*: no machine may reach her, so somebody asks; *stopped*: she wants no more of them.
    """

    __tablename__ = "check_ins"
    __table_args__ = (Index("ix_check_ins_state", "state", "due_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    """`<enrolment>:<local date>:<local time>`."""
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    state: Mapped[str]
    due_at: Mapped[datetime]
    follow_up_at: Mapped[datetime]
    """When silence becomes a finding and the next thing is done."""
