"""Who works at the clinic and when, days off, rooms, the wait list and the clinic's settings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from conversation.house import House
from records.appointments import SlotOffer, Waiting
from records.clinics import Clinic
from records.reminders import ReminderSetting
from records.scheduling import Clinician, DayOff, Place, WorkingHours

from .people import NOON, Nurse, words
from .test_schedule_page import noted
from .visits import BAPTISTE, SILVA, at, book, free_starts, visit

PAGE, OFF = "/clinic/clinicians", "/clinic/days-off/new"
MORNINGS = {"weekdays": "0", "starts": "10:00", "ends": "11:00", "visit_kinds": "audio", "step_minutes": "30"}
COURSE = {"clinician": "1", "from_on": "2026-11-23", "name": "Course"}


def rows(house: House, table: Any) -> list[Any]:
    with house.database.reading() as connection:
        return list(connection.execute(select(table.__table__).order_by(table.id)))


def on_day(house: House, clinician: int, day: int) -> list[str]:
    """The free starts of one day, by Boston's clock."""
    return [
        (one - timedelta(hours=5)).strftime("%H:%M")
        for one in free_starts(house, clinician)
        if at(0, day=day) <= one < at(0, day=day + 1)
    ]


def test_who_works_when_and_where(nurse: Nurse) -> None:
    page = nurse.read(PAGE)
    assert "Dr. Ana Silva English, Spanish · licensed in Massachusetts" in page
    assert "Monday 9:00 AM to 12:00 PM by phone, by video, in person; Room 1" in page
    assert "Harbor Library hub (617) 555-0120 · 40 Pier Road, Boston" in page
    assert "outside of these hours" not in page


def test_hours_are_added_and_can_be_booked_at_once(nurse: Nurse, house: House) -> None:
    path = f"{PAGE}/{SILVA}/hours/new"
    assert on_day(house, SILVA, 5) == []
    nurse.post(path, path, **{**MORNINGS, "weekdays": "5"}, from_on="2026-11-28", until_on="2026-11-28")
    assert on_day(house, SILVA, 5) == ["10:00", "10:30"]
    assert on_day(house, SILVA, 12) == []
    assert "Saturday 10:00 AM to 11:00 AM" in nurse.read(PAGE)
    assert [tuple(row) for row in noted(house, "wrote_hours")] == [("demo", None, "clinician:1")]


def test_hours_change_from_a_day_on_and_who_is_booked_outside_of_them_is_seen(
    nurse: Nurse, house: House
) -> None:
    one = book(house, when=at(9, day=7))
    path = f"{PAGE}/{SILVA}/hours/1"
    page = nurse.post(path, path, **MORNINGS, from_on="2026-11-30")
    assert on_day(house, SILVA, 0)[0] == "09:00"
    assert on_day(house, SILVA, 7)[:3] == ["10:00", "10:30", "13:00"]
    assert "1 visit outside of these hours: Mon, Nov 30, 9:00 AM" in words(page)
    assert visit(house, one).state == "booked"
    old = rows(house, WorkingHours)[0]
    assert (old.starts, old.until_on) == ("09:00", date(2026, 11, 29))


def test_hours_end(nurse: Nurse, house: House) -> None:
    path = f"{PAGE}/{SILVA}/hours/1"
    assert nurse.post(f"{path}/end", path, last_on="").status_code == 422
    nurse.post(f"{path}/end", path, last_on="2026-11-29")
    assert on_day(house, SILVA, 0)[0] == "09:00"
    assert on_day(house, SILVA, 7)[0] == "13:00"
    assert "until Nov 29, 2026" in nurse.read(PAGE)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"weekdays": ""}, "Choose a day of the week"),
        ({"visit_kinds": ""}, "one kind at least"),
        ({"starts": "soon"}, "Write times of day"),
        ({"ends": "09:00"}, "The end comes after the beginning"),
        ({"from_on": "2026-11-20"}, "That day is past."),
        ({"until_on": "2026-11-22"}, "The last day is before the first."),
        ({"place": "2"}, "Choose a room that there is."),
        ({"step_minutes": "7"}, "Say how often a visit may begin."),
    ],
)
def test_hours_that_can_not_be_read(nurse: Nurse, house: House, wrong: dict[str, str], sentence: str) -> None:
    path, before = f"{PAGE}/{SILVA}/hours/new", len(rows(house, WorkingHours))
    answer = nurse.post(path, path, **{**MORNINGS, "from_on": "2026-11-23", **wrong})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert len(rows(house, WorkingHours)) == before


