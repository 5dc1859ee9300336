"""Clinics, told apart by the line that was called, and the people who work there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class Clinic(Base):
    __tablename__ = "clinics"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    line: Mapped[str] = mapped_column(unique=True)
    """The number that patients call and text, E.164."""
    emergency_number: Mapped[str]
    """Answered by a person at any hour, E.164."""
    second_number: Mapped[str | None]
    """Called as well where the emergency number refuses for good, E.164."""
    timezone: Mapped[str]
    call_back: Mapped[str] = mapped_column(default="off", server_default="off")
    """Whether who rings and hangs up is called back: *off*, *after_hang_up*, or *reject* (the line is busy for those
    whom we can call back, so that it costs them nothing)."""


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
