"""Counting what leaves no other trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from records.counters import Counter

if TYPE_CHECKING:
    from conversation.house import House


def count(house: House, name: str) -> None:
    """One more of `name` today (UTC)."""
    key = {"name": name, "day": house.now().date()}
    with house.database.writing() as connection:
        connection.execute(house.database.insert_once(Counter).values(**key, count=0))
        connection.execute(update(Counter).filter_by(**key).values(count=Counter.count + 1))
