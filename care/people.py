"""Whom a number may belong to, what is remembered of it, and who was confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from care.occasion import Occasion
from care.rules.identity import MOST_TRIES
from records.conversations import Conversation
from records.patients import Contact, Enrolment, IdentityTry, Patient, PatientNumber


def people_at(
    connection: Connection, clinic_id: int, number_hash: str, now: datetime
) -> list[dict[str, Any]]:
    """Everyone registered at a number, with the programme she is in today. One query."""
    today = now.date()
    in_programme = and_(
        Enrolment.patient_id == Patient.id, Enrolment.starts_on <= today, Enrolment.ends_on >= today
    )
    rows = connection.execute(
        select(Patient.id, Patient.birth_date, Enrolment.programme, Enrolment.limits)
        .join(PatientNumber, PatientNumber.patient_id == Patient.id)
        .join(Enrolment, in_programme, isouter=True)
        .where(PatientNumber.clinic_id == clinic_id, PatientNumber.number_hash == number_hash)
    )
    return [row._asdict() for row in rows]


def contact(connection: Connection, clinic_id: int, number_hash: str) -> Any:
    """The language, stop and wrong-person marks of a number, or None where nothing is remembered."""
    return connection.execute(
        select(Contact.language, Contact.opted_out_at, Contact.wrong_person_at).where(
            Contact.clinic_id == clinic_id, Contact.number_hash == number_hash
        )
    ).first()


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
    on.connection.execute(
        update(Conversation).where(Conversation.id == on.conversation_id).values(patient_id=patient)
    )
    _note_try(on, patient, succeeded=True)


def note_wrong(on: Occasion) -> None:
    _note_try(on, None, succeeded=False)


def is_locked(connection: Connection, clinic_id: int, number_hash: str, now: datetime) -> bool:
    """Were there too many wrong birth dates from this number within a day?"""
    wrong = connection.scalar(
        select(func.count())
        .select_from(IdentityTry)
        .where(
            IdentityTry.clinic_id == clinic_id,
            IdentityTry.number_hash == number_hash,
            IdentityTry.at > now - timedelta(days=1),
            IdentityTry.succeeded.is_(False),
        )
    )
    return (wrong or 0) >= MOST_TRIES


def language_of(connection: Connection, clinic_id: int, number_hash: str) -> str | None:
    """The one language that everyone registered at a number shares, or None."""
    found = connection.scalars(
        select(Patient.language)
        .join(PatientNumber, PatientNumber.patient_id == Patient.id)
        .where(PatientNumber.clinic_id == clinic_id, PatientNumber.number_hash == number_hash)
        .distinct()
    ).all()
    return found[0] if len(found) == 1 else None


def _note_try(on: Occasion, patient: int | None, *, succeeded: bool) -> None:
    on.connection.execute(
        insert(IdentityTry).values(
            clinic_id=on.clinic_id,
            number_hash=on.number_hash,
            patient_id=patient,
            succeeded=succeeded,
            at=on.now,
        )
    )
