"""A session belongs to one person of one clinic, with the password of that day, and ends by itself."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from flask import flash, session
from sqlalchemy import select

from records import Database
from records.clinics import Clinic, Staff

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)
"""How often use is written into the cookie: not with every answer, or answers that cross undo each other."""


def begin(row: Any, now: datetime) -> None:
    """A fresh session: nothing of the one before signing in is kept."""
    session.clear()
    session.update(
        staff=row.id,
        clinic=row.clinic_id,
        password=_mark(row.password_hash),
        began=now.timestamp(),
        used=now.timestamp(),
    )


def end() -> None:
    session.clear()


def person(database: Database, now: datetime, *, counts_as_use: bool) -> Any:
    """Who is signed in, with the clinic; None where nobody is any more. What a page does by itself is no use."""
    if "staff" not in session:
        return None
    moment = now.timestamp()
    if moment - session["began"] > LONGEST.total_seconds() or moment - session["used"] > IDLE.total_seconds():
        end()
        flash("You were signed out: 30 minutes without use, or 12 hours, had passed. Please sign in again.")
        return None
    row = _read(database, session["staff"], session["clinic"])
    if row is None or _mark(row.password_hash) != session["password"]:
        end()
        return None
    if counts_as_use and moment - session["used"] > NOTED_EVERY.total_seconds():
        session["used"] = moment
    return row


def _read(database: Database, staff: int, clinic: int) -> Any:
    with database.reading() as connection:
        return connection.execute(
            select(
                Staff.id,
                Staff.login,
                Staff.name,
                Staff.password_hash,
                Staff.clinic_id,
                Clinic.name.label("clinic"),
                Clinic.line,
                Clinic.timezone,
            )
            .join(Clinic, Clinic.id == Staff.clinic_id)
            .where(Staff.id == staff, Staff.clinic_id == clinic)
        ).first()


def _mark(password_hash: str) -> str:
    """Changes with the password: then every session that was begun with the old one is over."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]
