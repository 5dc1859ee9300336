"""The visits of a day, clinician by clinician, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from conversation.house import House
from records.audit import AuditEntry
from records.scheduling import DayOff
from records.tasks import Task

from . import visits
from .people import Clock, Nurse, words
from .visits import BAPTISTE, JAMES, ROOM, ROSA, SILVA, at, book, visit

MONDAY = "/clinic/schedule?day=2026-11-23"


def noted(house: House, did: str) -> list[Any]:
    with house.database.reading() as connection:
        return list(
            connection.execute(
                select(AuditEntry.by, AuditEntry.patient_id, AuditEntry.about)
                .where(AuditEntry.did == did)
                .order_by(AuditEntry.id)
            )
        )


def mark(nurse: Nurse, whose: str, visit_id: int, state: str) -> str:
    return words(nurse.post(f"{whose}/visits/{visit_id}/mark", MONDAY, state=state, back=MONDAY))


def test_the_visits_of_a_day_stand_by_clinician_in_order(nurse: Nurse, house: House) -> None:
    book(house, 2, at(10), kind="in_person", place=ROOM, minutes=30, reason="check_up")
    book(house, 1, at(9), kind="audio")
    book(house, 5, at(8, 30), clinician=BAPTISTE)
    book(house, 1, at(9, day=1))
    page = nurse.read(MONDAY)
    assert "Monday, November 23, 2026" in page
    rosa = "9:00–9:20 AM Rosa Delgado Booked A problem or a pain, by phone"
    james = "10:00–10:30 AM James Carter Booked Check-up, in person, Room 1"
    silva, baptiste = page.index("Dr. Ana Silva 2"), page.index("Nurse Jean Baptiste 1")
    assert silva < page.index(rosa) < page.index(james) < baptiste < page.index("8:30–8:50 AM Marie Joseph")
    assert "Rosa" not in nurse.read("/clinic/schedule?day=2026-11-25")
    assert noted(house, "saw_schedule")[0].about == "patients:1,2,5"


def test_one_clinicians_day_and_the_days_around_it(nurse: Nurse, house: House) -> None:
    book(house, 1, at(9))
    book(house, 5, at(8, 30), clinician=BAPTISTE)
    page = nurse.open(f"{MONDAY}&clinician={SILVA}").text
    assert "Rosa Delgado" in page
    assert "Marie Joseph" not in page
    assert f"/clinic/schedule?day=2026-11-22&amp;clinician={SILVA}" in page
    assert f"/clinic/schedule?day=2026-11-24&amp;clinician={SILVA}" in page


def test_today_is_shown_where_no_day_is_asked_for(nurse: Nurse, house: House, clock: Clock) -> None:
    assert "Saturday, November 21, 2026 Today" in nurse.read("/clinic/schedule")
    assert "Nobody works on this day" in nurse.read("/clinic/schedule")
    clock.go_on(hours=12, minutes=1)  # a minute past midnight in Boston, long past it in UTC
    nurse.sign_in()
    assert "Sunday, November 22, 2026 Today" in nurse.read("/clinic/schedule")


@pytest.mark.parametrize(
    "asked", ["day=yesterday", "day=2026-02-31", "day=9999-12-31", "clinician=99", "clinician=x"]
)
def test_what_is_no_day_and_nobody_here(nurse: Nurse, asked: str) -> None:
    assert nurse.open(f"/clinic/schedule?{asked}").status_code == 404


def test_a_holiday_and_a_day_off_are_said(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        day = {"clinic_id": 1, "from_on": at(0).date(), "until_on": at(0).date()}
        connection.execute(insert(DayOff).values(**day, name="Snow"))
        connection.execute(
            insert(DayOff).values(**day, clinician_id=BAPTISTE, name="Course", starts="09:00", ends="12:00")
        )
    page = nurse.read(MONDAY)
    assert "The clinic is off: Snow" in page
    assert "Off from 9:00 AM to 12:00 PM: Course" in page


def test_she_says_that_she_comes_and_then_she_came(nurse: Nurse, house: House, clock: Clock) -> None:
    one = book(house)
    assert "Did not come" not in nurse.read(MONDAY), "not before it has begun"
    assert "the patient comes." in mark(nurse, ROSA, one, "confirmed")
    assert visit(house, one).state == "confirmed"
    clock.moment = at(9, 5)
    nurse.sign_in()
    assert "9:00–9:20 AM Rosa Delgado Confirmed" in nurse.read(MONDAY)
    assert "Rosa Delgado Came" in mark(nurse, ROSA, one, "done")
    assert [tuple(row) for row in noted(house, "marked_visit_done")] == [("demo", 1, f"visit:{one}")]


def test_who_did_not_come_is_a_task_until_it_turns_out_that_she_did(
    nurse: Nurse, house: House, clock: Clock
) -> None:
    one = book(house)
    clock.moment = at(9, 20)
    nurse.sign_in()
    assert "Rosa Delgado Did not come" in mark(nurse, ROSA, one, "missed")
    with house.database.reading() as connection:
        assert connection.scalars(select(Task.reason)).all() == ["visit_missed"]
    assert "A visit was missed." in nurse.read("/clinic/tasks")
    assert "Came after all" in nurse.read(MONDAY)
    mark(nurse, ROSA, one, "done")
    assert visit(house, one).state == "done"


def test_a_visit_that_has_not_begun_was_not_missed(nurse: Nurse, house: House) -> None:
    one = book(house)
    assert "That can't be done with this visit any more" in mark(nurse, ROSA, one, "missed")
    assert visit(house, one).state == "booked"
    assert nurse.post(f"{ROSA}/visits/{one}/mark", MONDAY, state="moved").status_code == 400


def test_a_visit_is_called_off_after_a_look_at_it(nurse: Nurse, house: House) -> None:
    one = book(house)
    assert at(9) not in visits.free_starts(house, SILVA)
    page = nurse.read(f"{ROSA}/visits/{one}/call-off")
    assert "Mon, Nov 23, 9:00–9:20 AM" in page
    assert "Careline tells nobody that it was called off" in page
    assert "Its time is free again" in nurse.post(f"{ROSA}/visits/{one}/call-off", MONDAY, back=MONDAY).text
    assert "Rosa Delgado Called off" in nurse.read(MONDAY)
    assert at(9) in visits.free_starts(house, SILVA)
    assert [tuple(row) for row in noted(house, "called_off_visit")] == [("demo", 1, f"visit:{one}")]


def test_a_visit_of_somebody_else_is_not_reached_by_way_of_her(nurse: Nurse, house: House) -> None:
    one = book(house)
    assert nurse.open(f"{JAMES}/visits/{one}/move").status_code == 404
    for path in ("mark", "call-off", "move", "times"):
        assert nurse.post(f"{JAMES}/visits/{one}/{path}", MONDAY, state="confirmed").status_code == 404
    assert visit(house, one).state == "booked"


def test_a_full_day_takes_no_more_queries_than_an_empty_one(nurse: Nurse, house: House) -> None:
    seen: list[str] = []
    for engine in {house.database.engine, house.database._readers}:
        event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))

    def queries() -> int:
        seen.clear()
        nurse.open(MONDAY)
        return len(seen)

    book(house, 1, at(9))
    with_one = queries()
    for place in range(2, 7):
        book(house, place, at(9) + timedelta(minutes=30 * (place - 1)))
    assert queries() == with_one
