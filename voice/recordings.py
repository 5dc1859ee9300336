"""Spoken messages after the call: fetched, kept, deleted at the carrier, put into words. Never in a web request.

Each piece of work is a row of the outbox and may be done twice: the second time finds it done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select, update

from care import alerts, audit, outbox, sounds, tasks, unreached
from care.occasion import Occasion
from carriers import CarrierError, Gone, TooLarge
from conversation.house import House
from dialogue import controls
from dialogue.said import Said
from records.clinics import Clinic
from records.conversations import Conversation
from records.messages import Message
from voice.recognition import Transcript

logger = logging.getLogger(__name__)
BATCH = 5
Transcribe = Callable[[bytes, str], Transcript]


def work_due(house: House, transcribe: Transcribe) -> int:
    """Do what is due with recordings. Returns how many pieces of work were taken."""
    rows = outbox.claim(house.database, "speech", house.now(), BATCH)
    for row in rows:
        try:
            _work(house, row, transcribe)
        except CarrierError as error:
            _again(house, row, str(error))
        except Exception as error:
            # One recording that can't be worked on holds up no other. Its words may be in the error.
            logger.error("recording of outbox row %s: %s", row.id, type(error).__name__)
            _again(house, row, type(error).__name__)
    return len(rows)


def _again(house: House, row: Any, why: str) -> None:
    with house.database.writing() as connection:
        unreached.again(house.database, connection, row, why, house.now())


def _work(house: House, row: Any, transcribe: Transcribe) -> None:
    match row.channel:
        case "fetch":
            _fetch(house, row)
        case "transcribe":
            _transcribe(house, row, transcribe)
        case "delete":
            _delete(house, row)


def _fetch(house: House, row: Any) -> None:
    """From the carrier's own host, by id; only when it is stored and can be read is it deleted there."""
    message = row.facts["message"]
    try:
        sound = house.carrier.fetch_recording(row.facts["recording"])
    except (Gone, TooLarge) as error:
        _unfetchable(house, row, str(error))
        return
    with house.database.writing() as connection:
        if not _is_there(connection, row):
            return  # nor is the row, whose id may be another's as well
        sounds.store(house.settings.recordings_dir, message, sound)
        connection.execute(
            update(Message).where(Message.id == message, Message.state == "recorded").values(state="stored")
        )
        for work in ("transcribe", "delete"):
            outbox.put(
                house.database,
                connection,
                key=f"recording:{row.facts['recording']}:{work}",
                kind="recording",
                channel=work,
                clinic_id=row.clinic_id,
                now=house.now(),
                facts=row.facts,
            )
        outbox.mark(connection, row.id, "delivered")


def _is_there(connection: Connection, row: Any) -> bool:
    """Is the message still there? It is until this write is over, then. It may have been deleted while the sound was
    fetched or listened to, and its id be another's by now.
    """
    message = select(Message.id).where(
        Message.id == row.facts["message"], Message.recording == row.facts["recording"]
    )
    return connection.execute(message.with_for_update()).first() is not None


def _transcribe(house: House, row: Any, transcribe: Transcribe) -> None:
    message_id = row.facts["message"]
    with house.database.reading() as connection:
        asked = select(Message.language, Message.state).where(Message.id == message_id)
        language, state = connection.execute(asked).one()
    heard = transcribe(sounds.sound_of(house.settings.recordings_dir, message_id), language)
    with house.database.writing() as connection:
        if not _is_there(connection, row):
            return  # nor is the row, whose id may be another's as well
        connection.execute(
            update(Message)
            .where(Message.id == message_id)
            .values(
                text=heard.text,
                confidence=heard.confidence,
                recogniser=heard.recogniser,
                listen=heard.doubtful,
                state="ready",
            )
        )
        message = connection.execute(select(Message.__table__).where(Message.id == message_id)).one()
        on = _occasion(house, connection, message)
        if state != "ready":  # done again, it is the same change
            _note(on, message_id)
        meant = controls.asked_for(
            Said(transcript=heard.text), house.languages[language], house.languages.values()
        )
        if meant == controls.DANGER:
            alerts.raise_alert(on, "words_of_danger", "emergency", None)
        if meant == controls.STOP:  # heard by a machine: a person makes sure, and does it
            tasks.make_in_turn(on, "asked_to_stop", True, message=message_id)
        if heard.doubtful:
            tasks.make_in_turn(on, "listen_to_message", True, message=message_id, why=heard.doubtful)
        outbox.mark(connection, row.id, "delivered")


def _note(on: Occasion, message: int) -> None:
    audit.note(
        on.database,
        on.connection,
        by="worker",
        did="put_message_into_words",
        now=on.now,
        clinic_id=on.clinic_id,
        patient_id=on.patient_id,
        about=f"message:{message}",
    )


def _delete(house: House, row: Any) -> None:
    house.carrier.delete_recording(row.facts["recording"])
    with house.database.writing() as connection:
        connection.execute(
            update(Message).where(Message.id == row.facts["message"]).values(erased_at_carrier=True)
        )
        outbox.mark(connection, row.id, "delivered")


def _unfetchable(house: House, row: Any, why: str) -> None:
    message_id = row.facts["message"]
    with house.database.writing() as connection:
        lost = connection.execute(
            update(Message)
            .where(Message.id == message_id, Message.state == "recorded")
            .values(state="unfetchable", listen=why)
        )
        if lost.rowcount == 0:  # fetched before, and deleted there since
            outbox.mark(connection, row.id, "delivered")
            return
        message = connection.execute(select(Message.__table__).where(Message.id == message_id)).one()
        on = _occasion(house, connection, message)
        tasks.make_in_turn(on, "message_lost", True, message=message_id, why=why)
        outbox.mark(connection, row.id, "failed", why)


def _occasion(house: House, connection: Any, message: Any) -> Occasion:
    """The conversation that a message was left in, for the alert or task that it gives rise to."""
    row = connection.execute(
        select(Conversation.number_hash, Conversation.turn, Clinic.line, Clinic.emergency_number)
        .join(Clinic, Clinic.id == Conversation.clinic_id)
        .where(Conversation.id == message.conversation_id)
    ).one()
    return Occasion(
        house.database,
        connection,
        house.now(),
        message.clinic_id,
        row.line,
        row.emergency_number,
        message.conversation_id,
        row.turn,
        "recording",
        message.number,
        row.number_hash,
        message.language,
        None,
        message.patient_id,
    )
