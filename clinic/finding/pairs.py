"""Pairs of patients who may be one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from clinic.finding.slices import MOST, Slice, cut
from records.duplicates import DuplicatePair
from records.patients import Patient

MOST_PAIRS = 10
"""On one page: a pair takes a look of its own."""


def open_pairs(
    connection: Connection, clinic_id: int, after: int | None = None, most: int = MOST_PAIRS
) -> Slice:
    """Those that nobody has decided on, found first first."""
    query = select(DuplicatePair.__table__).where(
        DuplicatePair.clinic_id == clinic_id, DuplicatePair.state == "open"
    )
    if after is not None:
        query = query.where(DuplicatePair.id > after)
    return cut(connection.execute(query.order_by(DuplicatePair.id).limit(most + 1)).all(), most)


def pair(connection: Connection, clinic_id: int, pair_id: int) -> Row[Any] | None:
    return connection.execute(
        select(DuplicatePair.__table__).where(
            DuplicatePair.id == pair_id, DuplicatePair.clinic_id == clinic_id
        )
    ).first()


def people(connection: Connection, clinic_id: int, pairs: Slice) -> Slice:
    """Everyone in these pairs."""
    ids = {patient for row in pairs.rows for patient in (row.first_id, row.second_id)}
    found = connection.execute(
        select(Patient.__table__).where(Patient.clinic_id == clinic_id, Patient.id.in_(ids)).limit(2 * MOST)
    )
    return Slice(found.all())
