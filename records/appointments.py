"""Visits that are booked, and those that are wanted: follow-ups asked for, the wait list, what it was offered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base
from records.sealing import SealedText

COMING = text("state IN ('booked', 'confirmed')")
ASKED = text("state = 'open'")
OUTSIDE = text("outside_uid IS NOT NULL")


class Appointment(Base):
    """One visit. `state`: *booked*, *confirmed* (she said that she comes), *called_off*, *missed*, *done*.

    A visit that is moved keeps its row: the start is another, and `sequence` one higher (as in iCalendar, RFC 5545
    3.8.7.4). Whatever goes out about it names both, so that it ends when they no longer agree.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_coming", "starts_at", sqlite_where=COMING, postgresql_where=COMING),
        Index("ix_appointments_changed", "changed_at", sqlite_where=COMING, postgresql_where=COMING),
        Index("ix_appointments_patient", "patient_id", "starts_at"),
        Index("ix_appointments_clinician", "clinician_id", "starts_at"),
        Index("ix_appointments_clinic", "clinic_id", "starts_at"),
        Index(
            "uq_appointments_outside",
            "clinic_id",
            "outside_uid",
            unique=True,
            sqlite_where=OUTSIDE,
            postgresql_where=OUTSIDE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    clinician_id: Mapped[int] = mapped_column(ForeignKey("clinicians.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    """The room, or the hub where she sits."""
    visit_kind: Mapped[str]
    """audio, video or in_person."""
    reason: Mapped[str]
    """A word of care/rules/visit_reasons.yaml."""
    words: Mapped[str | None] = mapped_column(SealedText)
    """Why she comes, as she said it herself."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str]
    """The zone whose wall time was meant: if its rules change, the wall time stays."""
    state: Mapped[str]
    interpreter: Mapped[str | None]
    """The language for which the visit needs an interpreter."""
    series: Mapped[str | None] = mapped_column(index=True)
    """Visits that were booked as one: every week, or every month."""
    outside_uid: Mapped[str | None]
    """What the clinic's own schedule calls it (iCalendar's UID, with its RECURRENCE-ID)."""
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    booked_by: Mapped[str]
    """patient, proxy, import, or a member of staff's login."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class FollowUp(Base):
    """A visit that a clinician asks for, and the patient books: *open*, *booked*, *declined*, *closed*."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        Index("ix_follow_ups_patient", "patient_id", "state"),
        Index("ix_follow_ups_look_at", "look_at", sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    clinician_id: Mapped[int | None] = mapped_column(ForeignKey("clinicians.id"))
    """With whom; nobody is named where anybody may see her."""
    reason: Mapped[str]
    visit_kind: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    every: Mapped[str | None]
    """*week* or *month*: of a visit that comes back."""
    times: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[str]
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id", ondelete="SET NULL"))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    told: Mapped[int]
    """How often she was told."""
    look_at: Mapped[datetime | None]
    """When she is told once more, or a person looks, where she has not booked."""


class Waiting(Base):
    """Somebody who wants a visit, or an earlier one: *waiting*, *booked*, *left*."""

    __tablename__ = "wait_list"
    __table_args__ = (Index("ix_wait_list_clinic", "clinic_id", "state", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id", ondelete="SET NULL"))
    """The visit that she has already, and would move."""
    clinician_id: Mapped[int | None] = mapped_column(ForeignKey("clinicians.id"))
    reason: Mapped[str]
    visit_kind: Mapped[str]
    minutes: Mapped[int]
    until_on: Mapped[date]
    """After this day she no longer waits."""
    state: Mapped[str]
    since: Mapped[datetime]


class SlotOffer(Base):
    """A freed time that was offered to somebody who waits: *open*, *taken*, *declined*, *too_late*."""

    __tablename__ = "slot_offers"
    __table_args__ = (
        Index("ix_slot_offers_open", "clinician_id", "starts_at", "state"),
        Index("uq_slot_offers", "waiting_id", "clinician_id", "starts_at", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    waiting_id: Mapped[int] = mapped_column(ForeignKey("wait_list.id", ondelete="CASCADE"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    clinician_id: Mapped[int] = mapped_column(ForeignKey("clinicians.id"))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    state: Mapped[str]
    offered_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """Until then it is hers to take; then the next one is asked."""
