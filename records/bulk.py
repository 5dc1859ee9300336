"""Sending to many: what was prepared, who agreed to it, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base

GOING = text("state = 'sending'")


class BulkSend(Base):
    """`state`: *drafted* (was looked at by whoever made it), *sending*, *stopped* or *done*."""

    __tablename__ = "bulk_sends"
    __table_args__ = (Index("ix_bulk_sends_going", "id", sqlite_where=GOING, postgresql_where=GOING),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    what: Mapped[str]
    """A word of care/rules/bulk.yaml."""
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Whom it is for: `{"visits_from": …, "visits_until": …, "clinician": 3}` or `{"programme": "postpartum"}`."""
    people: Mapped[int]
    """How many it is for: those of `BulkPerson`, chosen when it was drafted."""
    state: Mapped[str]
    reached: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last row of `BulkPerson` that was gone through."""
    written: Mapped[int] = mapped_column(default=0, server_default="0")
    """Messages written so far."""
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    agreed_by: Mapped[str | None]
    agreed_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class BulkPerson(Base):
    """One for whom a bulk send is. Nobody is added once it was looked at."""

    __tablename__ = "bulk_people"
    __table_args__ = (Index("ix_bulk_people_bulk", "bulk_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_sends.id", ondelete="CASCADE"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
