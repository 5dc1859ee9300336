"""Who can be visited, where and when: clinicians, places, hours, and the time of each that is taken.

Moments are UTC; wall times ("08:30") are those of the zone that stands beside them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import ForeignKey, Index, text, true
from sqlalchemy.orm import Mapped, mapped_column

from records.base import Base

FREE_MINUTES = {"audio": "free_minutes", "video": "free_minutes", "in_person": "room_minutes"}
"""The column that says for how long a start is free, by the kind of visit."""
FREE = {kind: text(f"{kind} AND {minutes} > 0") for kind, minutes in FREE_MINUTES.items()}
IN_A_ROOM = text("place_id IS NOT NULL")
UNIT_MINUTES = 5
"""Minutes in one unit of `Occupied`. A visit takes every unit that it touches."""
_UNIT_SECONDS = UNIT_MINUTES * 60


def unit_of(moment: datetime) -> int:
    """The unit in which an aware moment lies: units count from 1970 in UTC."""
    return int(moment.timestamp() // _UNIT_SECONDS)


def unit_after(moment: datetime) -> int:
    """The first unit that begins at or after a moment: those of a visit go up to the one after its end."""
    return -int(-moment.timestamp() // _UNIT_SECONDS)


def moment_of(unit: int) -> datetime:
    """When a unit begins, in UTC."""
    return datetime.fromtimestamp(unit * _UNIT_SECONDS, UTC)


class Clinician(Base):
    """Somebody whom patients see. Not a patient: her name is plain."""

    __tablename__ = "clinicians"
    __table_args__ = (
        Index(
            "uq_clinicians_outside",
            "clinic_id",
            "outside_id",
            unique=True,
            sqlite_where=text("outside_id IS NOT NULL"),
            postgresql_where=text("outside_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    name: Mapped[str]
    """As it is said to patients: "Dr. Ana Silva"."""
    languages: Mapped[list[str]]
    """Those in which she sees patients without an interpreter."""
    states: Mapped[list[str]]
    """Where she is licensed: states' two letters (AMA H-480.969: the patient's state decides)."""
    timezone: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    outside_id: Mapped[str | None]
    """What the clinic's own schedule calls her."""


class Place(Base):
    """Where a visit can be: a *room* of the clinic, or a *hub*, a private phone elsewhere that can be booked."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    timezone: Mapped[str]
    address: Mapped[str | None]
    number: Mapped[str | None]
    """A hub's own phone, E.164: a visit there is called at it."""
    state: Mapped[str | None]
    """Whoever sits there is in this state: two letters."""
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class WorkingHours(Base):
    """Hours that come back every week; one day's extra hours begin and end on that day."""

    __tablename__ = "working_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinician_id: Mapped[int] = mapped_column(ForeignKey("clinicians.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    """The room in which she sees people then."""
    weekday: Mapped[int]
    """0 is Monday."""
    starts: Mapped[str]
    ends: Mapped[str]
    """Local wall times, HH:MM; the end is after the start on the same day."""
    step_minutes: Mapped[int]
    """A visit may begin every so many minutes."""
    visit_kinds: Mapped[list[str]]
    """Of audio, video, in_person."""
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class DayOff(Base):
    """Days, or hours of them, on which a clinician works not; where none is named, nobody of the clinic does."""

    __tablename__ = "days_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    clinician_id: Mapped[int | None] = mapped_column(ForeignKey("clinicians.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    starts: Mapped[str | None]
    ends: Mapped[str | None]
    """Wall times on each of these days; whole days where they are missing."""
    name: Mapped[str]
    outside_uid: Mapped[str | None]


class Opening(Base):
    """A start that can be offered, made ahead from the hours. What is free follows `Occupied`, which decides."""

    __tablename__ = "openings"
    __table_args__ = (
        # One for each kind, with all that is asked of a start: nobody is looked through for visits that she never has,
        # and no start is looked up that is too short. The kind is in it for SQLite, which asks for it again.
        *(
            Index(
                f"ix_openings_{kind}",
                "clinician_id",
                "unit",
                minutes,
                kind,
                sqlite_where=FREE[kind],
                postgresql_where=FREE[kind],
            )
            for kind, minutes in FREE_MINUTES.items()
        ),
        Index("ix_openings_place", "place_id", "unit", sqlite_where=IN_A_ROOM, postgresql_where=IN_A_ROOM),
    )

    clinician_id: Mapped[int] = mapped_column(ForeignKey("clinicians.id"), primary_key=True)
    unit: Mapped[int] = mapped_column(primary_key=True)
    """The start as `Occupied` counts: starts lie on full units."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """When these hours end: no visit from here goes on later."""
    free_minutes: Mapped[int]
    """How long a visit that begins here may be, 0 where the clinician's time is taken."""
    room_minutes: Mapped[int]
    """How long a visit in person may be: as `free_minutes`, and no longer than the room is free."""
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    audio: Mapped[bool]
    video: Mapped[bool]
    in_person: Mapped[bool]


class Occupied(Base):
    """A unit of time of somebody or something that a visit has: nobody gets it twice, however long visits are.

    `resource` is `clinician:3`, `place:7` or `patient:12`; `unit` counts UNIT_MINUTES since 1970 in UTC.
    Inserted in the order of the key, so that two who book at once wait for each other and never in a circle.
    """

    __tablename__ = "occupied"

    resource: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