def test_hours_of_another_clinician_are_not_reached(nurse: Nurse, house: House) -> None:
    path = f"{PAGE}/{BAPTISTE}/hours/1"
    assert nurse.open(path).status_code == 404
    assert nurse.post(path, PAGE, **MORNINGS, from_on="2026-11-30").status_code == 404
    assert rows(house, WorkingHours)[0].until_on is None


def test_a_day_off_takes_the_starts_away_and_gives_them_back(nurse: Nurse, house: House) -> None:
    nurse.post(OFF, OFF, **COURSE)
    assert on_day(house, SILVA, 0) == []
    assert on_day(house, SILVA, 1) != []
    assert on_day(house, BAPTISTE, 0) != []
    page = nurse.read(PAGE)
    assert "Off Mon, Nov 23: Course" in page
    nurse.post("/clinic/days-off/1/remove", PAGE)
    assert on_day(house, SILVA, 0)[0] == "09:00"
    assert [len(noted(house, did)) for did in ("added_day_off", "removed_day_off")] == [1, 1]


def test_who_has_a_visit_then_is_shown_before_it_is_saved(nurse: Nurse, house: House) -> None:
    one, other = book(house, when=at(9)), book(house, 2, at(15))
    book(house, 5, at(9), clinician=BAPTISTE)
    morning = {**COURSE, "starts": "08:00", "ends": "12:00"}
    answer = nurse.post(OFF, OFF, **morning)
    assert "1 visit is booked then." in words(answer)
    assert "Rosa Delgado" in answer.text
    assert not any(name in answer.text for name in ("James", "Marie"))
    assert rows(house, DayOff) == []
    assert [tuple(row) for row in noted(house, "saw_visits_on_day_off")] == [("demo", 1, "")]
    again = nurse.post(OFF, OFF, **{**COURSE, "seen": str(one)})
    assert "2 visits are booked then." in words(again), (
        "whole days touch another visit, which nobody has seen"
    )
    saved = nurse.post(OFF, OFF, **{**COURSE, "seen": f"{one},{other}"})
    assert "The visits stand as before" in words(saved)
    assert len(rows(house, DayOff)) == 1
    assert [visit(house, row).state for row in (one, other)] == ["booked", "booked"]
    assert "2 visits outside of these hours: Mon, Nov 23, 9:00 AM ; Mon, Nov 23, 3:00 PM" in words(saved)


def test_a_holiday_is_everybodys(nurse: Nurse, house: House) -> None:
    nurse.post(OFF, OFF, **{**COURSE, "clinician": "", "until_on": "2026-11-24", "name": "Snow"})
    assert [on_day(house, who, day) for who in (SILVA, BAPTISTE) for day in (0, 1)] == [[]] * 4
    assert on_day(house, BAPTISTE, 2) != []
    assert "Mon, Nov 23 to Tue, Nov 24: Snow" in nurse.read(PAGE)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Say in a word what it is"),
        ({"from_on": "2026-11-01"}, "That day is past."),
        ({"from_on": "2026-02-31"}, "Choose the first day."),
        ({"until_on": "2026-11-22"}, "The last day is the first or a later one"),
        ({"starts": "09:00"}, "Give both times"),
        ({"starts": "09:00", "ends": "08:00"}, "The end comes after the beginning"),
        ({"clinician": "99"}, "Choose one that there is"),
    ],
)
def test_a_day_off_that_can_not_be_read(
    nurse: Nurse, house: House, wrong: dict[str, str], sentence: str
) -> None:
    answer = nurse.post(OFF, OFF, **{**COURSE, **wrong})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert rows(house, DayOff) == []


def test_a_clinician_is_written_down_and_stops(nurse: Nurse, house: House) -> None:
    new = f"{PAGE}/new"
    who = {
        "name": "Dr. Mai Tran",
        "languages": "Vietnamese, en",
        "states": "ma, NH",
        "time_zone": "America/New_York",
    }
    nurse.post(new, new, **who, active="yes")
    assert (
        "Vietnamese, English · licensed in Massachusetts, New Hampshire No hours: nobody can book."
        in nurse.read(PAGE)
    )
    silva = {**who, "name": "Dr. Ana Silva", "languages": "es"}
    nurse.post(f"{PAGE}/1", f"{PAGE}/1", **silva)
    assert free_starts(house, SILVA) == []
    assert "Dr. Ana Silva not any more" in nurse.read(PAGE)
    answer = nurse.post(new, new, **{**who, "languages": "Elvish"})
    assert answer.status_code == 422
    assert [row.name for row in rows(house, Clinician)][2:] == ["Dr. Mai Tran"]


