"""Clinics, told apart by the line that was called, and the people who work there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
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
    schedule_master: Mapped[str] = mapped_column(server_default="careline")
    """Who decides over the schedule: *careline*, or *outside*, the clinic's own, which Careline follows."""
    wait_list: Mapped[str] = mapped_column(server_default="one_by_one")
    """A time that becomes free is offered *one_by_one*, or to *all* who wait: the first yes has it."""
    month_budget: Mapped[int | None] = mapped_column(BigInteger)
    """Micro-dollars for a month's texts and calls; what is not clinical waits where it is spent."""
    call_back: Mapped[str] = mapped_column(server_default="off")
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
