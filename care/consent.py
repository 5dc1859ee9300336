"""What somebody agrees to or wants no more of: written down for good, honoured at once, for all that waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select, update

from care import audit, outbox, people, reach, readings, tasks
from care.occasion import Occasion
from care.reminders import due
from care.rules import consent
from care.rules.consent import ANY, CHANNELS, EVERYTHING
from care.rules.kinds import kinds
from records import Database
from records.base import table_of
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Consent, Contact, Patient, PatientNumber

_consents, _patients, _numbers = map(table_of, (Consent, Patient, PatientNumber))
_CLINIC: BindParameter[Any] = bindparam("clinic")
_HASH: BindParameter[Any] = bindparam("number_hash")
ADD = _consents.insert()
WHOSE_ALONE = select(_numbers.c.patient_id).where(
    _numbers.c.clinic_id == _CLINIC, _numbers.c.number_hash == _HASH, _numbers.c.shared.is_(False)
)
WHO_SAID_IT_HERE = (
    select(_consents.c.patient_id)
    .where(
        _consents.c.clinic_id == _CLINIC,
        _consents.c.number_hash == _HASH,
        _consents.c.patient_id.is_not(None),
    )
    .distinct()
)
"""Made once: building a statement costs more than running it."""


def opt_out(on: Occasion, topic: str = EVERYTHING) -> None:
    """No more automatic calls or texts to this number (47 CFR 64.1200: by any reasonable means, at once).

    Whoever has this number for herself alone is reached by no other number of hers either; where
    others share it, it speaks for itself only. Of a withheld number nothing can be remembered: a
    person looks.
    """
    if on.number:
        whose = set(on.connection.scalars(WHOSE_ALONE, _number(on)))
        _write(on, whose | ({on.patient_id} - {None}), topic, given=False, text_version="STOP")
        if topic == EVERYTHING:
            people.remember(on, opted_out_at=on.now)
            _close_open_texts(on)
        _drop_waiting(on, topic, consent.STOPPED if topic == EVERYTHING else consent.WITHDRAWN, whose)
    tasks.make_in_turn(on, "opted_out", False, topic=topic)


def agree(on: Occasion, topic: str, text_version: str) -> None:
    """She, or who speaks for her, said yes to a text in a turn: for herself, and for the number that she uses."""
    if on.patient_id is None or consent.texts()[text_version]["topic"] != topic:
        raise ValueError("nobody is confirmed here, or the text is of another topic")
    _write(on, {on.patient_id}, topic, given=True, text_version=text_version)
    due.put_anew(on.database, on.connection, [on.patient_id], on.now)


def opt_in(on: Occasion) -> None:
    """What this number, and those whom it spoke for and still is of, stopped altogether begins again.

    Numbers are given to other people: one that is nobody's here any more, or was said to be somebody else's, takes
    back its own word alone. The carrier's block ends only by a text: it takes that for itself too.
    """
    if not on.number:
        return
    said = set(on.connection.scalars(WHO_SAID_IT_HERE, _number(on)))
    _write(on, said & {*_still_of(on), on.patient_id}, EVERYTHING, given=True, text_version="START")
    unblocked = {"blocked_at": None} if on.channel == "text" else {}
    people.remember(on, opted_out_at=None, **unblocked)
    due.put_anew(on.database, on.connection, _still_of(on), on.now)


def _still_of(on: Occasion) -> list[int]:
    known = people.contact(on.connection, on.clinic_id, on.number_hash)
    if known is not None and known.wrong_person_at is not None:
        return []
    return people.candidates_at(on.connection, on.clinic_id, on.number_hash)


def wrong_person(on: Occasion) -> None:
    """Numbers are given to other people: nothing more goes there until a person has looked."""
    people.remember(on, wrong_person_at=on.now)
    _drop_waiting(on, EVERYTHING, "wrong person", ())
    _close_open_texts(on)
    whose = people.candidates_at(on.connection, on.clinic_id, on.number_hash) if on.number else []
    tasks.make_in_turn(on, "wrong_person", True, patients=whose)
    audit.note_in_turn(on, "wrong person", "number")


def block(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    number: str,
    number_hash: str,
    now: datetime,
) -> None:
    """The carrier takes no text for this number (21610): for none who shares it. One task names them all."""
    if not _is_new_block(database, connection, clinic_id, number_hash, now):
        return
    row = {"clinic_id": clinic_id, "number_hash": number_hash, "topic": EVERYTHING, "channel": "text"}
    said = {"given": False, "text_version": "21610", "language": "en", "by": "carrier", "at": now}
    connection.execute(ADD, {**row, **said, "patient_id": None})
    whose = people.candidates_at(connection, clinic_id, number_hash)
    tasks.make(
        database,
        connection,
        key=f"text_blocked:{clinic_id}:{number_hash}:{now.isoformat(timespec='seconds')}",
        clinic_id=clinic_id,
        reason="text_blocked",
        same_day=True,
        now=now,
        patient_id=whose[0] if len(whose) == 1 else None,
        details={"number": number, "patients": whose},
    )


def withdraw_by_staff(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    topic: str,
    channel: str,
    by: str,
    now: datetime,
) -> bool:
    """She told somebody at the clinic: at once, at all her numbers. `topic` may be "everything", `channel` "any".

    False where she is no patient of this clinic. Raises ValueError for a topic or channel that there is not.
    """
    if topic not in (EVERYTHING, *consent.topics()) or channel not in (ANY, *CHANNELS):
        raise ValueError("no such topic or channel")
    language = _language_of(connection, clinic_id, patient_id)
    if language is None:
        return False
    said = {"topic": topic, "channel": channel, "given": False, "text_version": "staff", "language": language}
    connection.execute(ADD, _row(clinic_id, patient_id, None, by, now, said))
    _cancel(
        connection,
        consent.STOPPED if topic == EVERYTHING else consent.WITHDRAWN,
        topic,
        channel,
        OutboxRow.patient_id == patient_id,
    )
    audit.note(
        database,
        connection,
        by=by,
        did="withdrew consent",
        now=now,
        clinic_id=clinic_id,
        patient_id=patient_id,
        about=f"{topic},{channel}",
    )
    return True


def give_by_staff(
    database: Database,
    connection: Connection,
    *,
    clinic_id: int,
    patient_id: int,
    topic: str,
    channel: str,
    by: str,
    now: datetime,
    text_version: str,
    language: str,
) -> bool:
    """She agreed to a text that somebody read to her, in a language. A number's own STOP stays until its START.

    False where she is no patient of this clinic. Raises ValueError for a topic, channel or text that there
    is not, or a text of another topic or in no such language.
    """
    text = consent.texts().get(text_version)
    if topic not in consent.topics() or channel not in (ANY, *CHANNELS):
        raise ValueError("no such topic or channel")
    if text is None or text["topic"] != topic or language not in text["texts"]:
        raise ValueError("no such text for this topic and language")
    if _language_of(connection, clinic_id, patient_id) is None:
        return False
    said = {
        "topic": topic,
        "channel": channel,
        "given": True,
        "text_version": text_version,
        "language": language,
    }
    connection.execute(ADD, _row(clinic_id, patient_id, None, by, now, said))
    due.put_anew(database, connection, [patient_id], now)
    audit.note(
        database,
        connection,
        by=by,
        did="gave consent",
        now=now,
        clinic_id=clinic_id,
        patient_id=patient_id,
        about=f"{topic},{channel}",
    )
    return True


def topics_given_at(connection: Connection, clinic_id: int, number_hash: str, now: datetime) -> list[str]:
    """What there is to stop at a number: the topics to which anybody there has agreed."""
    whose = people.candidates_at(connection, clinic_id, number_hash)
    found = reach.people(connection, whose, now).values()
    given = {topic for her in found for topic in consent.topics_given(her.words)}
    return [topic for topic in consent.topics() if topic in given]


def _write(
    on: Occasion, patients: Iterable[int | None], topic: str, *, given: bool, text_version: str
) -> None:
    """A word of the number, and of those for whom it speaks."""
    said = {
        "topic": topic,
        "channel": ANY,
        "given": given,
        "text_version": text_version,
        "language": on.language,
    }
    by = "patient" if on.proxy_id is None else "proxy"
    whose: list[int | None] = [None, *sorted(one for one in patients if one is not None)]
    on.connection.execute(
        ADD, [_row(on.clinic_id, patient, on.number_hash, by, on.now, said) for patient in whose]
    )
    for patient in whose:
        if patient is not None:
            audit.note(
                on.database,
                on.connection,
                by="caller" if on.patient_id is None else by,
                did="gave consent" if given else "withdrew consent",
                now=on.now,
                clinic_id=on.clinic_id,
                patient_id=patient,
                about=f"{topic},{ANY}",
            )


def _row(
    clinic: int, patient: int | None, number_hash: str | None, by: str, now: datetime, said: dict[str, Any]
) -> dict[str, Any]:
    return {
        "clinic_id": clinic,
        "patient_id": patient,
        "number_hash": number_hash,
        "by": by,
        "at": now,
        **said,
    }


def _number(on: Occasion) -> dict[str, Any]:
    return {"clinic": on.clinic_id, "number_hash": on.number_hash}


def _language_of(connection: Connection, clinic: int, patient: int) -> str | None:
    return connection.scalar(
        select(_patients.c.language).where(_patients.c.id == patient, _patients.c.clinic_id == clinic)
    )


def _drop_waiting(on: Occasion, topic: str, reason: str, patients: Iterable[int]) -> None:
    here = OutboxRow.number_hash == on.number_hash
    _cancel(
        on.connection,
        reason,
        topic,
        ANY,
        OutboxRow.clinic_id == on.clinic_id,
        here | OutboxRow.patient_id.in_(sorted(patients)),
    )


def _cancel(connection: Connection, reason: str, topic: str, channel: str, *where: Any) -> None:
    about = [
        kind.name
        for kind in kinds().values()
        if kind.to == "patient" and (topic == EVERYTHING or kind.topic == topic)
    ]
    channels = CHANNELS if channel == ANY else (channel,)
    outbox.cancel(connection, reason, OutboxRow.kind.in_(about), OutboxRow.channel.in_(channels), *where)


def _close_open_texts(on: Occasion) -> None:
    """A question of ours that is open there is asked no more; what may not wait reaches a person."""
    others = on.connection.scalars(
        select(Conversation.id).where(
            Conversation.clinic_id == on.clinic_id,
            Conversation.number_hash == on.number_hash,
            Conversation.channel == "text",
            Conversation.state == "open",
            Conversation.id != on.conversation_id,
        )
    ).all()
    for other in others:  # one at most: there is one open talk by text at a number
        on.connection.execute(update(Conversation).where(Conversation.id == other).values(state="closed"))
        readings.left_unconfirmed(
            replace(on, conversation_id=other, channel="text", patient_id=None, proxy_id=None)
        )


def _is_new_block(
    database: Database, connection: Connection, clinic_id: int, number_hash: str, now: datetime
) -> bool:
    key = {"clinic_id": clinic_id, "number_hash": number_hash}
    connection.execute(database.insert_once(Contact).values(**key))
    blocked = connection.execute(
        update(Contact).filter_by(**key).where(Contact.blocked_at.is_(None)).values(blocked_at=now)
    )
    return blocked.rowcount == 1
