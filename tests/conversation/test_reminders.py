"""A reminder from the outbox to her phone and back: what she is told before and after she says who she is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from care.reminders import due
from care.scheduling import book_for
from carriers import CallState, Meaning, Refused, Status
from records.appointments import Appointment
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Consent, PatientNumber
from records.scheduling import Clinician
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.clinic_day import BIRTH_DATE, KEYED_BIRTH_DATE, NUMBERS, Day

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
OPENING = "Harbor Community Clinic: we have a message for you. Write STOP for no more texts.\n1 read it\n2 wrong person"


def agree(day: Day, topic: str, at: str | None = None) -> None:
    with day.house.database.writing() as connection:
        connection.execute(
            insert(Consent).values(
                clinic_id=1, patient_id=1, topic=topic, channel="any", given=True, text_version=f"{topic}-1",
                language="en", by="import", at=day.clock(), number_hash=hashed(at) if at else None,
            )
        )  # fmt: skip


def remind(day: Day, *, details: bool = False, kind: str = "mobile", **values: Any) -> int:
    """Rosa has a visit tomorrow at noon, and is reminded of it now. Returns the visit's id."""
    agree(day, "reminders")
    if details:
        agree(day, "reminder_details", NUMBERS["rosa"])
    day.set(PatientNumber, PatientNumber.patient_id == 1, kind=kind)
    starts = day.clock() + A_DAY
    since = day.clock() - 30 * A_DAY
    with day.house.database.writing() as connection:
        who = connection.scalar(select(Clinician.id))
        row = {
            "clinic_id": 1, "patient_id": 1, "clinician_id": who, "visit_kind": "audio", "reason": "check_up",
            "starts_at": starts, "ends_at": starts + AN_HOUR, "timezone": "America/New_York", "state": "booked",
            "booked_by": "patient", "created_at": since, "changed_at": since, **values,
        }  # fmt: skip
        visit = int(connection.execute(insert(Appointment).values(**row)).inserted_primary_key[0])
    assert due.put_those_due(day.house.database, day.clock()) == 1
    return visit


def move(day: Day, visit: int, by: timedelta = AN_HOUR) -> None:
    """Staff move it."""
    row = day.the(Appointment, Appointment.id == visit)
    time = book_for.Time(row.clinician_id, None, row.starts_at + by, 60, "audio", row.timezone)
    with day.house.database.writing() as connection:
        book_for.move(
            day.house.database, connection, clinic_id=1, visit=visit, time=time, by="nurse", now=day.clock(),
            in_hours=False,
        )  # fmt: skip


def call_off(day: Day, visit: int) -> None:
    with day.house.database.writing() as connection:
        book_for.call_off(
            day.house.database, connection, clinic_id=1, visit=visit, by="nurse", now=day.clock()
        )


def texts(day: Day) -> list[str]:
    return [text.body for text in day.company.texts]


def state(day: Day, visit: int) -> str:
    return str(day.the(Appointment, Appointment.id == visit).state)


# By text


def test_nothing_of_a_visit_is_told_before_she_says_who_she_is(day):
    visit = remind(day)
    day.send()
    assert texts(day) == [OPENING]
    rosa = day.phone("rosa")
    assert "birth" in rosa.text("1")[0]
    (told,) = rosa.text(BIRTH_DATE)
    assert told.startswith(
        "Your visit is Sunday, November 22 at 12:00 PM.\n1 I will come\n2 move it\n3 call me"
    )
    assert rosa.text("1") == ["Thank you. We expect you Sunday, November 22 at 12:00 PM."]
    assert state(day, visit) == "confirmed"
    assert day.rows(Task) == []


def test_who_is_somebody_else_is_told_nothing(day):
    visit = remind(day)
    day.send()
    rosa = day.phone("rosa")
    rosa.texts("1", "01/01/1980")
    answers = rosa.text("01/02/1980")
    assert not any("visit" in answer.lower() for answer in answers)
    assert state(day, visit) == "booked"


def test_where_she_has_agreed_day_and_time_stand_in_the_text(day):
    visit = remind(day, details=True)
    day.send()
    (text,) = texts(day)
    assert text == (
        "Harbor Community Clinic: your visit is Sunday, November 22 at 12:00 PM. Write STOP for no more texts.\n"
        "1 I will come\n2 move it\n3 call me\n4 wrong person"
    )
    assert day.outbox("reminder").segments == 1
    assert day.phone("rosa").text("1") == ["Thank you. We expect you Sunday, November 22 at 12:00 PM."]
    assert state(day, visit) == "confirmed"


