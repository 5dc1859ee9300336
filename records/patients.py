"""Patients, their numbers, proxies and programmes, and what is remembered of a number whoever holds it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedJson, SealedText

NUMBERED = text("record_number_hash IS NOT NULL")
LOCKED = text("lifted_at IS NULL")


class Patient(Base):
    """`status`: *active*, *closed* (no longer with the clinic), *merged* (she is `merged_into` now)."""

    __tablename__ = "patients"
    __table_args__ = (
        Index(
            "uq_patients_record_number",
            "clinic_id",
            "record_number_hash",
            unique=True,
            sqlite_where=NUMBERED,
            postgresql_where=NUMBERED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    name: Mapped[str] = mapped_column(SealedText)
    birth_date: Mapped[str] = mapped_column(SealedText)
    """ISO 8601."""
    language: Mapped[str]
    """The one she wants to be spoken to in."""
    other_languages: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Others that she understands, the best first."""
    interpreter: Mapped[str | None]
    """The language for which a visit needs an interpreter, or nothing where none is needed."""
    timezone: Mapped[str]
    state: Mapped[str | None]
    """Where she lives, for a clinician's licence: a state's two letters (MA)."""
    address: Mapped[str | None] = mapped_column(SealedText)
    """Where help would find her, told to the staff in an emergency."""
    record_number: Mapped[str | None] = mapped_column(SealedText)
    """Her number in the clinic's own records."""
    record_number_hash: Mapped[str | None]
    pin_hash: Mapped[str | None] = mapped_column(SealedText)
    """A salted hash of her PIN, where she wants one: then a birth date alone confirms nobody."""
    safe_contact: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    """When, at which number and under which name she may be reached: care.rules.safe_contact reads it."""
    own_topics: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """An adolescent's own confidences: topics of which no proxy hears or speaks."""
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    closed_at: Mapped[datetime | None]
    merged_into: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


class PatientNumber(Base):
    """A number at which a patient may be reached. It finds candidates, never a person."""

    __tablename__ = "patient_numbers"
    __table_args__ = (Index("ix_patient_numbers_clinic_number", "clinic_id", "number_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    number: Mapped[str] = mapped_column(SealedText)
    number_hash: Mapped[str]
    kind: Mapped[str]
    """mobile, landline, or relay: reached through 711 by a person, never by a machine."""
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Others than her family use it too: a shelter's, a neighbour's, a pharmacy's."""
    text_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    """She does not talk by phone: no call goes there."""
    rank: Mapped[int] = mapped_column(default=0, server_default="0")
    """The lowest is tried first."""


class Proxy(Base):
    """Somebody who may speak for a patient: a parent, a carer. Confirmed by a birth date of their own."""

    __tablename__ = "proxies"
    __table_args__ = (Index("ix_proxies_clinic_number", "clinic_id", "number_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    name: Mapped[str] = mapped_column(SealedText)
    relation: Mapped[str]
    """parent, guardian, carer or other."""
    birth_date: Mapped[str] = mapped_column(SealedText)
    number: Mapped[str] = mapped_column(SealedText)
    number_hash: Mapped[str]
    language: Mapped[str]
    topics: Mapped[list[str]]
    """Of what they may hear and speak: words from care/rules/topics.yaml."""
    ends_on: Mapped[date | None]
    """A parent's word ends when the child comes of age."""
    created_at: Mapped[datetime]


class Consent(Base):
    """One word of consent, or its withdrawal: the latest for a topic and a channel counts. Never changed."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_patient", "patient_id", "topic", "channel", "at"),
        Index("ix_consents_number", "clinic_id", "number_hash", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    number_hash: Mapped[str | None]
    """Where the word was of a number, whoever holds it; a patient's own word holds for all her numbers."""
    topic: Mapped[str]
    channel: Mapped[str]
    """text, call, or any."""
    given: Mapped[bool]
    text_version: Mapped[str]
    """Which text it was given to, or by which word it was withdrawn."""
    language: Mapped[str]
    by: Mapped[str]
    """patient, proxy, carrier, import, or a member of staff's login."""
    at: Mapped[datetime]


class Enrolment(Base):
    """A patient in a programme of check-ins: she is asked while a consent to them stands (`Consent`)."""

    __tablename__ = "enrolments"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    programme: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date] = mapped_column(index=True)
    ask_at: Mapped[list[str]]
    """Local times of day, HH:MM."""
    limits: Mapped[dict[str, Any] | None]
    """Her own limits, where they differ from the programme's."""


class Contact(Base):
    """What is remembered of a number on a clinic's line: language, stop, a person who is not ours."""

    __tablename__ = "contacts"

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    number_hash: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str | None]
    opted_out_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    """The carrier takes no text for this number (21610): a voice way is left to everyone who shares it."""
    wrong_person_at: Mapped[datetime | None]


class IdentityTry(Base):
    """One try to say who is speaking, counted for the number and, where one was meant, the patient."""

    __tablename__ = "identity_tries"
    __table_args__ = (
        Index("ix_identity_tries_number", "clinic_id", "number_hash", "at"),
        Index("ix_identity_tries_patient", "patient_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    number_hash: Mapped[str]
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    succeeded: Mapped[bool]
    at: Mapped[datetime]


class IdentityLock(Base):
    """Nobody is confirmed by phone as this patient, or from this number, until staff lift the lock or it ends."""

    __tablename__ = "identity_locks"
    __table_args__ = (
        Index("ix_identity_locks_patient", "patient_id", sqlite_where=LOCKED, postgresql_where=LOCKED),
        Index(
            "ix_identity_locks_number",
            "clinic_id",
            "number_hash",
            sqlite_where=LOCKED,
            postgresql_where=LOCKED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    number_hash: Mapped[str | None]
    """One of the two: a patient, or a number whoever holds it."""
    locked_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """Nothing where only staff can lift it."""
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
