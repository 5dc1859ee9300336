"""A patient's page, and asking for a check-in from it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, select

from conversation.house import House
from records.outbox import OutboxRow
from records.patients import Consent

from . import a_day
from .people import Clock, Nurse, Patient, words

ROSA, JAMES = "/clinic/patients/1", "/clinic/patients/2"


def outbox(house: House) -> list[tuple[str, str, str]]:
    with house.database.reading() as connection:
        rows = connection.execute(select(OutboxRow.kind, OutboxRow.channel, OutboxRow.status))
        return [tuple(row) for row in rows]  # type: ignore[misc]


def test_who_she_is_and_how_to_reach_her(nurse: Nurse, rosa: Patient) -> None:
    rosa.text("alto")
    page = nurse.read(ROSA)
    assert "Rosa Delgado Born (age) Mar 2, 1994 (32) Language Spanish Interpreter not needed" in page
    assert "Numbers (617) 555-0101 mobile" in page
    assert "no automatic texts or calls since 12:00 PM" in page
    assert "postpartum, Nov 21 to Dec 1 asked when told to" in page


def test_the_list_of_patients_leads_there(nurse: Nurse) -> None:
    page = nurse.open("/clinic/patients").text
    assert f'<a class="person" href="{ROSA}">Rosa Delgado</a>' in page
    assert "Haitian Creole" in page


def test_readings_as_a_drawing_and_as_a_table(nurse: Nurse, rosa: Patient, clock: Clock) -> None:
    for reading in ("128/82", "152/101"):
        clock.go_on(minutes=1)
        rosa.text(
            "hola", *(["sí"] if reading == "128/82" else []), "1", "2 de marzo de 1994", reading, "sí", "no"
        )
    page = nurse.read(ROSA)
    assert "Blood pressure, 2 readings, oldest left; the table below has every value." in page
    assert "Dashed: severe from 160/110." in page
    table = page[page.index("Readings, newest first") :]
    assert table.index("152/101 High Confirmed · No warning signs") < table.index("128/82 In range")
    drawing = nurse.open(ROSA).text
    assert len(re.findall(r'<g class="mark level-(?:high|normal)">', drawing)) == 2


def test_all_talk_with_her_is_there(nurse: Nurse, rosa: Patient, house: House, clock: Clock) -> None:
    rosa.text("hola", "sí", "1", "2 de marzo de 1994", "128/82", "sí", "no")
    a_day.messages(house, clock)
    page = nurse.read(ROSA)
    assert a_day.SPANISH in page
    assert "Text to the clinic began by the patient (617) 555-0101 Finished" in page
    assert "Reply by text · Conversation Gracias. Anotamos su presión." in page


def test_asking_for_a_check_in_now(nurse: Nurse, house: House) -> None:
    page = words(nurse.post(f"{ROSA}/ask", ROSA))
    assert "The question is on its way" in page
    assert "Check-in that staff asked for by text Waiting" in page
    assert outbox(house) == [("check_in_now", "text", "due")]


def test_asking_twice_sends_once(nurse: Nurse, house: House, clock: Clock) -> None:
    nurse.post(f"{ROSA}/ask", ROSA)
    clock.go_on(minutes=5)
    assert "A question is waiting for an answer already." in words(nurse.post(f"{ROSA}/ask", ROSA))
    assert len(outbox(house)) == 1
    clock.go_on(hours=2)
    nurse.sign_in()
    nurse.post(f"{ROSA}/ask", ROSA)
    assert len(outbox(house)) == 2


@pytest.mark.parametrize("why", ["no programme", "no consent"])
def test_nobody_is_asked_without_a_programme_and_consent(nurse: Nurse, house: House, why: str) -> None:
    with house.database.writing() as connection:
        connection.execute(delete(Consent))
    path = JAMES if why == "no programme" else ROSA
    said = "nothing to ask" if why == "no programme" else "there is no consent to automatic check-ins"
    assert said in words(nurse.post(f"{path}/ask", ROSA))
    assert outbox(house) == []
    assert "Ask for a check-in now" not in nurse.read(JAMES)


def test_long_lists_go_on_with_older(nurse: Nurse, rosa: Patient, clock: Clock) -> None:
    rosa.text("hola", "sí", "no")
    for _ in range(12):
        clock.go_on(minutes=1)
        rosa.text("menu", "1", "2 de marzo de 1994", "128/82", "sí", "no")
    page = nurse.open(ROSA).text
    older = re.findall(r'href="(/clinic/conversations\?[^"]+)"', page)
    first = set(re.findall(r'href="(/clinic/conversations/[^"]+)">Text', page))
    assert len(first) == 10
    rest = set(
        re.findall(
            r'href="(/clinic/conversations/[^"]+)">Text', nurse.open(older[0].replace("&amp;", "&")).text
        )
    )
    assert len(rest) >= 2
    assert not first & rest
