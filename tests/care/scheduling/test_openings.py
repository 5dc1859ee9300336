"""Starts made ahead follow hours, days off, and who works here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from care.scheduling import openings
from clinic import demo
from records.migrating import upgrade
from records.scheduling import Clinician, Opening
from records.sealing import use
from records.taking_up import take_up
from tests.care.clinic import NOON, Clinic
from tests.care.conftest import KEY
from tests.care.scheduling.schedule import MONDAY, Schedule, assert_agrees, at
from tests.databases import Databases, opened


def _refresh(schedule: Schedule, clinician: int) -> None:
    with schedule.database.writing() as connection:
        openings.refresh(schedule.database, connection, clinician, at(0), at(0, day=30))


def test_made_once_and_brought_up_to_date(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    assert schedule.make() > 500
    assert schedule.make() == 0
    schedule.book(ana, at(9))
    schedule.off(None, MONDAY)
    assert schedule.make() == 12
    assert min(schedule.free(ana)) == at(9, day=1)
    assert_agrees(schedule.clinic)


def test_hours_that_change_are_followed_at_once(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    schedule.book(ana, at(9), 30)
    schedule.off(ana, date(2026, 11, 24))
    schedule.hours(ana, "12:00", "13:00", weekdays=[0])
    _refresh(schedule, ana)
    free = schedule.free(ana)
    assert (free[at(9)], free[at(9, 30)], free[at(12)]) == (0, 120, 60)
    assert at(9, day=1) not in free
    assert schedule.make() > 0  # beyond the month that was asked for
    assert schedule.make() == 0


def test_one_who_works_here_no_more_is_offered_no_more(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    with schedule.database.writing() as connection:
        connection.execute(update(Clinician).values(active=False))
    assert schedule.offers() == []
    schedule.make()
    assert schedule.clinic.rows(Opening) == []


def test_the_sample_clinic_has_times_to_offer(databases: Databases) -> None:
    use(KEY)
    with opened(databases.empty()) as database:
        upgrade(database)
        take_up(database)
        assert demo.load(database, NOON)
        schedule = Schedule(Clinic(database))
        schedule.clinic.patients["rosa"] = schedule.clinic.patients["rosa delgado"]
        assert {one.clinician_name for one in schedule.offers()} == {"Dr. Ana Silva"}
        assert {one.clinician_name for one in schedule.offers(language="ht")} == {"Nurse Jean Baptiste"}
        assert schedule.offers(visit_kind="in_person")[0].place_id is not None
        assert_agrees(schedule.clinic)
