"""What is offered: free starts that fit, spread over clinicians and half days."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from care.scheduling.offers import Offer
from tests.care.clinic import Clinic
from tests.care.scheduling.schedule import MONDAY, Schedule, at


@pytest.fixture
def schedule(clinic: Clinic) -> Schedule:
    return Schedule(clinic)


def _times(found: list[Offer]) -> list[tuple[int, str]]:
    """(clinician, when by Boston's clock)."""
    return [(one.clinician_id, (one.starts_at - timedelta(hours=5)).strftime("%d %H:%M")) for one in found]


def test_one_of_a_clinician_in_half_a_day_while_there_are_others(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.hours(ana, "13:00", "17:00")
    schedule.make()
    assert _times(schedule.offers()) == [(ana, "23 09:00"), (ana, "23 13:00"), (ana, "24 09:00")]
    jean = schedule.clinician("Nurse Jean Baptiste", languages=["es"])
    schedule.hours(jean, "10:00")
    schedule.make()
    assert _times(schedule.offers()) == [(ana, "23 09:00"), (jean, "23 10:00"), (ana, "23 13:00")]


def test_where_there_is_nothing_else_the_same_half_day_has_to_do(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    found = schedule.offers(first_day=MONDAY, last_day=MONDAY)
    assert _times(found) == [(ana, "23 09:00"), (ana, "23 09:30"), (ana, "23 10:00")]
    assert all(one.fits for one in found)


def test_times_of_day_and_what_is_nearest_where_there_is_none(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    fits = schedule.offers(first_day=MONDAY, last_day=MONDAY, earliest=time(11), latest=time(11))
    assert (_times(fits), fits[0].fits) == ([(ana, "23 11:00")], True)
    near = schedule.offers(first_day=MONDAY, last_day=MONDAY, earliest=time(15), latest=time(16))
    assert _times(near)[0] == (ana, "23 09:00")
    assert not near[0].fits
    saturday = date(2026, 11, 28)
    later = schedule.offers(first_day=saturday, last_day=saturday)
    assert _times(later)[0] == (ana, "30 09:00")
    assert not later[0].to_json()["fits"]


def test_neither_what_is_taken_nor_what_is_too_short(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    schedule.book(ana, at(9, 0), 15, who="james")
    schedule.book(ana, at(9, 30), 30, who="mateo")
    assert _times(schedule.offers(1)) == [(ana, "23 10:00")]
    assert _times(schedule.offers(1, minutes=15)) == [(ana, "23 09:15")]
