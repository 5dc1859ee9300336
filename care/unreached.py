"""What is done when something we sent did not reach a person: another way, or somebody who looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from care import alerts, consent, outbox, tasks
from care.subjects import subject_of
from carriers import Meaning
from records import Database
from records.alerts import Alert
from records.conversations import Conversation
from records.outbox import OutboxRow

OUR_ACCOUNT = {Meaning.AUTHENTICATION, Meaning.SUSPENDED, Meaning.BAD_SENDER}
"""May pass, once somebody has mended our account; until then no alert gets through at all."""


def refused(database: Database, connection: Connection, row: Any, why: Meaning, now: datetime) -> None:
    """The carrier refused a text or a call, or could not deliver it, for a reason that it gave."""
    if row.kind == "alert":
        if why.permanent or why in OUR_ACCOUNT:
            alerts.nobody_on_call(database, connection, row, why.value, now)
        again(database, connection, row, why.value, now)
        return
    if why is Meaning.OPTED_OUT and row.channel == "text" and row.number_hash:
        consent.block(
            database,
            connection,
            clinic_id=row.clinic_id,
            number=row.number,
            number_hash=row.number_hash,
            now=now,
        )
    if not why.permanent:
        again(database, connection, row, why.value, now)
        return
    _end(connection, row, "failed", why.value)
    _another_way(database, connection, row, why.value, now)


def not_let_through(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """The gate refused it for good, or its time is over: where she may be reached by call, or by a person, she is."""
    outbox.mark(connection, row.id, "dropped", why)
    end_talk(connection, row)
    if (subject := subject_of(row)) is not None:
        subject.not_let_through(database, connection, row, why, now)


def again(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    """Nothing reached anyone: due again as its kind says; when its tries are used up, a person looks."""
    if row.kind == "alert" and is_taken(connection, row.facts["alert"]):
        _end(connection, row, "delivered", None)
        return
    if not outbox.again_or_give_up(connection, row, why, now):
        _another_way(database, connection, row, why, now)


def unknown(database: Database, connection: Connection, row: Any, now: datetime) -> None:
    """Nobody can say whether it was sent: what may be sent twice is, everything else waits for a person."""
    if row.kind == "alert":
        again(database, connection, row, "outcome unknown", now)
        return
    outbox.mark(connection, row.id, "unknown", "outcome unknown")
    _tell_staff(database, connection, row, "outcome_unknown", "outcome unknown", now)


def end_talk(connection: Connection, row: Any) -> None:
    """What was never sent asks nothing: the number is free for other questions."""
    connection.execute(
        update(Conversation)
        .where(
            Conversation.outbox_id == row.id,
            Conversation.turn <= 1,
            Conversation.state.in_(("open", "placed")),
        )
        .values(state="closed")
    )


def is_taken(connection: Connection, alert: int) -> bool:
    return connection.scalar(select(Alert.state).where(Alert.id == alert)) == "taken"


def _another_way(database: Database, connection: Connection, row: Any, why: str, now: datetime) -> None:
    end_talk(connection, row)
    subject = subject_of(row)
    if subject is None or not subject.another_way(database, connection, row, why, now):
        _tell_staff(database, connection, row, "not_delivered", why, now)


def _end(connection: Connection, row: Any, status: str, reason: str | None) -> None:
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(status=status, reason=reason, leased_until=None)
    )


def _tell_staff(
    database: Database, connection: Connection, row: Any, reason: str, why: str, now: datetime
) -> None:
    tasks.make(
        database,
        connection,
        key=f"{reason}:{row.key}",
        clinic_id=row.clinic_id,
        reason=reason,
        same_day=True,
        now=now,
        patient_id=row.patient_id,
        details={"number": row.number, "why": why, "kind": row.kind},
    )
