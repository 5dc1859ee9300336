"""The wait list: who waits since when and for what, and what was offered meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from clinic.finding.slices import MOST, Slice
from records.appointments import Appointment, SlotOffer, Waiting
from records.patients import Patient
from records.scheduling import Clinician


def waiting(connection: Connection, clinic_id: int, after: int | None = None, most: int = MOST) -> Slice:
    """Those who wait, whoever has waited longest first; `after` is the place in the list from which it goes on."""
    rows = connection.execute(
        select(
            Waiting.__table__,
            Patient.name,
            Patient.language,
            Clinician.name.label("clinician_name"),
            Appointment.starts_at.label("visit_at"),
            Appointment.ends_at.label("visit_ends_at"),
        )
        .join(Patient, Patient.id == Waiting.patient_id)
        .join(Clinician, Clinician.id == Waiting.clinician_id, isouter=True)
        .join(Appointment, Appointment.id == Waiting.appointment_id, isouter=True)
        .where(Waiting.clinic_id == clinic_id, Waiting.state == "waiting")
        .where(*([Waiting.id > after] if after is not None else []))
        .order_by(Waiting.id)
        .limit(most + 1)
    ).all()
    return Slice(rows[:most], str(rows[most - 1].id) if len(rows) > most else None)


def offers(connection: Connection, clinic_id: int, rows: Sequence[Any]) -> Mapping[int, Sequence[Any]]:
    """What was offered to each of these, the latest first, by the id on the list. One query."""
    found: dict[int, list[Any]] = {row.id: [] for row in rows}
    if not found:
        return found
    made = connection.execute(
        select(SlotOffer.__table__, Clinician.name.label("clinician_name"))
        .join(Clinician, Clinician.id == SlotOffer.clinician_id)
        .where(SlotOffer.clinic_id == clinic_id, SlotOffer.waiting_id.in_(found))
        .order_by(SlotOffer.id.desc())
    )
    for offer in made:
        found[offer.waiting_id].append(offer)
    return found
