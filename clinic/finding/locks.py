"""Locks of identity: of a patient, and of a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.engine import Row

from records.patients import IdentityLock

LOCKS_SHOWN = 20


def lock(connection: Connection, clinic_id: int, lock_id: int) -> Row[Any] | None:
    return connection.execute(
        select(IdentityLock.__table__).where(IdentityLock.id == lock_id, IdentityLock.clinic_id == clinic_id)
    ).first()


def of_patient(
    connection: Connection, clinic_id: int, patient_id: int, number_hashes: Sequence[str], now: datetime
) -> Sequence[Row[Any]]:
    """Locks that hold now, of her and of the numbers at which she or whoever speaks for her calls."""
    return connection.execute(
        select(IdentityLock.__table__)
        .where(
            IdentityLock.clinic_id == clinic_id,
            IdentityLock.lifted_at.is_(None),
            or_(IdentityLock.ends_at.is_(None), IdentityLock.ends_at > now),
            or_(
                IdentityLock.patient_id == patient_id,
                IdentityLock.number_hash.in_(number_hashes),
            ),
        )
        .order_by(IdentityLock.id.desc())
        .limit(LOCKS_SHOWN)
    ).all()
