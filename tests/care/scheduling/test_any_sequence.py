"""Whatever is done in whatever order, what is taken is what the visits that come have, and what is free follows it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from care.scheduling import book_for, openings
from care.scheduling.book_for import NotComing, Time
from records.appointments import Appointment
from records.database import Taken
from records.scheduling import DayOff, Occupied, Opening, WorkingHours
from tests.care.scheduling.schedule import Schedule, assert_agrees, at

DAYS = st.integers(0, 1)
STARTS = st.tuples(DAYS, st.integers(0, 35)).map(lambda one: at(9, 5 * one[1], day=one[0]))
TIMES = st.tuples(st.integers(0, 1), st.booleans(), STARTS, st.integers(1, 13).map(lambda units: units * 5))
PLACES = st.integers(0, 5)
ACTS = st.one_of(
    st.tuples(st.just("book"), st.sampled_from(["rosa", "james", "lucia"]), TIMES, st.booleans()),
    st.tuples(st.just("move"), PLACES, TIMES, st.booleans()),
    st.tuples(st.just("call off"), PLACES),
    st.tuples(st.just("confirm"), PLACES),
    st.tuples(st.just("day off"), st.integers(0, 1), DAYS, st.sampled_from([None, ("09:30", "10:10")])),
    st.tuples(st.just("back to work"), st.integers(0, 1)),
    st.tuples(st.just("other hours"), st.integers(0, 1), st.sampled_from(["10:00", "11:00", "12:00"])),
    st.tuples(st.just("make ahead")),
)


class Life:
    """Two clinicians who share a room over two days, and what is done with their time."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule, self.database = schedule, schedule.database
        self.room = schedule.place()
        self.clinicians = [schedule.clinician(), schedule.clinician("Nurse Jean Baptiste")]
        for clinician in self.clinicians:
            schedule.hours(clinician, weekdays=range(2), place=self.room, until_on=date(2026, 11, 24))
        schedule.make()

    def begin_again(self) -> None:
        with self.database.writing() as connection:
            for table in (Occupied, Appointment, DayOff, Opening):
                connection.execute(delete(table))
            connection.execute(update(WorkingHours).values(ends="12:00"))
        self.schedule.make()

    def do(self, act: tuple[Any, ...]) -> None:
        with suppress(Taken, NotComing):
            getattr(self, act[0].replace(" ", "_"))(*act[1:])

    def book(self, who: str, time: Any, in_hours: bool) -> None:
        self._act(book_for.book, patient_id=self.schedule.clinic.patients[who], time=self._time(*time),
                  reason="problem", in_hours=in_hours)  # fmt: skip

    def move(self, place: int, time: Any, in_hours: bool) -> None:
        for visit in self._visit(place):
            self._act(book_for.move, visit=visit, time=self._time(*time), in_hours=in_hours)

    def call_off(self, place: int) -> None:
        for visit in self._visit(place):
            self._act(book_for.call_off, visit=visit)

    def confirm(self, place: int) -> None:
        for visit in self._visit(place):
            self._act(book_for.confirm, visit=visit)

    def day_off(self, who: int, day: int, span: tuple[str, str] | None) -> None:
        hours = {"starts": span[0], "ends": span[1]} if span else {}
        self.schedule.off(self.clinicians[who], date(2026, 11, 23) + timedelta(days=day), **hours)
        self._refresh(who)

    def back_to_work(self, who: int) -> None:
        with self.database.writing() as connection:
            connection.execute(delete(DayOff).where(DayOff.clinician_id == self.clinicians[who]))
        self._refresh(who)

    def other_hours(self, who: int, ends: str) -> None:
        with self.database.writing() as connection:
            connection.execute(
                update(WorkingHours)
                .where(WorkingHours.clinician_id == self.clinicians[who])
                .values(ends=ends)
            )
        self._refresh(who)

    def make_ahead(self) -> None:
        assert self.schedule.make() == 0  # every change has brought them up to date before

    def _refresh(self, who: int) -> None:
        with self.database.writing() as connection:
            openings.refresh(self.database, connection, self.clinicians[who], at(0), at(0, day=5))

    def _visit(self, place: int) -> list[int]:
        return self.schedule.clinic.rows(Appointment, "id")[place : place + 1]

    def _time(self, who: int, in_room: bool, starts_at: Any, minutes: int) -> Time:
        place, kind = (self.room, "in_person") if in_room else (None, "audio")
        return Time(self.clinicians[who], place, starts_at, minutes, kind, "America/New_York")

    def _act(self, act: Any, **values: Any) -> None:
        with self.database.writing() as connection:
            act(self.database, connection, clinic_id=1, by="nurse", now=self.schedule.clinic.now, **values)


@pytest.fixture
def life(schedule: Schedule) -> Life:
    return Life(schedule)


@settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(acts=st.lists(ACTS, min_size=3, max_size=14))
def test_what_is_taken_and_what_is_free_agree(life: Life, acts: list[tuple[Any, ...]]) -> None:
    life.begin_again()
    for act in acts:
        life.do(act)
        assert_agrees(life.schedule.clinic)
