"""Where something said belongs: one open question a number, one call a token, one person a confirmation."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from care import check_ins, outbox
from conversation.versions import FLOWS, FlowVersions, current_flows
from records.alerts import Alert
from records.conversations import Conversation, FlowVersion, Turn
from records.outbox import OutboxRow
from records.patients import Contact
from records.readings import CheckIn, Reading
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.clinic_day import BIRTH_DATE, DESK, KEYED_BIRTH_DATE, LINE, NUMBERS, Day

GO_ON = "You began something with us and did not finish it. Would you like to go on with it?"


def talks(day: Day, state: str) -> list[str]:
    return [talk.id for talk in day.rows(Conversation, Conversation.state == state)]


# One open question a number


def test_a_question_of_ours_waits_while_another_is_open_and_goes_out_afterwards(day):
    rosa = day.phone("rosa")
    rosa.text("hello")
    day.ask_rosa()
    assert day.send() == 1
    assert day.company.texts == []
    assert (day.outbox("check_in").status, day.outbox("check_in").attempts) == ("due", 0)
    rosa.texts("2", "May I take aspirin?")  # the message is left, and that talk is over
    assert talks(day, "open") == []
    day.clock.forward(minutes=10)
    assert day.send() == 1
    assert "it is time for your check-in" in day.company.texts[0].body
    assert rosa.text("1")[0].startswith("To keep your information private")


def test_a_question_that_waited_too_long_is_dropped_and_she_is_called(day):
    day.phone("rosa").text("hello")
    day.ask_rosa()
    for _ in range(20):
        day.send()
        day.clock.forward(minutes=10)
    assert day.company.texts == []
    assert (day.outbox("check_in").status, day.outbox("check_in").reason) == ("dropped", "expired")
    check_ins.follow_up_silence(day.house.database, day.clock())
    assert day.the(CheckIn).state == "called"


def test_an_urgent_question_takes_the_place_of_another_and_says_so(day):
    rosa = day.phone("rosa")
    rosa.texts("120/80", BIRTH_DATE)
    assert check_ins.ask_now(day.house.database, hashed(NUMBERS["rosa"]), day.clock()) == 1
    day.send()
    assert day.company.texts[0].body.startswith("We leave our other question for now")
    assert len(talks(day, "open")) == len(talks(day, "left")) == 1
    assert day.reasons(Task) == ["check_in_not_finished"]
    assert rosa.text("1")[0].startswith("To keep your information private")


def test_two_urgent_questions_at_once_are_one_open_question(day):
    day.phone("rosa").text("hello")
    check_ins.ask_now(day.house.database, hashed(NUMBERS["rosa"]), day.clock())
    day.clock.forward(seconds=1)
    check_ins.ask_now(day.house.database, hashed(NUMBERS["rosa"]), day.clock())
    at_once([day.send, day.send])
    assert len(talks(day, "open")) == 1


# An answer after its question closed


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "not swept yet"])
def test_an_answer_after_its_question_closed_is_asked_again_by_name(day, swept):
    day.ask_rosa()
    day.send()
    day.clock.forward(hours=25)
    if swept:
        day.sweep()
    (answer,) = day.phone("rosa").text("2")
    assert answer.startswith("This is Harbor Community Clinic. Your answer came too late")
    assert day.rows(Contact, Contact.wrong_person_at.is_not(None)) == [], "2 was 'wrong person' yesterday"
    assert [talk.state for talk in day.rows(Conversation, Conversation.direction == "out")] == ["closed"]
    assert len(talks(day, "open")) == 1


def test_a_severe_reading_by_text_that_is_never_confirmed_reaches_a_nurse(day):
    day.phone("rosa").texts("165/112", BIRTH_DATE)
    day.clock.forward(hours=25)
    day.phone("rosa").text("hello")  # before anybody swept
    day.sweep()
    assert day.reasons(Alert) == ["severe_reading"]


# The token of a call


def called(day: Day):
    """Rosa's landline is rung for a check-in."""
    day.ask_rosa(kind="landline")
    day.send()
    return day.company.calls[-1]


def test_a_call_is_answered_with_its_token_once(day):
    asked = called(day)
    first = day.phone("rosa").answer(asked)
    assert first.said[0].startswith("This is an automated call from Harbor Community Clinic")
    assert day.phone("rosa").answer(asked).document == first.document, "asked for again by the same call"
    other = day.phone("rosa").answer(asked, call="CA-another")
    assert (other.said, other.waits) == ([], "Hangup")
    other.ask(first.action, Digits="9")
    assert other.said == []
    assert day.rows(Contact, Contact.opted_out_at.is_not(None)) == []
    assert first.keys("1").said[0].startswith("To keep your information private")


