"""Is this the person's password? The answer takes as long, and says as little, for a login that nobody has."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, case, literal, or_, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from care import audit
from records import Database
from records.base import Moment
from records.clinics import Staff
from records.counters import Counter

MOST_TRIES = 5
LOCKED_FOR = timedelta(minutes=15)


def check(database: Database, login: str, password: str, now: datetime) -> Any:
    """The row of `login` where the password is right and the login is not locked; else None.

    A try is counted before its password is looked at, so that many at once get no more than five. The
    fifth locks; the right password at that very try unlocks again.
    """
    with database.writing() as connection:
        counted = _count_try(database, connection, login, now)
        row = connection.execute(select(Staff.__table__).where(Staff.login == login)).first()
    right = check_password_hash(row.password_hash if row else _nobodys_hash(), password)
    if row is None or not counted or not right:
        with database.writing() as connection:
            _note(database, connection, row, "failed_to_sign_in", now)
        return None
    with database.writing() as connection:
        _note(database, connection, row, "signed_in", now)
        connection.execute(update(Staff).where(Staff.id == row.id).values(failed_tries=0, locked_until=None))
    return row


def _count_try(database: Database, connection: Connection, login: str, now: datetime) -> bool:
    """False where the login is locked, or nobody's. Something is written in every case: writing takes time."""
    today = {"name": "console sign-in tries", "day": now.date()}
    connection.execute(database.insert_once(Counter).values(**today, count=0))
    connection.execute(update(Counter).filter_by(**today).values(count=Counter.count + 1))
    last = Staff.failed_tries >= MOST_TRIES - 1
    counted = connection.execute(
        update(Staff)
        .where(Staff.login == login, or_(Staff.locked_until.is_(None), Staff.locked_until <= now))
        .values(
            failed_tries=case((last, 0), else_=Staff.failed_tries + 1),
            locked_until=case((last, literal(now + LOCKED_FOR, Moment())), else_=None),
        )
    )
    return counted.rowcount == 1


def _note(database: Database, connection: Connection, row: Any, did: str, now: datetime) -> None:
    """By the login where it is somebody's: what else was typed there may be a password."""
    by, clinic = (row.login, row.clinic_id) if row else ("unknown", None)
    audit.note(database, connection, by=by, did=did, now=now, clinic_id=clinic)


@cache
def _nobodys_hash() -> str:
    return generate_password_hash("a password that opens nothing")
