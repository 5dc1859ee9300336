"""A clinic with clinicians, hours and places, and short ways to book in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from care.scheduling import book_for, openings
from care.scheduling.book_for import Time
from care.scheduling.offers import Offer, Wanted, offers
from records.appointments import Appointment
from records.scheduling import Clinician, DayOff, Occupied, Opening, Place, WorkingHours, unit_after, unit_of
from tests.care.clinic import Clinic

MONDAY = date(2026, 11, 23)
"""Two days after the clinic's NOON, a Saturday. Boston is at UTC-5 then."""
ALL = ["audio", "video", "in_person"]


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    """A moment on the Monday (or so many days later), by Boston's clock, in UTC."""
    return datetime(2026, 11, 23, hour, tzinfo=UTC) + timedelta(days=day, hours=5, minutes=minute)


class Schedule:
    """Clinicians, hours and places of clinic 1, in its database."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.database = clinic.database

    def clinician(self, name: str = "Dr. Ana Silva", **values: Any) -> int:
        row = {"clinic_id": 1, "languages": ["en", "es"], "states": ["MA"], "timezone": "America/New_York"}
        return self._put(Clinician, name=name, **{**row, **values})

    def place(self, name: str = "Room 1", kind: str = "room", **values: Any) -> int:
        row = {"clinic_id": 1, "timezone": "America/New_York", "state": "MA"}
        return self._put(Place, name=name, kind=kind, **{**row, **values})

    def hours(
        self, clinician: int, starts: str = "09:00", ends: str = "12:00", *, weekdays: Sequence[int] = range(5),
        step: int = 15, kinds: Sequence[str] = ALL, place: int | None = None,
        from_on: date = date(2026, 11, 1), until_on: date | None = None,
    ) -> None:  # fmt: skip
        for weekday in weekdays:
            self._put(
                WorkingHours, clinician_id=clinician, place_id=place, weekday=weekday, starts=starts, ends=ends,
                step_minutes=step, visit_kinds=list(kinds), from_on=from_on, until_on=until_on,
            )  # fmt: skip

    def off(self, clinician: int | None, first: date, last: date | None = None, **span: str) -> None:
        self._put(
            DayOff,
            clinic_id=1,
            clinician_id=clinician,
            from_on=first,
            until_on=last or first,
            name="off",
            **span,
        )

    def make(self) -> int:
        return openings.make_ahead(self.database, self.clinic.now)

    def wanted(self, **values: Any) -> Wanted:
        """Rosa wants twenty minutes by phone, on any day of two weeks."""
        hers = Wanted(
            clinic_id=1, patient_id=self.clinic.patients["rosa"], minutes=20, visit_kind="audio", language="es",
            interpreter=False, state="MA", clinician_id=None, place_id=None, first_day=date(2026, 11, 21),
            last_day=date(2026, 12, 5), earliest=None, latest=None, timezone="America/New_York",
        )  # fmt: skip
        return replace(hers, **values)

    def offers(self, most: int = 3, **values: Any) -> list[Offer]:
        with self.database.reading() as connection:
            return offers(connection, self.wanted(**values), self.clinic.now, most)

    def book(
        self, clinician: int, starts_at: datetime, minutes: int = 20, *, who: str = "rosa", kind: str = "audio",
        place: int | None = None, in_hours: bool = True,
    ) -> int:  # fmt: skip
        time = Time(clinician, place, starts_at, minutes, kind, "America/New_York")
        with self.database.writing() as connection:
            return book_for.book(
                self.database, connection, clinic_id=1, patient_id=self.clinic.patients[who], time=time,
                reason="problem", by="nurse", now=self.clinic.now, in_hours=in_hours,
            )  # fmt: skip

    def free(self, clinician: int) -> dict[datetime, int]:
        """Free minutes by start."""
        return {
            row.starts_at: row.free_minutes
            for row in self.clinic.rows(Opening)
            if row.clinician_id == clinician
        }

    def visit(self, visit: int) -> Any:
        return next(row for row in self.clinic.rows(Appointment) if row.id == visit)

    def _put(self, table: Any, **values: Any) -> int:
        with self.database.writing() as connection:
            made = connection.execute(insert(table).values(**values))
            return int(made.inserted_primary_key[0])


def units_of_coming(clinic: Clinic) -> set[tuple[str, int, int]]:
    """What `Occupied` must hold, from the visits themselves."""
    return {
        (resource, unit, row.id)
        for row in clinic.rows(Appointment)
        if row.state in ("booked", "confirmed")
        for resource in (
            f"clinician:{row.clinician_id}",
            f"patient:{row.patient_id}",
            *([f"place:{row.place_id}"] if row.place_id is not None else []),
        )
        for unit in range(unit_of(row.starts_at), unit_after(row.ends_at))
    }


def assert_agrees(clinic: Clinic) -> None:
    """`Occupied` holds the units of the visits that come and no others, and what is free of each start follows it."""
    taken = {tuple(row) for row in clinic.rows(Occupied, "resource", "unit", "appointment_id")}
    assert taken == units_of_coming(clinic)
    units = {(resource, unit) for resource, unit, _ in taken}
    for row in clinic.rows(Opening):
        free = _free(units, f"clinician:{row.clinician_id}", row)
        room = free if row.place_id is None else min(free, _free(units, f"place:{row.place_id}", row))
        assert (row.free_minutes, row.room_minutes) == (free, room), row


def _free(units: set[tuple[str, int]], resource: str, row: Any) -> int:
    """Minutes, counted one unit after the other, two hours at most."""
    minutes, unit = 0, row.unit
    while minutes < 120 and (resource, unit) not in units and unit < unit_of(row.ends_at):
        minutes, unit = minutes + 5, unit + 1
    return minutes