def test_two_calls_with_one_token_at_once_are_one_talk(day):
    asked = called(day)
    answered = at_once(
        [lambda name=name: day.phone("rosa").answer(asked, call=name) for name in ("CA-a", "CA-b")]
    )
    assert sorted(call.waits for call in answered) == ["Gather", "Hangup"]
    assert len(day.rows(Turn)) == 1


def test_a_token_that_nobody_gave_out_gets_nothing(day):
    asked = called(day)
    forged = replace(asked, url=asked.url.partition("token=")[0] + "token=guessed-by-somebody")
    assert day.phone("rosa").answer(forged).waits == "Hangup"
    assert day.counted("late turns") == 1


def test_the_token_of_a_call_that_nobody_answered_is_void(day):
    asked = called(day)
    day.call_status(asked.id, "no-answer", asked.outbox)
    day.clock.forward(minutes=5)
    day.send()
    again = day.company.calls[-1]
    assert again.id != asked.id
    assert day.phone("rosa").answer(again).waits == "Gather"


def test_two_alerts_are_both_called_until_each_is_taken(day):
    """The desk does not pick up for the first: the second is called all the same."""
    day.severe_reading_by_text()
    day.phone("stranger").text("I want to kill myself")
    assert len(day.rows(Alert)) == 2
    desk = day.phone(DESK)
    for _ in range(200):
        day.send("alerts")
        for asked in [one for one in day.company.calls if one.id not in day.company.statuses]:
            day.company.statuses[asked.id] = "told"
            day.call_status(asked.id, "no-answer", asked.outbox, to=DESK)
        day.clock.forward(seconds=10)
    called_for = {asked.outbox for asked in day.company.calls}
    assert len(called_for) == 2
    for row in day.rows(OutboxRow, OutboxRow.kind == "alert"):
        day.clock.forward(minutes=31)
        day.send("alerts")
        for asked in day.company.calls[-2:]:
            if asked.outbox == str(row.id) and asked.id not in day.company.statuses:
                desk.answer(asked).keys("1", "1").over("completed", asked.outbox)
                day.company.statuses[asked.id] = "told"


# A deploy in the middle of a talk


def deployed(day: Day, folder: Path, words: str, instead: str):
    """The house after a deploy in which the flows say something else."""
    shutil.copytree(FLOWS, folder, dirs_exist_ok=True)
    for file in folder.glob("*.yaml"):
        file.write_text(file.read_text("utf-8").replace(words, instead), "utf-8")
    return replace(day.house, flows=FlowVersions(current_flows(day.house.languages, folder)))


def test_a_talk_goes_on_with_its_flows_after_a_deploy_and_new_ones_get_the_new(day, tmp_path):
    day.phone("rosa").texts("120/80", BIRTH_DATE)
    changed = day.webhooks_of(
        deployed(day, tmp_path / "flows", "Do you have a bad headache,", "Is there a bad headache,")
    )
    (old,) = day.phone("rosa", changed).text("yes")
    (new,) = day.phone("james", changed).texts("120/80", "11/20/1950", "yes")
    assert old.startswith("Do you have a bad headache")
    assert new.startswith("Is there a bad headache")
    assert len(day.rows(FlowVersion)) == 2
    assert len({talk.flows_version for talk in day.rows(Conversation)}) == 2


# Another channel


def test_going_on_by_phone_asks_who_she_is_again(day):
    day.phone("rosa").texts("120/80", BIRTH_DATE)
    call = day.phone("rosa").call()
    assert GO_ON in call.said
    assert call.keys("1").said[0].startswith("To keep your information private")
    assert "120 over 80" in " ".join(call.keys(KEYED_BIRTH_DATE).said)


def test_what_was_left_is_kept_from_whoever_has_the_phone_now(day):
    day.phone("rosa").texts("120/80", BIRTH_DATE)
    call = day.phone("rosa").call().keys("1", "01011990", "01011991")
    assert "120" not in " ".join(call.said)
    assert [talk.state for talk in day.rows(Conversation, Conversation.channel == "text")] == ["open"]


