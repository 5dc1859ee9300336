"""Two clinics on one installation, told apart by the line that was called: neither sees the other's people."""

from __future__ import annotations

from sqlalchemy import insert

from records.alerts import Alert
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Contact, Patient, PatientNumber
from records.readings import Reading
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.carrier_webhooks import Phone
from tests.conversation.clinic_day import BIRTH_DATE, NUMBERS, Day

OTHER_LINE, OTHER_DESK, OTHER_BIRTH_DATE = "+18575550100", "+18575550190", "07/04/1971"
"""Bay Clinic, where Rosa's number is her aunt's."""


def bay_clinic(day: Day) -> Phone:
    """Open the second clinic; the same phone, calling there."""
    with day.house.database.writing() as connection:
        values = {"name": "Bay Clinic", "line": OTHER_LINE, "emergency_number": OTHER_DESK}
        connection.execute(insert(Clinic).values(id=2, timezone="America/New_York", **values))
        person = {"name": "Inés Delgado", "birth_date": "1971-07-04", "language": "en"}
        aunt = connection.execute(
            insert(Patient).values(clinic_id=2, timezone="America/New_York", created_at=day.clock(), **person)
        ).inserted_primary_key
        assert aunt is not None
        number = {"number": NUMBERS["rosa"], "number_hash": hashed(NUMBERS["rosa"]), "kind": "mobile"}
        connection.execute(insert(PatientNumber).values(clinic_id=2, patient_id=aunt[0], **number))
        connection.execute(
            insert(Contact).values(clinic_id=2, number_hash=hashed(NUMBERS["rosa"]), language="en")
        )
    return Phone(day.webhooks, NUMBERS["rosa"], OTHER_LINE)


def test_a_birth_date_of_the_other_clinics_patient_confirms_nobody(day: Day) -> None:
    there, here = bay_clinic(day), day.phone("rosa")
    assert "does not match" in there.texts("118/76", BIRTH_DATE)[0]
    assert "118/76" in there.text(OTHER_BIRTH_DATE)[0], "her aunt is known there, and read back"
    assert "does not match" in here.texts("118/76", OTHER_BIRTH_DATE)[0]
    assert "118/76" in here.text(BIRTH_DATE)[0]
    assert sorted((talk.clinic_id, talk.patient_id) for talk in day.rows(Conversation)) == [
        (1, 1),
        (2, day.rows(Patient, Patient.clinic_id == 2)[0].id),
    ]
    assert [(row.clinic_id, row.patient_id is not None) for row in day.rows(Reading)] == [
        (2, True),
        (1, True),
    ]


def test_a_question_of_one_clinic_is_not_answered_at_the_other(day: Day) -> None:
    there, here = bay_clinic(day), day.phone("rosa")
    here.texts("118/76", BIRTH_DATE)
    assert "How can we help you?" in there.text("hello")[0], "nothing of the talk with the other clinic"
    assert "You began something" not in there.texts("menu")[0]
    assert "Do you have" in here.text("yes")[0], "that one goes on where it was"


def test_a_stop_at_one_clinic_is_no_stop_at_the_other(day: Day) -> None:
    there, here = bay_clinic(day), day.phone("rosa")
    there.text("STOP")
    marks = {
        row.clinic_id: row.opted_out_at is not None
        for row in day.rows(Contact)
        if row.number_hash == hashed(NUMBERS["rosa"])
    }
    assert marks == {1: False, 2: True}
    assert "How can we help you?" in here.text("hello")[0]


def test_danger_at_a_clinic_calls_that_clinics_own_number(day: Day) -> None:
    bay_clinic(day).text("I can't breathe")
    [alert] = day.rows(Alert)
    assert (alert.clinic_id, alert.details["candidates"]) == (
        2,
        [day.rows(Patient, Patient.clinic_id == 2)[0].id],
    )
    assert [row.number for row in day.rows(OutboxRow, OutboxRow.kind == "alert")] == [OTHER_DESK]
    assert {task.clinic_id for task in day.rows(Task)} <= {2}


def test_guesses_at_one_clinic_lock_nobody_at_the_other(day: Day) -> None:
    there, here = bay_clinic(day), day.phone("rosa")
    for _ in range(5):
        there.texts("menu", "1", "01/01/1990")
    assert "For your safety" in there.texts("menu", "1")[0]
    assert "date of birth" in here.texts("hello", "1")[0]
