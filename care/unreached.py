"""What is done when something we sent did not reach a person: another way, or somebody who looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from care import check_ins, outbox, tasks
from carriers import Meaning
from records import Database
from records.alerts import Alert
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Contact

BY_CALL_INSTEAD = {Meaning.LANDLINE, Meaning.NOT_A_MOBILE, Meaning.UNREACHABLE, Meaning.UNKNOWN_HANDSET}


def refused(database: Database, connection: Connection, row: Any, why: Meaning, now: datetime) -> None:
    """The carrier refused a text or a call, or could not deliver it, for a reason that it gave."""
    if why is Meaning.OPTED_OUT:
        _note_block(database, connection, row, now)
    if row.kind == "alert" or not why.permanent:
        again(database, connection, row, why.value, now)
        return
    _end(connection, row, "failed", why.value)
    _another_way(database, connection, row, why.value, now)


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
    if "check_in" in row.facts and row.channel == "text" and why in BY_CALL_INSTEAD:
        check_ins.call_instead(database, connection, row.facts["check_in"], row, now)
    else:
        _tell_staff(database, connection, row, "not_delivered", why, now)


def _end(connection: Connection, row: Any, status: str, reason: str | None) -> None:
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(status=status, reason=reason, leased_until=None)
    )


def _note_block(database: Database, connection: Connection, row: Any, now: datetime) -> None:
    """The carrier blocks us for this number: for everyone who shares it."""
    key = {"clinic_id": row.clinic_id, "number_hash": row.number_hash}
    if row.number_hash:
        connection.execute(database.insert_once(Contact).values(**key))
        connection.execute(update(Contact).filter_by(**key).values(opted_out_at=now))


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
