"""What is offered: free starts that fit, spread over clinicians and half days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from care.scheduling.offers import Offer, still_free
from tests.care.people_rows import second_clinic
from tests.care.scheduling.schedule import MONDAY, Schedule, assert_agrees, at

BOSTON = ZoneInfo("America/New_York")


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


def test_each_page_of_offers_begins_after_the_one_before(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    first = schedule.offers()
    assert _times(schedule.offers(after=first[-1].starts_at)) == [
        (ana, "25 09:15"), (ana, "26 09:00"), (ana, "27 09:00"),
    ]  # fmt: skip


def test_her_own_other_visits_are_not_offered_over(schedule: Schedule) -> None:
    ana, jean = schedule.clinician(), schedule.clinician("Nurse Jean Baptiste", languages=["es"])
    schedule.hours(ana)
    schedule.hours(jean)
    schedule.make()
    schedule.book(ana, at(9, 0), 30)
    assert _times(schedule.offers(1, clinician_id=jean)) == [(jean, "23 09:30")]
    assert _times(schedule.offers(1, clinician_id=jean, minutes=35)) == [(jean, "23 09:30")]


def test_not_before_she_has_had_notice(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana, weekdays=range(7))
    schedule.make()
    schedule.clinic.now = at(8, 7)
    assert _times(schedule.offers(1)) == [(ana, "23 10:15")]  # two hours' notice
    assert _times(schedule.offers(1, visit_kind="in_person")) == [(ana, "23 11:15")]


def test_language_interpreter_and_licence(schedule: Schedule) -> None:
    ana = schedule.clinician(languages=["en"], states=["MA"])
    schedule.hours(ana)
    schedule.make()
    assert schedule.offers() == []
    assert schedule.offers(1, interpreter=True)[0].interpreter == "es"
    assert schedule.offers(1, language="en")[0].interpreter is None
    assert schedule.offers(language="en", state="NH") == []
    assert schedule.offers(language="en", state=None) == []
    assert schedule.offers(1, language="en", state=None, visit_kind="in_person")


def test_only_kinds_that_the_hours_are_for(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana, kinds=["audio"])
    schedule.hours(ana, "13:00", "14:00", kinds=["video"])
    schedule.make()
    assert _times(schedule.offers(1, visit_kind="video")) == [(ana, "23 13:00")]
    assert schedule.offers(visit_kind="in_person") == []


def test_a_room_that_another_has_is_not_offered(schedule: Schedule) -> None:
    room = schedule.place()
    ana, jean = schedule.clinician(), schedule.clinician("Nurse Jean Baptiste", languages=["es"])
    schedule.hours(ana, place=room)
    schedule.hours(jean, place=room)
    schedule.make()
    schedule.book(jean, at(9, 0), 30, who="james", kind="in_person", place=room)
    found = schedule.offers(1, clinician_id=ana, visit_kind="in_person")
    assert (_times(found), found[0].place_id) == ([(ana, "23 09:30")], room)
    assert _times(schedule.offers(1, clinician_id=ana)) == [(ana, "23 09:00")]  # by phone she is free
    assert_agrees(schedule.clinic)


def test_a_hub_is_free_and_its_state_counts(schedule: Schedule) -> None:
    library = schedule.place("Library", "hub", state="NH", number="+16175550120")
    ana = schedule.clinician(states=["MA", "NH"])
    jean = schedule.clinician("Nurse Jean Baptiste", languages=["es"], states=["MA"])
    schedule.hours(ana)
    schedule.hours(jean, "08:00", "12:00")
    schedule.make()
    found = schedule.offers(1, place_id=library)
    assert (_times(found), found[0].place_id) == ([(ana, "23 09:00")], library)
    maria = schedule.clinician("Maria", states=["NH"])
    schedule.hours(maria)
    schedule.make()
    schedule.book(maria, at(9, 0), 20, who="james", place=library)
    assert _times(schedule.offers(1, place_id=library, clinician_id=ana)) == [(ana, "23 09:30")]


def test_nobody_of_another_clinic(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    second_clinic(schedule.clinic)
    assert schedule.offers(clinic_id=2) == []
    assert schedule.offers(place_id=schedule.place("Their hub", "hub", clinic_id=2)) == []


def test_a_time_of_day_holds_after_the_clock_has_changed(schedule: Schedule) -> None:
    schedule.clinic.now = datetime(2027, 3, 11, 12, tzinfo=UTC)
    ana = schedule.clinician()
    schedule.hours(ana, "08:00", "12:00", weekdays=range(7))
    schedule.make()
    days = {"first_day": date(2027, 3, 12), "last_day": date(2027, 3, 16)}
    found = schedule.offers(5, earliest=time(10), latest=time(10, 30), **days)
    assert [one.starts_at.astimezone(BOSTON).strftime("%d %H:%M %z") for one in found] == [
        "12 10:00 -0500", "13 10:00 -0500", "14 10:00 -0400", "15 10:00 -0400", "16 10:00 -0400",
    ]  # fmt: skip


def test_an_offer_is_free_until_somebody_has_it(schedule: Schedule) -> None:
    ana = schedule.clinician()
    schedule.hours(ana)
    schedule.make()
    offer = schedule.offers(1)[0].to_json()
    assert json.loads(json.dumps(offer)) == offer
    rosa = schedule.clinic.patients["rosa"]

    def free(**values: Any) -> bool:
        with schedule.database.reading() as connection:
            return still_free(connection, 1, rosa, {**offer, **values}, schedule.clinic.now)

    assert free()
    assert not free(minutes=200)
    assert not free(at=at(9, 5).isoformat())
    schedule.book(ana, at(9, 15), 15, who="james")
    assert not free()
    assert free(minutes=15)