def test_taking_up_what_was_left_moves_its_reading_and_ends_the_old_talk(day):
    first = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "120*80")
    first.over()
    assert day.reasons(Task) == ["check_in_not_finished"]
    second = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE)
    assert "Is that right?" in " ".join(second.said)
    second.keys("1", "2")
    reading = day.the(Reading)
    old, new = (
        next(talk for talk in day.rows(Conversation) if talk.call == call.id) for call in (first, second)
    )
    assert (reading.confirmed, reading.warning_signs, reading.conversation_id) == (True, "no", new.id)
    assert (old.state, new.state) == ("superseded", "open")
    assert [task.state for task in day.rows(Task)] == ["done"]


def test_taking_up_the_last_question_and_leaving_again_is_not_forgotten(day):
    day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "120*80", "1").over()
    second = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE)
    assert "Do you have any of these?" in " ".join(second.said)
    second.over()
    assert [task.state for task in day.rows(Task, Task.reason == "check_in_not_finished")] == ["done", "open"]


def test_signs_told_in_the_second_call_stand_by_the_reading_of_the_first(day):
    day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "120*80", "1").over()
    day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "1")
    assert day.the(Reading).warning_signs == "yes"
    assert day.reasons(Alert) == ["warning_signs"]


def test_taking_up_ones_own_leaves_a_brothers_reading_alone(day):
    """Two children share a phone: each has a talk that was left."""
    for born, reading in (("05052015", "120*80"), ("08082018", "100*70")):
        call = day.phone("riveras").call()
        call.keys("2" if GO_ON in call.said else "1", "1", born, reading)  # set aside; or English
        call.over()
        day.clock.forward(minutes=1)
    day.set(Conversation, Conversation.state == "closed", state="left")  # both are left
    lucia, mateo = (reading.patient_id for reading in day.rows(Reading))
    call = day.phone("riveras").call()
    assert GO_ON in call.said
    call.keys("1", "08082018")
    assert "100 over 70" in " ".join(call.said)
    assert [reading.patient_id for reading in day.rows(Reading)] == [lucia, mateo]


def test_setting_aside_a_severe_reading_that_was_not_confirmed_still_reaches_a_nurse(day):
    day.phone("rosa").texts("165/112", BIRTH_DATE)
    call = day.phone("rosa").call()
    assert GO_ON in call.said
    call.keys("2")
    alert = day.the(Alert)
    assert (alert.reason, alert.patient_id) == ("severe_reading", day.the(Reading).patient_id)
    assert alert.patient_id is not None


# A caller who shows no number


def test_a_caller_who_shows_no_number_is_served_and_nothing_is_remembered(day):
    before = day.counts()
    for call in (day.phone("anonymous").call(), day.phone("+266696687").call()):
        assert "Harbor Community Clinic." in call.said, "asked for her language, as if for the first time"
        call.keys("2", "2").record(f"RE-name-{call.id}", 2).keys("6175550107", "1")
        call.record(f"RE-{call.id}", 7).keys("2")
        call.over()
    first, second = day.rows(Conversation)
    assert (first.number, second.number) == ("", "")
    assert day.counts()["contacts"] == before["contacts"]
    assert len(day.rows(Turn)) == 16
    assert day.reasons(Task) == ["unknown_caller", "unknown_caller"]
    assert [task.details["callback_number"] for task in day.rows(Task)] == ["+16175550107"] * 2


def test_two_callers_who_show_no_number_are_not_taken_for_each_other(day):
    first = day.phone("anonymous").call().keys("1", "1")
    first.keys("120*80")
    first.over()
    second = day.phone("anonymous").call()
    second.keys("1")
    assert GO_ON not in second.said


def test_a_caller_who_shows_no_number_and_is_in_danger_raises_an_alert_that_says_so(day):
    call = day.phone("anonymous").call().keys("1", "3", "1")
    assert call.waits == "Dial"
    day.clock.forward(seconds=100)
    assert day.send("alerts") == 1
    desk = day.phone(DESK).answer(day.company.calls[0]).keys("1")
    assert not [words for words in desk.said if "{" in words]
    assert "A caller asks for a nurse now." in desk.said


def test_a_caller_who_shows_no_number_and_stops_stops_nobody_else(day):
    with day.house.database.writing() as connection:
        connection.execute(
            insert(Contact).values(clinic_id=1, number_hash=hashed("+16175550199"), language="en")
        )
        outbox.put(
            day.house.database, connection, key="x", kind="check_in", channel="text", clinic_id=1,
            now=day.clock() + timedelta(hours=1), number_hash=hashed(""), number="",
        )  # fmt: skip
    call = day.phone("anonymous").call().keys("1")
    assert call.waits == "Gather"
    assert day.the(OutboxRow).status == "due"
    assert LINE not in day.counts()
