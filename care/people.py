"""Whom a number may belong to, what is remembered of it, and who was confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select, update

from care.occasion import Occasion
from care.rules.identity import MOST_TRIES
from records.base import table_of
from records.conversations import Conversation
from records.patients import Contact, Enrolment, IdentityTry, Patient, PatientNumber

_patients, _numbers, _enrolments, _contacts, _tries = map(
    table_of, (Patient, PatientNumber, Enrolment, Contact, IdentityTry)
)
PEOPLE = (
    select(_patients.c.id, _patients.c.birth_date, _enrolments.c.programme, _enrolments.c.limits)
    .select_from(_numbers)
    .join(_patients, _patients.c.id == _numbers.c.patient_id)
    .join(
        _enrolments,
        and_(
            _enrolments.c.patient_id == _patients.c.id,
            _enrolments.c.starts_on <= bindparam("today"),
            _enrolments.c.ends_on >= bindparam("today"),
        ),
        isouter=True,
    )
    .where(_numbers.c.clinic_id == bindparam("clinic"), _numbers.c.number_hash == bindparam("number_hash"))
)
CONTACT = select(_contacts.c.language, _contacts.c.opted_out_at, _contacts.c.wrong_person_at).where(
    _contacts.c.clinic_id == bindparam("clinic"), _contacts.c.number_hash == bindparam("number_hash")
)
WRONG_TRIES = select(func.count()).where(
    _tries.c.clinic_id == bindparam("clinic"),
    _tries.c.number_hash == bindparam("number_hash"),
    _tries.c.at > bindparam("since"),
    _tries.c.succeeded.is_(False),
)
CONFIRM = (
    table_of(Conversation)
    .update()
    .where(table_of(Conversation).c.id == bindparam("conversation"))
    .values(patient_id=bindparam("patient"))
)
NOTE_TRY = _tries.insert()
"""Made once: building a statement costs more than running it."""


def people_at(
    connection: Connection, clinic_id: int, number_hash: str, now: datetime
) -> list[dict[str, Any]]:
    """Everyone registered at a number, with the programme she is in today. One query."""
    rows = connection.execute(PEOPLE, {"clinic": clinic_id, "number_hash": number_hash, "today": now.date()})
    return [row._asdict() for row in rows]


def contact(connection: Connection, clinic_id: int, number_hash: str) -> Any:
    """The language, stop and wrong-person marks of a number, or None where nothing is remembered."""
    return connection.execute(CONTACT, {"clinic": clinic_id, "number_hash": number_hash}).first()


def language_at(connection: Connection, clinic_id: int, number_hash: str) -> str | None:
    """The one language that everyone registered at a number has, or None."""
    spoken = connection.scalars(
        select(Patient.language)
        .join(PatientNumber, PatientNumber.patient_id == Patient.id)
        .where(PatientNumber.clinic_id == clinic_id, PatientNumber.number_hash == number_hash)
        .distinct()
    ).all()
    return spoken[0] if len(spoken) == 1 else None


def remember(on: Occasion, **values: Any) -> None:
    """Set what is remembered of this number. Of a withheld one nothing is: many people call with it."""
    if not on.number:
        return
    key = {"clinic_id": on.clinic_id, "number_hash": on.number_hash}
    on.connection.execute(on.database.insert_once(Contact).values(**key))
    on.connection.execute(update(Contact).filter_by(**key).values(**values))


def confirm(on: Occasion, patient: int) -> None:
    """From here on this conversation is hers."""
    on.patient_id = patient
    on.connection.execute(CONFIRM, {"conversation": on.conversation_id, "patient": patient})
    _note_try(on, patient, succeeded=True)


def note_wrong(on: Occasion) -> None:
    _note_try(on, None, succeeded=False)


def is_locked(connection: Connection, clinic_id: int, number_hash: str, now: datetime) -> bool:
    """Were there too many wrong birth dates from this number within a day?"""
    since = now - timedelta(days=1)
    wrong = connection.scalar(WRONG_TRIES, {"clinic": clinic_id, "number_hash": number_hash, "since": since})
    return (wrong or 0) >= MOST_TRIES


def _note_try(on: Occasion, patient: int | None, *, succeeded: bool) -> None:
    on.connection.execute(
        NOTE_TRY,
        {
            "clinic_id": on.clinic_id,
            "number_hash": on.number_hash,
            "patient_id": patient,
            "succeeded": succeeded,
            "at": on.now,
        },
    )
