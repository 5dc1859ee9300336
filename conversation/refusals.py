"""Counting what leaves no other trace."""

from __future__ import annotations

import time
from collections import Counter as Counts
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import update

from records.counters import Counter

if TYPE_CHECKING:
    from conversation.house import House

AT_ONCE = 10
"""Counts a second that are written one by one; a flood of bad requests is written once a second."""


class Pending:
    """What one process has counted and not yet written. A crash loses a second's worth of a flood at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counts[str] = Counts()
        self._second = 0
        self._writes = 0

    def add(self, name: str) -> Counts[str]:
        """Count one; what is returned is to be written now."""
        with self._lock:
            self._counts[name] += 1
            second = int(time.monotonic())
            self._writes = self._writes + 1 if second == self._second else 1
            self._second = second
            if self._writes > AT_ONCE:
                return Counts()
            due, self._counts = self._counts, Counts()
            return due


def count(house: House, name: str) -> None:
    """One more of `name` today (UTC)."""
    due = house.pending.add(name)
    if not due:
        return
    day = house.now().date()
    with house.database.writing() as connection:
        for counted, many in sorted(
            due.items()
        ):  # in one order: who counts the same waits, and nobody for ever
            key = {"name": counted, "day": day}
            connection.execute(house.database.insert_once(Counter).values(**key, count=0))
            connection.execute(update(Counter).filter_by(**key).values(count=Counter.count + many))