@pytest.mark.parametrize("what", ["shared", "agreed at another number", "withdrawn"])
def test_day_and_time_stand_nowhere_else(day, what):
    remind(day)
    agree(day, "reminder_details", "+16175550109" if what == "agreed at another number" else NUMBERS["rosa"])
    if what == "shared":
        day.set(PatientNumber, PatientNumber.patient_id == 1, shared=True)
    if what == "withdrawn":
        day.set(Consent, Consent.topic == "reminder_details", given=False)
    day.send()
    assert "visit" not in texts(day)[0]


def test_three_asks_for_a_call_and_alerts_nobody(day):
    visit = remind(day, details=True)
    day.send()
    assert day.phone("rosa").text("3") == ["A person at the clinic will call you."]
    assert day.reasons(Task) == ["call_about_visit"]
    assert (day.the(Task).same_day, day.the(Task).patient_id) == (True, 1)
    assert [row.kind for row in day.rows(OutboxRow, OutboxRow.queue == "alerts")] == []
    assert state(day, visit) == "booked"


def test_two_asks_who_she_is_before_anything_is_moved(day):
    visit = remind(day, details=True)
    day.send()
    assert "birth" in day.phone("rosa").text("2")[0]
    assert state(day, visit) == "booked"


# The visit changes


@pytest.mark.parametrize(
    ("change", "reason"), [(move, "visit moved"), (call_off, "visit called off")], ids=["moved", "called off"]
)
def test_a_visit_that_changes_takes_its_reminder_along(day, change, reason):
    visit = remind(day, details=True)
    change(day, visit)
    day.send()
    assert texts(day) == []
    assert [(row.status, row.reason) for row in day.rows(OutboxRow)] == [("dropped", reason)]


def test_moved_between_claim_and_hand_over_it_does_not_go(day):
    """Two are claimed at once; while the first goes out the visit of the second is moved."""
    first = remind(day, details=True)
    day.set(OutboxRow, priority=0)
    numbers = day.ask_everybody(1)
    day.set(OutboxRow, OutboxRow.kind == "check_in", priority=-1)
    day.company.on_send = lambda: move(day, first) if len(day.company.texts) == 1 else None
    day.send()
    assert [text.to for text in day.company.texts] == numbers
    assert (day.outbox("reminder").status, day.outbox("reminder").reason) == ("dropped", "visit moved")


@pytest.mark.parametrize("answer", ["1", "3"])
def test_an_answer_to_an_old_time_is_told_so_and_confirms_nothing(day, answer):
    visit = remind(day, details=True)
    day.send()
    move(day, visit)
    (told,) = day.phone("rosa").text(answer)
    assert told.startswith("This visit was moved. It is Sunday, November 22 at 1:00 PM now.")
    assert state(day, visit) == "booked"


def test_a_call_that_rings_for_a_visit_that_was_moved_says_no_time(day):
    visit = remind(day, details=True, kind="landline")
    day.send()
    move(day, visit)
    call = day.phone("rosa").answer(day.company.calls[0])
    assert call.said == [
        "This is an automated call from Harbor Community Clinic, 6 1 7, 5 5 5, 0 1 0 0. What we called about is"
        " settled. Goodbye."
    ]
    assert call.waits == "Hangup"


# By call


def test_a_landline_is_called_and_she_says_who_she_is_first(day):
    visit = remind(day, kind="landline")
    day.send()
    call = day.phone("rosa").answer(day.company.calls[0])
    assert not any("visit" in said for said in call.said)
    call.keys("1", KEYED_BIRTH_DATE)
    assert call.said[0] == "Your visit is Sunday, November 22 at 12 noon."
    call.keys("1")
    assert state(day, visit) == "confirmed"


def test_a_machine_hears_name_and_number_and_a_text_without_content_follows(day):
    remind(day, kind="landline", details=True)
    day.send()
    call = day.phone("rosa").answer(day.company.calls[0], by="machine_end_beep")
    assert call.said == [
        "This is Harbor Community Clinic. Please call us at 6 1 7, 5 5 5, 0 1 0 0."
        " Again, 6 1 7, 5 5 5, 0 1 0 0. Thank you."
    ]
    day.send()
    assert [text.body for text in day.company.texts] == [
        "Harbor Community Clinic tried to call you. Please call (617) 555-0100. Write STOP for no more texts."
    ]


