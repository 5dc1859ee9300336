"""Where in the database a patient's id stands: found from the tables themselves, so that no new one is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sqlalchemy import Column

from records.base import Base

NOT_BY_KEY = frozenset({("patients", "merged_into"), ("audit", "patient_id")})
"""Columns that hold a patient's id without a foreign key. The audit's is never touched: an entry outlives her."""
IN_SEALED = frozenset(
    {("conversations", "position"), ("alerts", "details"), ("tasks", "details"), ("outbox", "facts")}
)
"""Sealed values that may name patients by id. Only a position is read again to act on: merging rewrites it."""


@cache
def patient_columns() -> tuple[Column[object], ...]:
    """Every column with a foreign key to patients.id."""
    return tuple(_columns("patients"))


@cache
def conversation_columns() -> tuple[Column[object], ...]:
    """Every column with a foreign key to conversations.id."""
    return tuple(_columns("conversations"))


def _columns(of: str) -> Iterator[Column[object]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == of for key in column.foreign_keys):
                yield column
