"""A conversation's page: both sides, and what came of it."""

from __future__ import annotations

from sqlalchemy import select

from conversation.house import House
from records.conversations import Conversation

from .people import Nurse, Patient


def path(house: House) -> str:
    with house.database.reading() as connection:
        return f"/clinic/conversations/{connection.scalars(select(Conversation.id)).one()}"


def test_both_sides_by_text(nurse: Nurse, rosa: Patient, house: House) -> None:
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "168/112", "sí")
    page = nurse.read(path(house))
    assert (
        "With Rosa Delgado Number (617) 555-0101 Channel Text, began by the patient Language Spanish" in page
    )
    said = page[page.index("What was said") : page.index("What came of it")]
    assert (
        "Patient · 12:00 PM 168/112 Careline Entendí 168/112. ¿Es correcto? 1 sí 2 no Patient · 12:00 PM sí"
        in said
    )
    came = page[page.index("What came of it") :]
    assert "Alerts Dangerously high blood pressure: 168/112" in came
    assert "Readings Readings, newest first" in came
    assert "Reply by text" in came[came.index("Sent") :]


def test_each_language_is_marked(nurse: Nurse, rosa: Patient, house: House) -> None:
    rosa.text("hola", "sí")
    html = nurse.open(path(house)).text
    assert '<p dir="auto" lang="es">hola</p>' in html
    assert '<p dir="auto" lang="es">1 su presión arterial</p>' in html


def test_what_a_patient_writes_is_shown_as_written_and_never_run(
    nurse: Nurse, rosa: Patient, house: House
) -> None:
    rosa.text("hola", "sí", "2", "<script>alert(1)</script> & <b>gracias</b>")
    html = nurse.open(path(house)).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;gracias" in html


def test_a_call_with_keys_and_a_message(nurse: Nurse, house: House) -> None:
    james = Patient(house, "+16175550102")
    james.call("1", "2")
    james.speak_message()
    page = nurse.read(path(house))
    assert "Channel Call, began by the patient Language English" in page
    assert "Caller · 12:00 PM Called." in page
    assert "Keyed 2 Careline After the tone, please say your message." in page
    assert "Left a spoken message. Careline Thank you. The clinic has your message" in page
    assert "The recording is being fetched. Spoken, 12 s." in page
    assert "Answer the message." in page


def test_a_bridge_to_a_nurse(nurse: Nurse, house: House) -> None:
    james = Patient(house, "+16175550102")
    reply = james.call("1", "1", "11201950", "170*115", "1")
    assert "Connecting to (617) 555-0190" in nurse.read(path(house))
    house.note_joined(reply.conversation, reply.turn)
    page = nurse.read(path(house))
    assert "Connecting to (617) 555-0190: a person joined 12:00 PM" in page
    assert "Taken 12:00 PM : connected to the caller." in page
