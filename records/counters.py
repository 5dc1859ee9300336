"""Plain counts of what leaves no other trace: refused webhooks, replies that came too late."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base


class Counter(Base):
    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]
