"""Who may run a tick now, and when the carrier may be asked for the next call or text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class Lease(Base):
    """One tick at a time, however many beats run."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    held_until: Mapped[datetime]


class Pace(Base):
    """The next moment at which a sender (or the account, for calls) may be used."""

    __tablename__ = "paces"

    sender: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]
