"""Patients, how they are reached, who speaks for them, and the programmes that they are in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.sql.expression import ColumnElement

from clinic.finding.slices import MOST, Slice, newest
from records.patients import Consent, Contact, Enrolment, Patient, PatientNumber, Proxy

CONSENTS_SHOWN = 100


def patients(
    connection: Connection,
    clinic_id: int,
    before: int | None = None,
    most: int = MOST,
    status: str = "active",
    sought: ColumnElement[bool] | None = None,
) -> Slice:
    """A clinic's patients, those added last first: names are sealed, so the database can't sort by them."""
    query = select(Patient.__table__).where(Patient.clinic_id == clinic_id, Patient.status == status)
    if sought is not None:
        query = query.where(sought)
    return newest(connection, query, Patient.id, before, most)


def patient(connection: Connection, clinic_id: int, patient_id: int) -> Row[Any] | None:
    return connection.execute(
        select(Patient.__table__).where(Patient.id == patient_id, Patient.clinic_id == clinic_id)
    ).first()


def numbers(connection: Connection, clinic_id: int, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """The numbers of these patients as they are tried, each with what is remembered of it."""
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
        .order_by(PatientNumber.rank, PatientNumber.id)
    ).all()


def proxies(connection: Connection, clinic_id: int, ids: Sequence[int]) -> Sequence[Row[Any]]:
    return connection.execute(
        select(Proxy.__table__)
        .where(Proxy.clinic_id == clinic_id, Proxy.patient_id.in_(ids))
        .order_by(Proxy.id)
    ).all()


def consents(
    connection: Connection, clinic_id: int, patient_id: int, number_hashes: Sequence[str]
) -> Sequence[Row[Any]]:
    """Every word of consent of hers, or of whoever holds her numbers, the latest first."""
    return connection.execute(
        select(Consent.__table__)
        .where(
            Consent.clinic_id == clinic_id,
            or_(
                Consent.patient_id == patient_id,
                and_(Consent.patient_id.is_(None), Consent.number_hash.in_(number_hashes)),
            ),
        )
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(CONSENTS_SHOWN)
    ).all()


def enrolments(connection: Connection, clinic_id: int, ids: Sequence[int], today: date) -> Sequence[Row[Any]]:
    """The programmes of these patients that have not ended."""
    return connection.execute(
        select(Enrolment.__table__)
        .where(Enrolment.clinic_id == clinic_id, Enrolment.patient_id.in_(ids), Enrolment.ends_on >= today)
        .order_by(Enrolment.id)
    ).all()