def test_a_hub_needs_its_phone_and_its_state(nurse: Nurse, house: House) -> None:
    path = "/clinic/places/new"
    hub = {"name": "Pier Pharmacy", "kind": "hub", "time_zone": "America/New_York", "active": "yes"}
    answer = words(nurse.post(path, path, **hub))
    assert "give its number" in answer
    assert "Who sits in a hub is in its state" in answer
    nurse.post(path, path, **hub, number="617 555 0121", state="MA")
    assert [(row.name, row.number) for row in rows(house, Place)][2:] == [("Pier Pharmacy", "+16175550121")]
    nurse.post("/clinic/places/2", path, name="Harbor Library", kind="hub", number="617 555 0120", state="MA",
               time_zone="America/New_York")  # fmt: skip
    assert "Harbor Library hub not any more" in nurse.read(PAGE)


# The wait list


def wait(house: House, patient: int, since: timedelta, **values: Any) -> int:
    wish = {
        "reason": "problem",
        "visit_kind": "audio",
        "minutes": 20,
        "until_on": date(2026, 12, 12),
        **values,
    }
    with house.database.writing() as connection:
        row = insert(Waiting).values(
            clinic_id=1, patient_id=patient, state="waiting", since=NOON - since, **wish
        )
        return int(connection.execute(row.returning(Waiting.id)).scalar_one())


def test_who_waits_since_when_and_what_was_offered(nurse: Nurse, house: House) -> None:
    has = book(house, 2, at(9, day=7))
    rosa = wait(house, 1, timedelta(hours=3), clinician_id=SILVA)
    wait(house, 2, timedelta(hours=1), appointment_id=has)
    with house.database.writing() as connection:
        connection.execute(
            insert(SlotOffer).values(
                clinic_id=1, waiting_id=rosa, patient_id=1, clinician_id=SILVA, starts_at=at(15), minutes=20,
                state="open", offered_at=NOON, ends_at=NOON + timedelta(hours=1),
            )
        )  # fmt: skip
    page = nurse.read("/clinic/waiting")
    assert "A problem or a pain, by phone, 20 minutes, with Dr. Ana Silva · Spanish" in page
    assert "waits for an answer Mon, Nov 23, 3:00 PM with Dr. Ana Silva offered 12:00 PM" in page
    assert "Waits 3 h, since 9:00 AM" in page
    assert "Has a visit on Mon, Nov 30, 9:00–9:20 AM, and would come sooner." in page
    assert page.index("Rosa Delgado") < page.index("James Carter")
    assert noted(house, "saw_wait_list")[0].about == "patients:1,2"


def test_taken_off_the_list_she_waits_no_more(nurse: Nurse, house: House) -> None:
    rosa = wait(house, 1, timedelta(hours=3))
    page = words(nurse.post(f"/clinic/waiting/{rosa}/take-off", "/clinic/waiting"))
    assert "Taken off the list. " in page
    assert "Nobody waits." in page
    assert rows(house, Waiting)[0].state == "left"
    again = nurse.post(f"/clinic/waiting/{rosa}/take-off", "/clinic/waiting")
    assert "That one does not wait any more." in words(again)
    assert [tuple(row) for row in noted(house, "took_off_wait_list")] == [("demo", 1, f"waiting:{rosa}")]


# Settings

CHOSEN = {
    "schedule_master": "outside", "wait_list": "all", "call_back": "after_hang_up",
    "offsets": "2d 1d", "channels": "both",
}  # fmt: skip


def test_the_clinics_settings(nurse: Nurse, house: House) -> None:
    path = "/clinic/settings"
    nurse.post(path, path, **CHOSEN)
    (clinic,) = rows(house, Clinic)
    assert (clinic.schedule_master, clinic.wait_list, clinic.call_back) == ("outside", "all", "after_hang_up")
    assert [(row.offsets, row.channels) for row in rows(house, ReminderSetting)] == [("2d 1d", "both")]
    said = "schedule_master:outside,wait_list:all,call_back:after_hang_up"
    assert [row.about for row in noted(house, "chose_settings")] == [said]
    assert [row.about for row in noted(house, "set_reminders")] == ["clinic:2d 1d:both"]
    nurse.post(path, path, **CHOSEN)
    assert len(noted(house, "chose_settings") + noted(house, "set_reminders")) == 2, "nothing was another"
    assert 'value="2d 1d"' in nurse.open(path).text


@pytest.mark.parametrize("name", CHOSEN)
def test_settings_that_can_not_be_read_change_nothing(nurse: Nurse, house: House, name: str) -> None:
    before = rows(house, Clinic)
    assert nurse.post("/clinic/settings", "/clinic/settings", **{**CHOSEN, name: "x"}).status_code == 422
    assert rows(house, Clinic) == before
    assert rows(house, ReminderSetting) == []
