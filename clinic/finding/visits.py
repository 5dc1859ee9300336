"""Visits as staff see them: those of a day, and one patient's, with who comes to whom, where and by what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from care.scheduling.visits import COMING
from clinic.finding.slices import Slice, cut
from records.appointments import Appointment
from records.patients import Patient
from records.scheduling import Clinician, Place

PAST_SHOWN = 10
COMING_SHOWN = 50


def of_day(
    connection: Connection, clinic_id: int, begins: datetime, ends: datetime, clinician_id: int | None = None
) -> Slice:
    """Visits that begin from `begins` up to `ends`, in order, of one clinician where she is named."""
    query = _visits(clinic_id).where(Appointment.starts_at >= begins, Appointment.starts_at < ends)
    if clinician_id is not None:
        query = query.where(Appointment.clinician_id == clinician_id)
    return Slice(connection.execute(query.order_by(Appointment.starts_at, Appointment.id)).all())


def coming(connection: Connection, clinic_id: int, patient_id: int, now: datetime) -> Slice:
    """Hers that are booked and not over, the next one first."""
    query = _hers(clinic_id, patient_id).where(_is_coming(now)).order_by(Appointment.starts_at)
    return cut(connection.execute(query.limit(COMING_SHOWN + 1)).all(), COMING_SHOWN)


def past(connection: Connection, clinic_id: int, patient_id: int, now: datetime) -> Slice:
    """Hers that are over, were missed or called off, the latest first."""
    query = _hers(clinic_id, patient_id).where(~_is_coming(now)).order_by(Appointment.starts_at.desc())
    return cut(connection.execute(query.limit(PAST_SHOWN + 1)).all(), PAST_SHOWN)


def one(connection: Connection, clinic_id: int, patient_id: int, visit_id: int) -> Row[Any] | None:
    """Nothing where it is not this clinic's, or not hers."""
    return connection.execute(_hers(clinic_id, patient_id).where(Appointment.id == visit_id)).one_or_none()


def during(
    connection: Connection,
    clinic_id: int,
    when: Sequence[tuple[Sequence[int], Sequence[tuple[datetime, datetime]]]],
    now: datetime,
) -> Slice:
    """Coming visits of these clinicians that touch one of the spans that stand beside them."""
    touched = [
        and_(
            Appointment.clinician_id.in_(clinicians),
            or_(
                *(and_(Appointment.starts_at < ends, Appointment.ends_at > begins) for begins, ends in spans)
            ),
        )
        for clinicians, spans in when
        if clinicians and spans
    ]
    if not touched:
        return Slice([])
    query = _visits(clinic_id).where(_is_coming(now), or_(*touched))
    return Slice(connection.execute(query.order_by(Appointment.starts_at, Appointment.id)).all())


def _is_coming(now: datetime) -> Any:
    return and_(Appointment.state.in_(COMING), Appointment.ends_at > now)


def _hers(clinic_id: int, patient_id: int) -> Select[Any]:
    return _visits(clinic_id).where(Appointment.patient_id == patient_id)


def _visits(clinic_id: int) -> Select[Any]:
    return (
        select(
            Appointment.__table__,
            Patient.name,
            Patient.status.label("patient_status"),
            Clinician.name.label("clinician_name"),
            Place.name.label("place_name"),
            Place.kind.label("place_kind"),
            Place.number.label("place_number"),
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Clinician, Clinician.id == Appointment.clinician_id)
        .join(Place, Place.id == Appointment.place_id, isouter=True)
        .where(Appointment.clinic_id == clinic_id)
    )
