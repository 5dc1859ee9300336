"""Everything a patient is sent is there to see."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select, update

from care import outbox
from conversation.house import House
from records.clinics import Clinic
from records.outbox import OutboxRow

from .people import NOON, Nurse, Patient


def put(house: House, count: int, **values: str) -> None:
    with house.database.writing() as connection:
        clinic = connection.scalars(select(Clinic.id)).one()
        for place in range(count):
            outbox.put(
                house.database,
                connection,
                key=f"{values}:{place}",
                kind="check_in",
                channel="text",
                clinic_id=clinic,
                now=NOON,
                number="+16175550101",
                patient_id=1,
                **values,  # type: ignore[arg-type]
            )


def test_replies_with_their_words(nurse: Nurse, rosa: Patient) -> None:
    rosa.text("hola", "sí")
    page = nurse.read("/clinic/sent")
    assert (
        "(617) 555-0101 Reply by text · Conversation ¿En qué podemos ayudarle? 1 su presión arterial" in page
    )
    assert "Sent 2 segments" in page


def test_why_something_was_not_sent_is_said_in_plain_words(nurse: Nurse, house: House) -> None:
    put(house, 1, status="dropped", reason="opted out")
    put(house, 1, status="failed", reason="landline")
    page = nurse.read("/clinic/sent")
    assert "Not sent this number asked for no more automatic texts and calls" in page
    assert "Failed a landline takes no texts" in page


def test_what_is_held_says_when_it_is_tried_again(nurse: Nurse, house: House) -> None:
    put(house, 1, reason="quiet hours")
    with house.database.writing() as connection:
        connection.execute(update(OutboxRow).values(due_at=NOON + timedelta(hours=20)))
    assert "Waiting it is between 9 pm and 8 am where the patient is; next try Nov 22, 8:00 AM" in nurse.read(
        "/clinic/sent"
    )


def test_one_status_alone(nurse: Nurse, house: House) -> None:
    put(house, 2, status="failed", reason="landline")
    put(house, 3, status="delivered")
    assert nurse.open("/clinic/sent?status=failed").text.count("badge status-failed") == 2
    assert nurse.open("/clinic/sent?status=failed").text.count("badge status-delivered") == 0


def test_older_ones_follow_and_none_is_left_out_or_shown_twice(nurse: Nurse, house: House) -> None:
    put(house, 120, status="failed", reason="landline")
    put(house, 5, status="delivered")
    sizes, address = [], "/clinic/sent?status=failed"
    while address:
        page = nurse.open(address).text
        sizes.append(page.count("badge status-failed"))
        following = re.search(r'class="older"><a href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
        assert not address or "status=failed" in address
    assert sizes == [50, 50, 20]


def test_work_on_recordings_is_nothing_that_was_sent(nurse: Nurse, house: House) -> None:
    james = Patient(house, "+16175550102")
    james.call("1", "2")
    james.speak_message()
    assert "Nothing here." in nurse.read("/clinic/sent")
