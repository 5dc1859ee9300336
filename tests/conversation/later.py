"""Time that passes for one clinic alone: every moment in its rows moves back, so that it is later for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Table, bindparam, select, update

from records import Database
from records.base import Base, Moment
from records.conversations import Conversation

STAYS = {("slot_offers", "starts_at")}
"""An offered time is an opening's, and openings stay where they are."""
UNITS = {"minute": "minutes", "hour": "hours", "day": "days"}


def how_long(words: str) -> timedelta | None:
    """`2 hours later` as a span; None where the words say something else."""
    found = re.fullmatch(r"(\d+) (minute|hour|day)s? later", words)
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None


def pass_time(database: Database, clinic: int, span: timedelta) -> None:
    """Let `span` pass for a clinic. Nothing else in the installation notices; the audit lets nobody move it."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != "audit"]
    with database.writing() as connection:
        for table in tables:
            _shift(connection, table, clinic, span)


def _shift(connection: Any, table: Table, clinic: int, span: timedelta) -> None:
    moments = [
        column
        for column in table.columns
        if isinstance(column.type, Moment) and (table.name, column.name) not in STAYS
    ]
    where = _of_clinic(table, clinic)
    if not moments or where is None:
        return
    keys = list(table.primary_key.columns)
    rows = connection.execute(select(*keys, *moments).where(where)).all()
    for row in rows:
        same = [key == bindparam(f"key_{key.name}", row._mapping[key]) for key in keys]
        moved = {m.name: row._mapping[m] - span for m in moments if row._mapping[m] is not None}
        if moved:
            connection.execute(update(table).where(*same).values(**moved))


def _of_clinic(table: Table, clinic: int) -> Any:
    """Which rows of a table are a clinic's; None where none are."""
    if "clinic_id" in table.columns:
        return table.columns["clinic_id"] == clinic
    if "conversation_id" in table.columns:
        column: Column[str] = table.columns["conversation_id"]
        return column.in_(select(Conversation.id).where(Conversation.clinic_id == clinic))
    return None
