"""A long list, read a slice at a time: newest first, and on from where the last slice ended (never OFFSET)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Row
from sqlalchemy.orm import InstrumentedAttribute

MOST = 50


@dataclass(frozen=True)
class Slice:
    """`rows`, and the cursor of those that come `after` them: None where there are no more."""

    rows: Sequence[Row[Any]]
    after: str | None = None

    @property
    def count(self) -> str:
        """How many there are, as far as this slice tells: "7", or "50+" where more follow."""
        return f"{len(self.rows)}+" if self.after else str(len(self.rows))


def cut(rows: Sequence[Row[Any]], most: int) -> Slice:
    """A slice of rows that were read with one more than `most`; an id is the cursor."""
    return Slice(rows[:most], str(rows[most - 1].id) if len(rows) > most else None)


def newest(
    connection: Connection,
    query: Select[Any],
    column: InstrumentedAttribute[int],
    before: int | None,
    most: int,
) -> Slice:
    """The newest rows by `column`, an id that counts up, below `before` where that is given."""
    if before is not None:
        query = query.where(column < before)
    return cut(connection.execute(query.order_by(column.desc()).limit(most + 1)).all(), most)