@pytest.mark.parametrize(
    ("words", "reason", "minutes"),
    [
        (["ringing", "busy"], "busy", 5),
        (["busy"], "busy", 5),
        (["ringing", "no-answer"], "no answer", 45),
        (["ringing", "failed"], "failed", 10),
        (["failed"], "never rang", 2),
        (["initiated", "canceled"], "never rang", 2),
    ],
)
def test_what_became_of_a_call_decides_when_it_is_tried_again(day, words, reason, minutes):
    remind(day, kind="landline")
    day.send()
    (asked,) = day.company.calls
    for word in words:
        day.call_status(asked.id, word, asked.outbox)
    row = day.outbox("reminder")
    assert (row.status, row.reason) == ("due", reason)
    assert row.due_at == day.clock() + timedelta(minutes=minutes)


def test_calls_that_never_rang_use_up_no_try_that_did(day):
    remind(day, kind="landline")
    outcomes = ["failed", "failed", "no-answer", "failed", "no-answer", "failed"]
    for place, word in enumerate(outcomes):
        day.send()
        asked = day.company.calls[place]
        if word == "no-answer":
            day.call_status(asked.id, "ringing", asked.outbox)
        day.call_status(asked.id, word, asked.outbox)
        day.clock.moment = day.outbox("reminder").due_at
    day.send()
    assert len(day.company.calls) == 7
    asked = day.company.calls[-1]
    day.call_status(asked.id, "ringing", asked.outbox)
    day.call_status(asked.id, "no-answer", asked.outbox)
    assert day.outbox("reminder").status == "failed", "the third time that nobody answered"
    assert day.reasons(Task) == ["reminder_not_given"]


def test_a_call_that_the_carrier_never_placed_is_ended_and_placed_again(day):
    remind(day, kind="landline")
    day.send()
    (asked,) = day.company.calls
    day.company.statuses[asked.id] = Status("queued", CallState.QUEUED)
    ended: list[str] = []
    day.company.on_end_call = ended.append
    day.clock.forward(minutes=11)
    day.sweep()
    assert ended == [asked.id]
    day.call_status(asked.id, "canceled", asked.outbox)
    assert day.outbox("reminder").reason == "never rang"


def test_a_text_that_can_t_reach_her_becomes_a_call_and_then_a_task(day):
    remind(day)
    day.company.fails = [Refused(30006, Meaning.LANDLINE)]
    day.send()
    text, call = day.rows(OutboxRow)
    assert (text.status, call.channel, call.flow) == ("failed", "call", "reminder_call")
    assert call.expires_at == text.expires_at
    assert call.key.startswith(f"{text.key}:call:")
    day.company.fails = [Refused(21211, Meaning.INVALID_NUMBER)]
    day.send()
    assert day.reasons(Task) == ["reminder_not_given"]


def test_a_reminder_that_nobody_answers_keeps_no_check_in_waiting(day):
    remind(day)
    day.send()
    day.clock.forward(minutes=5)
    day.ask_rosa()
    day.send()
    assert len(day.company.texts) == 2
    assert sorted(row.state for row in day.rows(Conversation)) == ["open", "superseded"]


def test_a_reminder_waits_for_a_check_in_that_is_open(day):
    day.ask_rosa()
    day.send()
    remind(day)
    day.send()
    assert (day.outbox("reminder").status, day.outbox("reminder").reason) == (
        "due",
        "another question is open",
    )


def test_a_reminder_that_the_night_would_hold_beyond_its_end_is_a_task_at_once(day):
    """And not in the morning, or when her own hours come again, which may be after the visit."""
    remind(day)
    day.clock.forward(hours=10)
    day.set(OutboxRow, expires_at=day.clock() + 2 * AN_HOUR)
    day.send()
    assert (day.outbox("reminder").status, day.outbox("reminder").reason) == ("dropped", "expired")
    assert day.reasons(Task) == ["reminder_not_given"]


def test_after_a_stop_she_is_reminded_of_nothing(day):
    remind(day)
    day.phone("rosa").text("STOP")
    day.send()
    assert texts(day) == []
    assert (day.outbox("reminder").status, day.outbox("reminder").reason) == ("dropped", "opted out")
    assert "reminder_not_given" not in day.reasons(Task)


def test_a_visit_that_was_missed_is_a_task_and_an_offer(day):
    visit = remind(day)
    day.clock.forward(hours=25)
    with day.house.database.writing() as connection:
        book_for.mark_missed(
            day.house.database, connection, clinic_id=1, visit=visit, by="nurse", now=day.clock()
        )
    assert day.reasons(Task) == ["visit_missed"]
    day.send()
    assert texts(day) == [OPENING]
    (offer,) = day.phone("rosa").texts("1", BIRTH_DATE)
    assert offer.startswith("We missed you at your visit. Would you like another one?")
    assert day.phone("rosa").text("yes")[0].startswith("What is the visit for?")
