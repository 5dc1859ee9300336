"""Clinicians, their hours and days off, and the rooms and hubs of a clinic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, or_, select
from sqlalchemy.engine import Row

from care.scheduling.visits import COMING
from records.appointments import Appointment
from records.scheduling import Clinician, DayOff, Opening, Place, WorkingHours


def clinicians(connection: Connection, clinic_id: int) -> Sequence[Row[Any]]:
    """All of them, by name; those who are not active any more too."""
    return connection.execute(
        select(Clinician.__table__)
        .where(Clinician.clinic_id == clinic_id)
        .order_by(Clinician.active.desc(), Clinician.name, Clinician.id)
    ).all()


def clinician(connection: Connection, clinic_id: int, clinician_id: int) -> Row[Any] | None:
    return connection.execute(
        select(Clinician.__table__).where(Clinician.id == clinician_id, Clinician.clinic_id == clinic_id)
    ).one_or_none()


def hours(connection: Connection, clinic_id: int, since: date) -> Sequence[Row[Any]]:
    """Hours that hold on that day or later, of all clinicians, in the order of the week."""
    return connection.execute(
        select(WorkingHours.__table__, Place.name.label("place_name"))
        .join(Clinician, Clinician.id == WorkingHours.clinician_id)
        .join(Place, Place.id == WorkingHours.place_id, isouter=True)
        .where(
            Clinician.clinic_id == clinic_id,
            or_(WorkingHours.until_on.is_(None), WorkingHours.until_on >= since),
        )
        .order_by(WorkingHours.weekday, WorkingHours.starts, WorkingHours.from_on, WorkingHours.id)
    ).all()


def days_off(
    connection: Connection, clinic_id: int, since: date, until: date | None = None
) -> Sequence[Row[Any]]:
    """Of one clinician each, or of the whole clinic, that are not over on the day `since`."""
    query = (
        select(DayOff.__table__, Clinician.name.label("clinician_name"))
        .join(Clinician, Clinician.id == DayOff.clinician_id, isouter=True)
        .where(DayOff.clinic_id == clinic_id, DayOff.until_on >= since)
    )
    if until is not None:
        query = query.where(DayOff.from_on <= until)
    return connection.execute(query.order_by(DayOff.from_on, DayOff.id)).all()


def day_off(connection: Connection, clinic_id: int, day_off_id: int) -> Row[Any] | None:
    return connection.execute(
        select(DayOff.__table__, Clinician.name.label("clinician_name"))
        .join(Clinician, Clinician.id == DayOff.clinician_id, isouter=True)
        .where(DayOff.clinic_id == clinic_id, DayOff.id == day_off_id)
    ).one_or_none()


def places(connection: Connection, clinic_id: int) -> Sequence[Row[Any]]:
    """Rooms, then hubs, those that are not used any more last."""
    return connection.execute(
        select(Place.__table__)
        .where(Place.clinic_id == clinic_id)
        .order_by(Place.active.desc(), Place.kind.desc(), Place.name, Place.id)
    ).all()


def place(connection: Connection, clinic_id: int, place_id: int) -> Row[Any] | None:
    return connection.execute(
        select(Place.__table__).where(Place.id == place_id, Place.clinic_id == clinic_id)
    ).one_or_none()


def outside_hours(connection: Connection, clinic_id: int, now: datetime, until: datetime) -> Sequence[Any]:
    """Coming visits (clinician and start) that no hours hold any more; beyond `until` no starts are made."""
    held = (
        exists()
        .where(
            Opening.clinician_id == Appointment.clinician_id,
            Opening.starts_at <= Appointment.starts_at,
            Opening.ends_at >= Appointment.ends_at,
        )
        .correlate(Appointment)
    )
    query = select(Appointment.clinician_id, Appointment.starts_at).where(
        Appointment.clinic_id == clinic_id,
        Appointment.state.in_(COMING),
        Appointment.starts_at > now,
        Appointment.starts_at < until,
        ~held,
    )
    return connection.execute(query.order_by(Appointment.starts_at)).all()
