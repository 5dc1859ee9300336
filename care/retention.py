"""What is past its time is deleted, in batches of short commits; the rules say when. The audit stays."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from care import audit, sounds
from care.deleting import delete_patient, delete_talks
from care.rules.retention import closed_before, cutoff, is_past
from records import Database
from records.alerts import Alert
from records.conversations import Conversation, Turn
from records.messages import Message
from records.outbox import OutboxRow, StatusEvent
from records.patients import IdentityTry, Patient
from records.tasks import Task

BATCH = 100
"""Rows of one commit: a turn may wait for it."""
GOING_ON = ("placed", "open")
ENDED = ("sent", "delivered", "failed", "dropped")


def apply_retention(
    database: Database, recordings: Path, now: datetime, *, batch: int = BATCH, most: int = 1000
) -> dict[str, int]:
    """Delete what is past its time: at most `most` batches of a kind, the rest tomorrow. How many of each kind."""
    done = {"patients": _patients(database, recordings, now, batch)}
    for kind, step in STEPS.items():
        done[kind] = 0
        for _ in range(most):
            with database.writing() as connection:
                count = step(database, connection, recordings, now, batch)
                if count:
                    audit.note(
                        database, connection, by="worker", did="retention", now=now, clinic_id=None,
                        about=f"{kind}:{count}",
                    )  # fmt: skip
            done[kind] += count
            if count < batch:
                break
    return done


def _patients(database: Database, recordings: Path, now: datetime, batch: int) -> int:
    """One commit for each: of a patient much may be kept."""
    done = after = 0
    recently = exists().where(
        Conversation.patient_id == Patient.id, Conversation.updated_at > closed_before(now)
    )
    while True:
        with database.reading() as connection:
            closed = connection.execute(
                select(Patient.id, Patient.clinic_id, Patient.birth_date, Patient.closed_at)
                .where(
                    Patient.status == "closed",
                    Patient.closed_at <= closed_before(now),
                    Patient.id > after,
                    ~recently,
                )
                .order_by(Patient.id)
                .limit(batch)
            ).all()
        for row in closed:
            after = row.id
            if row.closed_at and is_past(row.birth_date, row.closed_at, now):
                with database.writing() as connection:
                    done += delete_patient(
                        database, connection, clinic_id=row.clinic_id, patient_id=row.id, recordings=recordings,
                        by="worker", now=now,
                    )  # fmt: skip
        if len(closed) < batch:
            return done


def _sounds(database: Database, connection: Connection, recordings: Path, now: datetime, batch: int) -> int:
    """The words stay. One that is still at the carrier waits until it is deleted there."""
    messages = connection.execute(
        select(Message.id, Message.text)
        .where(Message.recording.is_not(None), Message.erased_at_carrier, Message.at < cutoff("sounds", now))
        .limit(batch)
    ).all()
    for message in messages:
        sounds.erase(recordings, message.id)
    for has_words, state in ((True, "ready"), (False, "unfetchable")):
        ids = [message.id for message in messages if (message.text is not None) is has_words]
        connection.execute(update(Message).where(Message.id.in_(ids)).values(recording=None, state=state))
    return len(messages)


def _turns(database: Database, connection: Connection, recordings: Path, now: datetime, batch: int) -> int:
    """What was said in a talk that is over, and where it stood."""
    talks = connection.scalars(
        select(Conversation.id)
        .where(
            Conversation.state.not_in(GOING_ON),
            Conversation.updated_at < cutoff("turns", now),
            exists().where(Turn.conversation_id == Conversation.id),
        )
        .limit(batch)
    ).all()
    connection.execute(delete(Turn).where(Turn.conversation_id.in_(talks)))
    connection.execute(
        update(Conversation).where(Conversation.id.in_(talks)).values(position={}, state="closed")
    )
    return len(talks)


def _unknown_callers(
    database: Database, connection: Connection, recordings: Path, now: datetime, batch: int
) -> int:
    """Talks in which nobody was confirmed; not as long as an alert or a task of one is open."""
    ids = connection.scalars(
        select(Conversation.id)
        .where(
            Conversation.patient_id.is_(None),
            Conversation.state.not_in(GOING_ON),
            Conversation.updated_at < cutoff("unknown_callers", now),
            ~exists().where(Alert.conversation_id == Conversation.id, Alert.state == "open"),
            ~exists().where(Task.conversation_id == Conversation.id, Task.state == "open"),
        )
        .limit(batch)
    ).all()
    if ids:
        talks = select(Conversation.id).where(Conversation.id.in_(ids))
        delete_talks(database, connection, talks, [], recordings, now)
    return len(ids)


def _messages(database: Database, connection: Connection, recordings: Path, now: datetime, batch: int) -> int:
    """Its sound went before: one whose sound is still here, or at the carrier, waits."""
    return _delete(
        connection, Message, batch, Message.at < cutoff("messages", now), Message.recording.is_(None)
    )


def _tasks(database: Database, connection: Connection, recordings: Path, now: datetime, batch: int) -> int:
    return _delete(connection, Task, batch, Task.state == "done", Task.done_at < cutoff("tasks", now))


def _outbox(database: Database, connection: Connection, recordings: Path, now: datetime, batch: int) -> int:
    return _delete(
        connection,
        OutboxRow,
        batch,
        OutboxRow.status.in_(ENDED),
        OutboxRow.created_at < cutoff("outbox", now),
    )


def _status_events(
    database: Database, connection: Connection, recordings: Path, now: datetime, batch: int
) -> int:
    return _delete(connection, StatusEvent, batch, StatusEvent.at < cutoff("status_events", now))


def _identity_tries(
    database: Database, connection: Connection, recordings: Path, now: datetime, batch: int
) -> int:
    return _delete(connection, IdentityTry, batch, IdentityTry.at < cutoff("identity_tries", now))


def _delete(connection: Connection, table: Any, batch: int, *where: Any) -> int:
    ids = connection.scalars(select(table.id).where(*where).limit(batch)).all()
    connection.execute(delete(table).where(table.id.in_(ids)))
    return len(ids)


STEPS = {
    "sounds": _sounds,
    "messages": _messages,
    "turns": _turns,
    "unknown_callers": _unknown_callers,
    "tasks": _tasks,
    "outbox": _outbox,
    "status_events": _status_events,
    "identity_tries": _identity_tries,
}
"""In this order: a talk's words go before the talk."""
