"""What a clinic's texts and calls of a month are expected to cost: sums that are kept as they grow."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, ForeignKey, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base, table_of

PARTS = 8
"""Rows for the same thing: whoever counts holds one until her commit, and few others wait for the same."""


class Spending(Base):
    """One sum. Alerts have rows of their own, as each kind has: they wait for nobody else's.

    `price` is in micro-dollars; `units` are segments of texts, started minutes of calls.
    """

    __tablename__ = "spending"

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day, at the clinic."""
    kind: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[int] = mapped_column(BigInteger)


_spending = table_of(Spending)
_SUMS = ("messages", "units", "price")


def _made(insert: Any) -> Any:
    new = insert(_spending).values({column.name: bindparam(column.name) for column in _spending.columns})
    return new.on_conflict_do_update(
        index_elements=list(_spending.primary_key.columns),
        set_={name: _spending.c[name] + new.excluded[name] for name in _SUMS},
    )


ADD = {"sqlite": _made(sqlite.insert), "postgresql": _made(postgresql.insert)}
"""Made once: building a statement costs more than running it."""


def add(connection: Connection, values: dict[str, Any]) -> None:
    """Add to one sum: a value for each column. Its lock comes after that of the outbox, before that of the audit."""
    connection.execute(ADD[connection.dialect.name], values)
