"""Patients, how they are reached, and the programmes that they are in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, select
from sqlalchemy.engine import Row

from clinic.finding.slices import MOST, Slice, newest
from records.patients import Contact, Enrolment, Patient, PatientNumber


def patients(connection: Connection, clinic_id: int, before: int | None = None, most: int = MOST) -> Slice:
    """A clinic's patients, those added last first: names are sealed, so the database can't sort by them."""
    return newest(
        connection, select(Patient.__table__).where(Patient.clinic_id == clinic_id), Patient.id, before, most
    )


def patient(connection: Connection, clinic_id: int, patient_id: int) -> Row[Any] | None:
    return connection.execute(
        select(Patient.__table__).where(Patient.id == patient_id, Patient.clinic_id == clinic_id)
    ).first()


def numbers(connection: Connection, clinic_id: int, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """The numbers of these patients, each with what is remembered of it: stop, wrong person."""
    return connection.execute(
        select(PatientNumber.__table__, Contact.opted_out_at, Contact.blocked_at, Contact.wrong_person_at)
        .join(
            Contact,
            and_(
                Contact.clinic_id == PatientNumber.clinic_id, Contact.number_hash == PatientNumber.number_hash
            ),
            isouter=True,
        )
        .where(PatientNumber.clinic_id == clinic_id, PatientNumber.patient_id.in_(ids))
        .order_by(PatientNumber.id)
    ).all()


def enrolments(connection: Connection, clinic_id: int, ids: Sequence[int], today: date) -> Sequence[Row[Any]]:
    """The programmes of these patients that have not ended."""
    return connection.execute(
        select(Enrolment.__table__)
        .where(Enrolment.clinic_id == clinic_id, Enrolment.patient_id.in_(ids), Enrolment.ends_on >= today)
        .order_by(Enrolment.id)
    ).all()
