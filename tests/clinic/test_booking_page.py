"""A visit is booked, moved and looked at on a patient's page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from care.reminders import due
from conversation.house import House
from records.clinics import Clinic
from records.outbox import OutboxRow
from records.patients import Consent
from records.patients import Patient as PatientRow

from .people import Clock, Nurse, words
from .test_schedule_page import noted
from .visits import (
    BAPTISTE,
    JAMES,
    LIBRARY,
    ROOM,
    ROSA,
    SILVA,
    at,
    book,
    live_in_massachusetts,
    visit,
    visits,
)

WISH = {"reason": "problem", "visit_kind": "audio", "clinician": "1", "day": "2026-11-23"}
NEW = f"{ROSA}/visits/new"


@pytest.fixture(autouse=True)
def in_massachusetts(house: House) -> None:
    live_in_massachusetts(house)


def look(nurse: Nurse, path: str = f"{ROSA}/visits/times", **wish: str) -> str:
    return nurse.post(path, NEW, **{**WISH, **wish}).text


def offered(page: str) -> list[str]:
    """What the form calls the times that it offers."""
    return [
        name.replace("&#43;", "+") for name in re.findall(r'name="offer" type="radio" value="([^"]+)"', page)
    ]


def agree_to_reminders(house: House, patient: int = 1) -> None:
    with house.database.writing() as connection:
        connection.execute(
            insert(Consent).values(
                clinic_id=1, patient_id=patient, topic="reminders", channel="any", given=True,
                at=house.now() - timedelta(days=1), by="patient", text_version="reminders-1", language="en",
            )
        )  # fmt: skip


def test_a_time_is_found_and_booked(nurse: Nurse, house: House) -> None:
    page = look(nurse)
    assert "Mon, Nov 23, 9:00 AM" in page
    first = offered(page)[0]
    assert first == f"{SILVA}@2026-11-23T14:00:00+00:00"
    answer = words(nurse.post(NEW, NEW, **WISH, offer=first, words="Me duele la cabeza."))
    assert "The visit is booked." in answer
    assert "Mon, Nov 23, 9:00–9:20 AM Booked A problem or a pain with Dr. Ana Silva, by phone" in answer
    assert "Me duele la cabeza." in answer
    assert "Demo Nurse booked a visit 12:00 PM" in answer
    (booked,) = visits(house)
    assert (booked.booked_by, booked.reason, booked.starts_at) == ("demo", "problem", at(9))
    assert [tuple(row) for row in noted(house, "looked_for_visit_times")] == [("demo", 1, "")]
    assert [tuple(row) for row in noted(house, "booked_visit")] == [("demo", 1, f"visit:{booked.id}")]


def test_a_time_that_was_taken_meanwhile_gives_the_next_ones(nurse: Nurse, house: House) -> None:
    first = offered(look(nurse))[0]
    book(house, 2, at(9))
    answer = nurse.post(NEW, NEW, **WISH, offer=first, words="Me duele.")
    assert answer.status_code == 422
    assert "That time was taken meanwhile" in answer.text
    assert offered(answer.text)[0] == f"{SILVA}@2026-11-23T14:30:00+00:00"
    assert "Me duele." in answer.text, "nothing that was typed is lost"
    assert len(visits(house)) == 1


@pytest.mark.parametrize(
    "offer", ["", "x", "1@yesterday", "2@2026-11-23T14:00:00+00:00", "1@2026-11-23T08:00:00+00:00",
              "1@2026-11-23T14:00:00", "1@2026-11-23T14:07:00+00:00"],
)  # fmt: skip
def test_what_was_not_offered_is_not_booked(nurse: Nurse, house: House, offer: str) -> None:
    assert nurse.post(NEW, NEW, **WISH, offer=offer).status_code == 422
    assert visits(house) == []


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"reason": ""}, "Say what the visit is for."),
        ({"visit_kind": "by owl"}, "Say how the visit is to be."),
        ({"day": "2026-02-31"}, "Choose the day from which on to look."),
        ({"day": "2026-11-20"}, "That day is past."),
        ({"day": "2027-11-20"}, "Times are made 90 days ahead"),
        ({"minutes": "all day"}, "Write minutes, from 5 to 120"),
        ({"clinician": "99"}, "Choose one that there is."),
        ({"place": "2", "visit_kind": "video"}, "At a hub there is a phone alone"),
    ],
)
def test_what_can_not_be_read_gets_a_sentence(
    nurse: Nurse, house: House, wish: dict[str, str], sentence: str
) -> None:
    answer = nurse.post(f"{ROSA}/visits/times", NEW, **{**WISH, **wish})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert offered(answer.text) == []


def test_who_needs_an_interpreter_is_told_so(nurse: Nurse, house: House) -> None:
    page = look(nurse, clinician=str(BAPTISTE))
    assert "with an interpreter: Spanish" in page
    nurse.post(NEW, NEW, **{**WISH, "clinician": "2"}, offer=offered(page)[0])
    assert visits(house)[0].interpreter == "es"
    assert "interpreter: Spanish" in nurse.read("/clinic/schedule?day=2026-11-23")


def test_why_nobody_can_be_offered_is_said(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(update(PatientRow).values(state=None))
    assert "It is not known in which state this patient is" in look(nurse)
    assert offered(look(nurse, visit_kind="in_person")) != []
    with house.database.writing() as connection:
        connection.execute(update(PatientRow).values(state="NH"))
    assert "has no licence in this patient&#39;s state" in look(nurse)
    assert offered(look(nurse, place=str(LIBRARY))) != [], "the hub's state counts"


def test_a_full_day_gives_the_next_one(nurse: Nurse, house: House) -> None:
    page = look(nurse, day="2026-11-28")
    assert "Nothing is free on that day. The next free times:" in page
    assert "Mon, Nov 30, 9:00 AM" in page


def test_a_visit_in_person_is_in_the_room_of_these_hours(nurse: Nurse, house: House) -> None:
    wish = {**WISH, "visit_kind": "in_person", "minutes": "45"}
    nurse.post(NEW, NEW, **wish, offer=offered(look(nurse, **wish))[0])
    (booked,) = visits(house)
    assert (booked.place_id, booked.ends_at) == (ROOM, at(9, 45))


def test_the_time_is_meant_in_the_zone_where_the_patient_is(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(update(PatientRow).values(timezone="America/Chicago"))
    page = look(nurse)
    assert "(8:00 AM, Central Time)" in page
    nurse.post(NEW, NEW, **WISH, offer=offered(page)[0])
    assert visits(house)[0].timezone == "America/Chicago"
    assert "9:00–9:20 AM (8:00 AM, Central Time)" in nurse.read("/clinic/schedule?day=2026-11-23")


def test_a_visit_is_moved_and_keeps_its_reason_and_length(nurse: Nurse, house: House) -> None:
    one = book(house, reason="check_up", minutes=30)
    path = f"{ROSA}/visits/{one}"
    assert "It is now Mon, Nov 23, 9:00–9:30 AM" in nurse.read(f"{path}/move")
    page = look(nurse, f"{path}/times", day="2026-11-24", reason="medicines", minutes="5")
    answer = words(nurse.post(f"{path}/move", NEW, **{**WISH, "day": "2026-11-24"}, offer=offered(page)[0]))
    assert "The visit is moved." in answer
    assert "Tue, Nov 24, 9:00–9:30 AM" in answer
    moved = visit(house, one)
    assert (moved.starts_at, moved.ends_at, moved.reason, moved.sequence) == (
        at(9, day=1), at(9, 30, day=1), "check_up", 1,
    )  # fmt: skip


def test_a_visit_that_is_over_is_not_moved(nurse: Nurse, house: House, clock: Clock) -> None:
    one = book(house)
    clock.moment = at(12, day=1)
    nurse.sign_in()
    path, wish = f"{ROSA}/visits/{one}", {**WISH, "day": "2026-11-25"}
    page = look(nurse, f"{path}/times", **wish)
    assert "That can't be done with this visit any more" in words(
        nurse.post(f"{path}/move", NEW, **wish, offer=offered(page)[0])
    )
    assert visit(house, one).starts_at == at(9)


def test_who_is_not_with_the_clinic_any_more_is_booked_nothing(nurse: Nurse, house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(update(PatientRow).where(PatientRow.id == 1).values(status="closed"))
    assert nurse.open(NEW).status_code == 404
    assert "Book a visit" not in nurse.read(ROSA)


def test_where_the_clinics_own_system_decides_it_is_said(nurse: Nurse, house: House) -> None:
    assert "own system decides" not in nurse.read(NEW)
    with house.database.writing() as connection:
        connection.execute(update(Clinic).values(schedule_master="outside"))
    assert "The clinic's own system decides over the schedule." in nurse.read(NEW)


def test_reminders_that_were_those_held_and_those_to_come(nurse: Nurse, house: House, clock: Clock) -> None:
    agree_to_reminders(house)
    book(house, when=at(9, day=7))
    page = nurse.read(ROSA)
    assert page.count("To come Reminder by text") == 4
    assert "To come Reminder by text, Nov 30, 8:00 AM" in page
    clock.moment = at(9, 1)
    due.put_those_due(house.database, clock())
    nurse.sign_in()
    with house.database.writing() as connection:
        connection.execute(update(OutboxRow).values(reason="daily cap"))
    page = nurse.read(ROSA)
    assert "Waiting Reminder by text, 9:01 AM , the most for one day has been sent to this number" in page
    assert page.count("To come Reminder by text") == 3
    with house.database.writing() as connection:
        connection.execute(update(OutboxRow).values(status="delivered", reason=None, sent_at=at(9, 2)))
    assert "Delivered Reminder by text, 9:02 AM" in nurse.read(ROSA)


def test_why_a_person_reminds_her_is_said(nurse: Nurse, house: House) -> None:
    book(house, 2, at(9, day=7))
    assert "To come Reminder by a person" in nurse.read(JAMES)
    assert "no consent is recorded" in nurse.read(JAMES)


def test_a_landline_is_reminded_by_call(nurse: Nurse, house: House) -> None:
    agree_to_reminders(house, 2)
    book(house, 2, at(9, day=7))
    with house.database.writing() as connection:
        connection.exec_driver_sql("UPDATE patient_numbers SET kind = 'landline' WHERE patient_id = 2")
    assert "To come Reminder by call" in nurse.read(JAMES)


# Her own setting


def test_her_own_reminders_and_the_clinics_again(nurse: Nurse, house: House) -> None:
    agree_to_reminders(house)
    book(house, when=at(9, day=7))
    path = f"{ROSA}/reminders"
    assert (
        "Everybody else is reminded 7 days, 3 days, 1 day and 2 hours before a visit, by text."
        in nurse.read(path)
    )
    page = words(nurse.post(path, path, offsets="2d", channels="call"))
    assert "Reminded 2 days before a visit, by call (an own setting)." in page
    assert page.count("To come Reminder by call") == 1
    assert [tuple(row) for row in noted(house, "set_reminders")] == [("demo", 1, "2d:call")]
    assert "reminded otherwise than everybody else" in nurse.read(path)
    page = words(nurse.post(f"{path}/as-everybody", path))
    assert "Reminded 7 days, 3 days, 1 day and 2 hours before a visit, by text." in page
    assert [tuple(row) for row in noted(house, "removed_reminder_setting")] == [("demo", 1, "reminders")]


def test_no_reminders_for_her(nurse: Nurse, house: House) -> None:
    agree_to_reminders(house)
    book(house, when=at(9, day=7))
    page = words(nurse.post(f"{ROSA}/reminders", f"{ROSA}/reminders", offsets="", channels="text"))
    assert "Reminded not at all" in page
    assert "To come" not in page


@pytest.mark.parametrize(
    ("offsets", "channels", "sentence"),
    [
        ("soon", "text", "is not a time before a visit: 7d is seven days, 2h two hours. Write times"),
        ("90d", "text", "is more than 60 days before a visit"),
        ("1d", "pigeon", "Say how the reminders go."),
    ],
)
def test_reminders_that_can_not_be_read(nurse: Nurse, offsets: str, channels: str, sentence: str) -> None:
    answer = nurse.post(f"{ROSA}/reminders", f"{ROSA}/reminders", offsets=offsets, channels=channels)
    assert answer.status_code == 422
    assert sentence in words(answer)
