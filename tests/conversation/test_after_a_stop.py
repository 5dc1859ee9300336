"""Once she wants no more, nothing is handed to the carrier: not what waited, nor what was claimed, nor what comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from care import check_ins, consent
from care.rules.safe_contact import opens, read
from conversation import sending
from records.audit import AuditEntry
from records.clinics import Clinic
from records.messages import Message
from records.outbox import OutboxRow
from records.patients import Consent, Contact, Enrolment, Patient, PatientNumber
from records.readings import CheckIn
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.clinic_day import BIRTH_DATE, NOON, NUMBERS, Day
from voice.recognition import Transcript
from voice.recordings import work_due


def rosa_hash() -> str:
    return hashed(NUMBERS["rosa"])


def _text(words: str) -> Callable[[Day], None]:
    return lambda day: day.phone("rosa").texts(words)


def _by_staff(day: Day) -> None:
    with day.house.database.writing() as connection:
        assert consent.withdraw_by_staff(
            day.house.database, connection, clinic_id=1, patient_id=1, topic="everything", channel="any",
            by="nurse", now=day.clock(),
        )  # fmt: skip


def _in_the_menu(day: Day) -> None:
    call = day.phone("rosa").call()
    assert any("For something else, press 5." in words for words in call.said)
    call.keys("5", "2")
    call.over()


WAYS = {
    "STOP": _text("STOP"),
    "a plain request": _text("please stop texting me"),
    "Spanish": _text("no me llamen más"),
    "Haitian Creole": _text("tanpri sispann ekri m"),
    "Korean": _text("문자 그만 보내세요"),
    "the menu of a call": _in_the_menu,
    "staff": _by_staff,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("when", ["waiting", "in flight", "at the last moment", "asked"])
def test_nothing_goes_to_the_carrier_after_a_stop(day: Day, way: Callable[[Day], None], when: str) -> None:
    day.ask_rosa()
    if when == "asked":
        day.send()
    if when == "in flight":  # her row is claimed with another's, whose sending takes a while
        day.ask_everybody(1)
        day.set(OutboxRow, OutboxRow.number_hash == rosa_hash(), priority=9)

        def meanwhile() -> None:
            day.company.on_send = lambda: None
            way(day)

        day.company.on_send = meanwhile
        day.send()
    elif when == "at the last moment":  # it has passed the gate, and waits for the carrier's rate
        day.ask_everybody(1)
        day.set(OutboxRow, OutboxRow.number_hash == rosa_hash(), priority=9)
        sending.send_due(day.house, "sending", lambda seconds: way(day) if seconds else None)
        here = (OutboxRow.kind == "check_in", OutboxRow.number_hash == rosa_hash())
        assert day.the(OutboxRow, *here).status == "dropped"
    else:
        way(day)
    before = len(day.company.texts)
    for hours in range(1, 30):
        day.clock.forward(hours=1)
        if hours % 5 == 0:
            now = day.clock().astimezone(NOON.tzinfo)
            day.set(Enrolment, Enrolment.patient_id == 1, ask_at=[f"{now:%H:%M}"])
            check_ins.ask_those_due(day.house.database, day.clock())
            check_ins.ask_now(day.house.database, rosa_hash(), day.clock())
        check_ins.follow_up_silence(day.house.database, day.clock())
        day.send()
        day.sweep()
    to_her = [text for text in day.company.texts[before:] if text.to == NUMBERS["rosa"]]
    assert to_her == []
    assert NUMBERS["rosa"] not in [call.to for call in day.company.calls]
    assert all(row.state in ("stopped", "missed") for row in day.rows(CheckIn, CheckIn.patient_id == 1))
    assert day.rows(Consent, Consent.given.is_(False)), "it is written down"
    assert day.rows(AuditEntry, AuditEntry.did == "withdrew consent")


def test_one_confirmation_and_no_second(day: Day) -> None:
    rosa = day.phone("rosa")
    (confirmation,) = rosa.text("STOP")
    assert "no more texts or calls" in confirmation
    assert rosa.text("STOP") == []
    assert rosa.text("hello?") == []
    (begun_again,) = rosa.text("START")
    assert "again" in begun_again
    day.clock.forward(minutes=1)
    day.ask_rosa()
    day.send()
    assert [text.to for text in day.company.texts] == [NUMBERS["rosa"]]


def test_a_stop_by_phone_ends_a_talk_by_text_that_is_open(day: Day) -> None:
    rosa = day.phone("rosa")
    rosa.text("120/80")
    call = rosa.call().keys("2")  # she does not go on with what she began by text
    rosa.text("120/80")
    call.keys("5", "2")
    assert rosa.text(BIRTH_DATE) == []


def test_a_spoken_request_to_stop_is_a_task_for_a_person(day: Day) -> None:
    call = day.phone("rosa").call().keys("2")
    call.record("RE" + "1" * 32, 4)
    call.over()
    day.company.recordings["RE" + "1" * 32] = b"RIFF"
    heard = Transcript("please stop calling me", "en", 0.9, "test", 4.0, None)
    for _ in range(3):
        work_due(day.house, lambda sound, language: heard)
    assert day.the(Message).state == "ready"
    assert "asked_to_stop" in day.reasons(Task)


def test_where_there_are_several_things_to_stop_she_may_choose(day: Day) -> None:
    agreed = {
        "clinic_id": 1,
        "patient_id": 1,
        "channel": "any",
        "given": True,
        "language": "en",
        "by": "import",
    }
    with day.house.database.writing() as connection:
        connection.execute(
            Consent.__table__.insert().values(
                **agreed, topic="surveys", text_version="surveys-1", at=day.clock()
            )
        )
    call = day.phone("rosa").call().keys("5", "2")
    assert "What should we send you no more?" in call.said
    call.keys("2")
    assert "you will get no more of these" in " ".join(call.said)
    assert day.rows(Contact, Contact.opted_out_at.is_not(None)) == []
    said = [(row.topic, row.patient_id, row.given) for row in day.rows(Consent)][-2:]
    assert said == [("check_ins", None, False), ("check_ins", 1, False)]
    assert check_ins.ask_now(day.house.database, rosa_hash(), day.clock()) == 0


def test_who_stopped_may_begin_again_by_a_call(day: Day) -> None:
    _in_the_menu(day)
    call = day.phone("rosa").call().keys("5", "2")
    assert "Would you like to get them again?" in " ".join(call.said)
    call.keys("1")
    assert day.the(Contact, Contact.number_hash == rosa_hash()).opted_out_at is None


def test_wrong_number_as_the_first_text_is_understood(day: Day) -> None:
    """In answer to a text that asked to be called back: no question of ours is open then."""
    (sorry,) = day.phone("rosa").text("wrong number")
    assert "not text or call this number again" in sorry
    assert check_ins.ask_now(day.house.database, rosa_hash(), day.clock()) == 0
    task = day.the(Task)
    assert (task.reason, task.details["patients"]) == ("wrong_person", [1])


SAFE = {"name": "Ana", "never_text": True, "no_voicemail": True}


def test_her_safe_name_stands_for_the_clinics_until_the_end_of_the_talk(day: Day) -> None:
    day.set(Patient, Patient.id == 1, safe_contact=SAFE)
    day.ask_rosa()
    day.send()
    (call,) = day.company.calls
    answered = day.phone("rosa").answer(call)
    assert "Harbor" not in answered.document
    assert "Ana" in answered.said[0]
    assert not any("clinic" in words or "questions" in words for words in answered.said)
    answered.keys("9")
    assert "Ana" in " ".join(answered.said)
    assert "Harbor" not in answered.document


def test_no_machine_is_spoken_to_where_she_said_so(day: Day) -> None:
    day.set(Patient, Patient.id == 1, safe_contact=SAFE)
    day.ask_rosa()
    day.send()
    heard = day.phone("rosa").answer(day.company.calls[0], by="machine_end_beep")
    assert heard.said == []
    day.send()
    assert day.company.texts == [], "nor is she texted"


def test_a_shared_phone_shows_a_name_and_a_number_only(day: Day) -> None:
    day.set(PatientNumber, PatientNumber.patient_id == 1, shared=True)
    day.ask_rosa()
    day.send()
    (text,) = day.company.texts
    assert "check-in" not in text.body
    assert "Harbor Community Clinic, (617) 555-0100." in text.body


def test_outside_of_her_hours_it_is_held_and_says_until_when(day: Day) -> None:
    rules = {"windows": [{"from": "13:00", "until": "15:00"}]}
    day.set(Patient, Patient.id == 1, safe_contact=rules)
    day.ask_rosa()
    day.send()
    row = day.outbox("check_in")
    assert (row.status, row.reason, row.due_at) == ("due", "her own hours", day.clock() + timedelta(hours=1))
    assert row.due_at == opens(read(rules), "America/New_York", day.clock())
    day.clock.forward(hours=1)
    day.send()
    assert len(day.company.texts) == 1


def test_a_relay_number_is_a_persons_to_call(day: Day) -> None:
    day.set(PatientNumber, PatientNumber.patient_id == 1, kind="relay")
    check_ins.ask_now(day.house.database, rosa_hash(), day.clock())
    assert day.the(CheckIn).state == "by_person"
    task = day.the(Task)
    assert (task.reason, task.same_day, task.details["why"]) == ("reach_by_person", True, "relay")
    assert task.details["number"] == NUMBERS["rosa"]
    day.clock.forward(hours=5)
    check_ins.follow_up_silence(day.house.database, day.clock())
    day.send()
    assert (day.company.texts, day.company.calls, len(day.rows(Task))) == ([], [], 1)


def test_who_asks_for_a_person_after_her_stop_is_called_back_the_same_day(day: Day) -> None:
    rosa = day.phone("rosa")
    rosa.text("STOP")
    assert rosa.text("nurse") == []
    assert ("asked_for_person", True) in [(task.reason, task.same_day) for task in day.rows(Task)]
    rosa.text("thank you")
    assert [task.reason for task in day.rows(Task)].count("asked_for_person") == 1


@pytest.mark.parametrize("way", ["STOP", "wrong number", "staff"])
@pytest.mark.parametrize("by", ["human", "machine_end_beep"])
def test_a_call_that_rings_while_she_stops_us_says_nothing_and_leaves_nothing(
    day: Day, way: str, by: str
) -> None:
    day.ask_rosa(kind="landline")
    day.send()
    (call,) = day.company.calls
    if way == "staff":
        _by_staff(day)
    else:
        day.phone("rosa").text(way)
    answered = day.phone("rosa").answer(call, by=by)
    assert (answered.said, answered.waits) == ([], "Hangup")
    day.send()
    assert day.company.texts == []


def test_of_a_message_in_two_texts_the_second_does_not_go_after_a_stop(day: Day) -> None:
    day.set(Clinic, name="Harbor Community Clinic of the Sisters of Mercy " * 12)
    day.ask_rosa()

    def stop() -> None:
        day.company.on_send = lambda: None
        day.phone("rosa").text("STOP")

    day.company.on_send = stop
    day.send()
    assert len(day.company.texts) == 1


def test_her_safe_name_stands_in_what_answers_her_afterwards_too(day: Day) -> None:
    """An answer that came too late, and a word after the talk was over: whoever reads along learns of no clinic."""
    day.set(Patient, Patient.id == 1, safe_contact={"name": "Ana"})
    rosa = day.phone("rosa")
    day.ask_rosa()
    day.send()
    day.clock.forward(hours=25)
    day.sweep()
    (late,) = rosa.text("118/76")
    assert late.startswith("This is Ana.")
    rosa.texts(BIRTH_DATE, "yes", "no")
    day.clock.forward(hours=1)
    for word in ("help", "STOP"):
        assert "Harbor" not in " ".join(rosa.text(word)), word
