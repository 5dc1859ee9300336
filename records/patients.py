"""Patients, their numbers and programmes, and what is remembered of a number whoever holds it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedText


class Patient(Base):
    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    name: Mapped[str] = mapped_column(SealedText)
    birth_date: Mapped[str] = mapped_column(SealedText)
    """ISO 8601."""
    language: Mapped[str]
    timezone: Mapped[str]
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
    """mobile or landline."""


class Enrolment(Base):
    """A patient in a programme of check-ins, with her consent to be asked."""

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
    consented_at: Mapped[datetime | None]


class Contact(Base):
    """What is remembered of a number on a clinic's line: language, stop, a person who is not ours."""

    __tablename__ = "contacts"

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    number_hash: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str | None]
    opted_out_at: Mapped[datetime | None]
    wrong_person_at: Mapped[datetime | None]


class IdentityTry(Base):
    """One try to say who is speaking, counted for the number and, where one was meant, the patient."""

    __tablename__ = "identity_tries"
    __table_args__ = (Index("ix_identity_tries_number", "clinic_id", "number_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    number_hash: Mapped[str]
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    succeeded: Mapped[bool]
    at: Mapped[datetime]
