"""A patient is deleted: on her request, or because her time is over. The audit's entries are all that stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, or_, select, union

from care import audit, outbox, sounds
from care.patient_tables import conversation_columns, patient_columns
from care.scheduling import leaving
from records import Database
from records.alerts import Alert
from records.base import Base, table_of
from records.conversations import Conversation
from records.messages import Message
from records.outbox import OutboxRow, StatusEvent
from records.patients import Patient, PatientNumber, Proxy

_conversations = table_of(Conversation)
NO_MESSAGE = 0
"""Stands for a message that is no more, where its sound is still to be deleted at the carrier."""


def delete_patient(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    recordings: Path,
    by: str,
    now: datetime,
) -> bool:
    """Delete her, whoever was merged into her, and everything of theirs. False where this clinic has no such patient.

    What was said from her numbers by somebody who was not confirmed goes too, unless others share the number.
    `recordings` is the folder of sounds: they go before the commit, so that no later message finds them.
    """
    hers = connection.scalars(
        select(Patient.id).where(
            Patient.clinic_id == clinic_id, or_(Patient.id == patient_id, Patient.merged_into == patient_id)
        )
    ).all()
    if patient_id not in hers:
        return False
    numbers = _only_hers(connection, clinic_id, hers)
    talks = select(_conversations.c.id).where(
        or_(
            _conversations.c.patient_id.in_(hers),
            and_(
                _conversations.c.clinic_id == clinic_id,
                _conversations.c.patient_id.is_(None),
                _conversations.c.number_hash.in_(numbers),
            ),
        )
    )
    leaving.free_all(database, connection, clinic_id, hers, now)
    delete_talks(database, connection, talks, hers, recordings, now)
    _delete_of_numbers(connection, clinic_id, numbers)
    connection.execute(delete(Patient).where(Patient.id.in_(hers)))
    audit.note(
        database, connection, by=by, did="deleted", now=now, clinic_id=clinic_id, patient_id=patient_id,
        about="patient",
    )  # fmt: skip
    return True


def delete_talks(
    database: Database,
    connection: Connection,
    talks: Select[Any],
    patients: Sequence[int],
    recordings: Path,
    now: datetime,
) -> None:
    """Delete conversations, what came of them, and all that refers to `patients`: children before parents."""
    rows = _sent_about(connection, talks, patients)
    # Calls to staff about her are talks of nobody's, begun by one of these rows, with her number in them.
    begun = and_(
        _conversations.c.outbox_id.in_(rows),
        or_(_conversations.c.patient_id.is_(None), _conversations.c.patient_id.in_(patients)),
    )
    talks = select(_conversations.c.id).where(or_(_conversations.c.id.in_(talks), begun))
    _delete_sounds(database, connection, talks, patients, recordings, now)
    carrier_ids = select(OutboxRow.carrier_id).where(
        OutboxRow.id.in_(rows), OutboxRow.carrier_id.is_not(None)
    )
    connection.execute(delete(StatusEvent).where(StatusEvent.carrier_id.in_(carrier_ids)))
    columns: list[tuple[Any, Any]] = [(column, talks) for column in conversation_columns()]
    columns += [(column, patients) for column in patient_columns()]
    for table in reversed(Base.metadata.sorted_tables):
        if found := [column.in_(of) for column, of in columns if column.table is table]:
            if table is _conversations:
                found.append(_conversations.c.id.in_(talks))
            connection.execute(table.delete().where(or_(*found)))
    connection.execute(delete(OutboxRow).where(OutboxRow.id.in_(rows)))


def _only_hers(connection: Connection, clinic_id: int, hers: Sequence[int]) -> list[str]:
    """Hashes of numbers, hers and her proxies', that nobody else of this clinic has."""
    mine, others = (
        set(
            connection.scalars(
                union(
                    *(
                        select(table.number_hash).where(
                            table.clinic_id == clinic_id,
                            table.patient_id.in_(hers) if is_hers else table.patient_id.not_in(hers),
                        )
                        for table in (PatientNumber, Proxy)
                    )
                )
            )
        )
        for is_hers in (True, False)
    )
    return sorted(mine - others)


def _delete_sounds(
    database: Database,
    connection: Connection,
    talks: Select[Any],
    patients: Sequence[int],
    recordings: Path,
    now: datetime,
) -> None:
    """The files here, and by the outbox whatever the carrier still has."""
    messages = connection.execute(
        select(Message.id, Message.clinic_id, Message.recording, Message.erased_at_carrier).where(
            or_(Message.conversation_id.in_(talks), Message.patient_id.in_(patients))
        )
    ).all()
    for message in messages:
        sounds.erase(recordings, message.id)
    spoken = [message for message in messages if message.recording]
    if spoken:
        keys = [
            f"recording:{one.recording}:{work}"
            for one in spoken
            for work in ("fetch", "transcribe", "delete")
        ]
        connection.execute(delete(OutboxRow).where(OutboxRow.key.in_(keys)))
    for message in spoken:
        if not message.erased_at_carrier:
            outbox.put(
                database, connection, key=f"recording:{message.recording}:delete", kind="recording",
                channel="delete", clinic_id=message.clinic_id, now=now,
                facts={"message": NO_MESSAGE, "recording": message.recording},
            )  # fmt: skip


def _sent_about(connection: Connection, talks: Select[Any], patients: Sequence[int]) -> list[int]:
    """Rows of the outbox to them or about them: these name a conversation or an alert without a key to it."""
    alerts = connection.scalars(
        select(Alert.id).where(or_(Alert.conversation_id.in_(talks), Alert.patient_id.in_(patients)))
    ).all()
    about = [key for alert in alerts for key in _rows_of_alert(alert)]
    found = connection.scalars(
        select(OutboxRow.id).where(
            or_(OutboxRow.conversation_id.in_(talks), OutboxRow.patient_id.in_(patients), *about)
        )
    )
    return list(found)


def _rows_of_alert(alert: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return OutboxRow.key == f"alert:{alert}", OutboxRow.key.startswith(f"alert:{alert}:")


def _delete_of_numbers(connection: Connection, clinic_id: int, numbers: Sequence[str]) -> None:
    """What is remembered of numbers that are nobody's now: found from the tables, since any may have such a column."""
    for table in reversed(Base.metadata.sorted_tables):
        if {"clinic_id", "number_hash"} <= set(table.c.keys()) and table is not _conversations:
            connection.execute(
                table.delete().where(table.c.clinic_id == clinic_id, table.c.number_hash.in_(numbers))
            )
