"""What a nurse sees first, and what the two buttons do."""

import pytest
from sqlalchemy import event, update

from conversation.house import House
from records.clinics import Clinic

from . import a_day
from .people import Clock, Nurse, Patient, words

WHO = "2 de marzo de 1994"


def severe(rosa: Patient) -> None:
    rosa.text("hola", "sí", "1", WHO, "168/112", "sí")


def test_nothing_yet(nurse: Nurse) -> None:
    page = nurse.read()
    assert "No alert is open." in page
    assert "Nothing waits for a person." in page


def test_a_severe_reading_is_on_top_with_who_and_the_number_to_call(
    nurse: Nurse, rosa: Patient, clock: Clock
) -> None:
    severe(rosa)
    clock.go_on(minutes=7)
    page = nurse.read()
    assert "Open alerts 1 Dangerously high blood pressure: 168/112" in page
    assert "Rosa Delgado , date of birth confirmed. Speaks Spanish." in page
    assert "Waits 7 min , since 12:00 PM , by text." in page
    assert "168/112 Severe Confirmed · Warning signs not answered" in page
    parts = ("Open alerts", "Tasks", "Newest readings", "No message has come in yet.")
    assert sorted(parts, key=page.index) == list(parts)
    assert 'href="tel:+16175550101"' in nurse.open().text


def test_where_nobody_is_confirmed_everyone_at_the_number_is_named(nurse: Nurse, house: House) -> None:
    """Lucía and Mateo share a number; a wrong birth date, twice, and then a severe reading."""
    Patient(house, "+16175550103").text(
        "hola", "sí", "1", "1 de mayo de 2001", "1 de mayo de 2002", "170/115", "sí"
    )
    page = nurse.read()
    assert (
        "Person not confirmed. It may be one of these: Speaks Spanish. Lucía Rivera , born May 5, 2015 (11)"
        in page
    )
    assert "Mateo Rivera , born Aug 8, 2018 (8)" in page
    assert (
        "Find out who this is. A blood pressure was given without a confirmed date of birth. 170/115" in page
    )


def test_the_alert_that_waits_longest_comes_first(
    nurse: Nurse, rosa: Patient, house: House, clock: Clock
) -> None:
    severe(rosa)
    clock.go_on(hours=2, minutes=5)
    Patient(house, "+16175550102").call("1", "1", "11201950", "181*95", "1")
    nurse.sign_in()
    page = nurse.read()
    assert page.index("168/112") < page.index("181/95")
    assert "Waits 2 h 5 min" in page


def test_taking_an_alert_gives_it_this_persons_name(nurse: Nurse, rosa: Patient, clock: Clock) -> None:
    severe(rosa)
    clock.go_on(minutes=3)
    page = words(nurse.post("/clinic/alerts/1/take"))
    assert "The alert is yours." in page
    assert "No alert is open." in page
    assert "Taken 12:03 PM : Demo Nurse." in page


def test_an_alert_is_taken_once(nurse: Nurse, rosa: Patient, clock: Clock) -> None:
    severe(rosa)
    nurse.post("/clinic/alerts/1/take")
    clock.go_on(minutes=3)
    page = words(nurse.post("/clinic/alerts/1/take"))
    assert "Already taken: Demo Nurse." in page
    assert "Taken 12:00 PM : Demo Nurse." in page


def test_tasks_of_today_come_before_older_ones(nurse: Nurse, rosa: Patient, clock: Clock) -> None:
    rosa.text("hola", "sí", "2", "¿Me pueden llamar?")
    clock.go_on(minutes=5)
    rosa.text("hola", "1", WHO, "152/101", "sí", "no")
    page = nurse.read()
    high = "Today Call today. High blood pressure; was told that a nurse will call today. 152/101"
    assert page.index(high) < page.index("Answer the message.")


def test_a_task_that_is_done_goes(nurse: Nurse, rosa: Patient) -> None:
    rosa.text("hola", "sí", "2", "¿Me pueden llamar?")
    page = words(nurse.post("/clinic/tasks/1/finish"))
    assert "The task is done." in page
    assert "Nothing waits for a person." in page
    assert "Already done: Demo Nurse." in words(nurse.post("/clinic/tasks/1/finish"))


def test_messages_say_how_sure_their_words_are_and_who_must_listen(
    nurse: Nurse, rosa: Patient, house: House, clock: Clock
) -> None:
    rosa.text("hola")
    a_day.messages(house, clock)
    page = nurse.read()
    assert f"Spanish · 12:00 PM · Conversation {a_day.SPANISH} Spoken, 14 s." in page
    assert "Words by speech recognition, mostly clear (91%)." in page
    assert "A person must listen: how well Careline hears this language is not known." in page
    assert f"Arabic · 12:00 PM · Conversation {a_day.ARABIC} Written." in page
    assert "The recording could not be fetched from the phone company." in page
    assert f'<blockquote dir="auto" lang="ar">{a_day.ARABIC}</blockquote>' in nurse.open().text


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("America/New_York", "12:00 PM"), ("America/Los_Angeles", "9:00 AM"), ("Asia/Kolkata", "10:30 PM")],
)
def test_times_are_the_clinics(nurse: Nurse, rosa: Patient, house: House, zone: str, shown: str) -> None:
    with house.database.writing() as connection:
        connection.execute(update(Clinic).values(timezone=zone))
    severe(rosa)
    assert f"since {shown}" in nurse.read()


def test_the_refreshed_part_is_the_same_as_the_page(nurse: Nurse, rosa: Patient) -> None:
    severe(rosa)
    part = nurse.open("/clinic/now").text
    assert 'id="take-1"' in part
    assert "<html" not in part
    assert words(nurse.open("/clinic/now")) in nurse.read()


def test_the_page_asks_the_database_as_often_for_many_as_for_one(
    nurse: Nurse, rosa: Patient, house: House, clock: Clock
) -> None:
    asked: list[str] = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    rosa.text("hola", "sí", "1", "1 de mayo de 2001", "1 de mayo de 2002", "170/115", "sí")
    counts = {}
    for path in ("/clinic/", "/clinic/patients/1", "/clinic/sent"):
        asked.clear()
        assert nurse.open(path).status_code == 200
        counts[path] = len(asked)
    a_day.live(house, clock)
    nurse.sign_in()
    for path, count in counts.items():
        asked.clear()
        nurse.open(path)
        assert len(asked) <= count + 1, path
