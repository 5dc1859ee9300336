"""After a restore: what may have been sent since the backup was made is not sent again, and people are told.

The database stands where it stood when the backup was made. What fell due between then and now may have
reached somebody, and nothing here says so. The promise of its kind decides (care/rules/kinds.yaml).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from care import audit, audit_restores, check_ins, tasks
from care.rules.kinds import kinds
from records import Database
from records.clinics import Clinic
from records.leases import Lease, Pace
from records.outbox import OutboxRow

REASON = audit_restores.RESTORED
SKIPPED_IDS = 1_000_000
"""Status callbacks name an outbox row by its id. Those for messages sent after the backup are still to come, some
days late, so the ids that were used since are not given out again."""


@dataclass(frozen=True)
class Settled:
    """How many rows of the outbox wait for a person now, and how many are still done by themselves."""

    in_doubt: int
    going_on: int


def settle(database: Database, made_at: datetime, now: datetime, by: str) -> Settled:
    """Decide about the outbox of a database that was restored `now` from a backup made at `made_at`.

    What must arrive (alerts) and what may be done twice (work on recordings) goes on. Everything else whose
    time has come is *unknown*: a person looks, and each clinic has one task that says so. What is due
    later was not sent, and goes on. Questions that would fall due at this moment may have been asked
    before the database was lost, so they count as due, too.
    """
    check_ins.ask_those_due(database, now)
    check_ins.follow_up_silence(database, now)
    with database.writing() as connection:
        in_doubt = _doubt(connection, now)
        for clinic in connection.scalars(select(Clinic.id)).all():
            _tell(database, connection, clinic, in_doubt.get(clinic, 0), made_at, now)
        connection.execute(delete(Lease))
        connection.execute(delete(Pace))
        open_rows = select(func.count()).where(OutboxRow.status.in_(("due", "sending")))
        going_on = connection.scalar(open_rows) or 0
        _skip_ids(database, connection, now)
        audit.note(
            database,
            connection,
            by=by,
            did=REASON,
            now=now,
            clinic_id=None,
            about=audit_restores.about(made_at),
        )
    return Settled(sum(in_doubt.values()), going_on)


def _doubt(connection: Connection, now: datetime) -> dict[int, int]:
    """Mark what may have been sent; returns how many by clinic."""
    once = [kind.name for kind in kinds().values() if kind.promise == "at_most_once"]
    doubted = (
        OutboxRow.kind.in_(once),
        OutboxRow.status.in_(("due", "sending")),
        (OutboxRow.due_at <= now) | (OutboxRow.status == "sending"),
    )
    count = select(OutboxRow.clinic_id, func.count()).where(*doubted).group_by(OutboxRow.clinic_id)
    many: dict[int, int] = {row[0]: row[1] for row in connection.execute(count)}
    connection.execute(
        update(OutboxRow).where(*doubted).values(status="unknown", reason=REASON, leased_until=None)
    )
    return many


def _tell(
    database: Database, connection: Connection, clinic: int, in_doubt: int, made_at: datetime, now: datetime
) -> None:
    details: dict[str, Any] = {"made_at": made_at.isoformat(), "unknown": in_doubt, "why": REASON}
    tasks.make(
        database,
        connection,
        key=f"{REASON}:{clinic}:{now.isoformat()}",
        clinic_id=clinic,
        reason=REASON,
        same_day=True,
        now=now,
        details=details,
    )


def _skip_ids(database: Database, connection: Connection, now: datetime) -> None:
    """A row that does nothing takes an id far above all others; SQLite goes on after the highest one."""
    clinic = connection.scalar(select(Clinic.id).limit(1))
    if clinic is None:
        return
    last = connection.scalar(select(func.max(OutboxRow.id))) or 0
    mark: dict[str, Any] = {
        "id": last + SKIPPED_IDS, "key": f"{REASON}:{now.isoformat()}", "clinic_id": clinic, "kind": "recording",
        "queue": "speech", "channel": REASON, "priority": 9, "facts": {}, "status": "dropped", "reason": REASON,
        "due_at": now, "created_at": now,
    }  # fmt: skip
    connection.execute(insert(OutboxRow).values(**mark))
    if not database.is_sqlite:
        sequence = func.pg_get_serial_sequence(OutboxRow.__tablename__, "id")
        connection.execute(select(func.setval(sequence, last + SKIPPED_IDS)))
