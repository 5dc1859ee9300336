"""What the carrier refuses, or could not deliver: another try, another way, or a person who looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from care import check_ins, unreached
from carriers import CallState, Meaning, Refused, Status, Unavailable
from records.alerts import Alert
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Contact
from records.readings import CheckIn
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.clinic_day import DESK, NUMBERS

FIVE_MINUTES = timedelta(minutes=5)
BY_CALL = {Meaning.OPTED_OUT, Meaning.LANDLINE, Meaning.NOT_A_MOBILE, Meaning.UNKNOWN_HANDSET}
PASSING = [meaning for meaning in Meaning if not meaning.permanent]
LASTING = [meaning for meaning in Meaning if meaning.permanent]


@pytest.mark.parametrize("why", LASTING, ids=str)
def test_a_text_that_is_refused_for_good_goes_by_call_or_to_a_person(day, why):
    day.ask_rosa()
    day.company.fails = [Refused(1, why)]
    day.send()
    text = day.the(OutboxRow, OutboxRow.channel == "text")
    assert (text.status, text.reason) == ("failed", why.value)
    assert day.rows(Conversation, Conversation.state == "open") == [], (
        "a question that she never got is not open"
    )
    if why in BY_CALL:
        day.send()
        assert [call.to for call in day.company.calls] == [NUMBERS["rosa"]]
        assert day.the(CheckIn).state == "called"
    else:
        assert day.reasons(Task) == ["not_delivered"]
        assert day.the(Task).details["why"] == why.value


@pytest.mark.parametrize("why", PASSING, ids=str)
def test_a_text_that_is_refused_for_now_is_sent_again(day, why):
    day.ask_rosa()
    day.company.fails = [Refused(1, why)]
    day.send()
    assert day.outbox("check_in").due_at == day.clock() + FIVE_MINUTES
    day.clock.forward(minutes=5)
    day.send()
    assert day.outbox("check_in").status == "sent"
    assert len(day.company.texts) == 1
    assert day.rows(Task) == []


@pytest.mark.parametrize("why", [Meaning.UNREACHABLE, Meaning.CARRIER_FAULT], ids=str)
def test_when_its_tries_are_used_up_she_is_called_or_a_person_looks(day, why):
    day.ask_rosa()
    day.company.fails = [Refused(1, why)] * 3
    for _ in range(3):
        day.send()
        day.clock.forward(minutes=16)
    text = day.the(OutboxRow, OutboxRow.channel == "text")
    assert (text.status, text.attempts) == ("failed", 3)
    if why is Meaning.UNREACHABLE:
        day.send()
        assert [call.to for call in day.company.calls] == [NUMBERS["rosa"]]
    else:
        assert day.reasons(Task) == ["not_delivered"]


def test_a_number_that_the_carrier_blocks_is_called_until_it_texts_start(day):
    """A carrier's block is of texts: everybody at the number has a voice way, and one task names them all."""
    day.ask_rosa()
    day.company.fails = [Refused(21610, Meaning.OPTED_OUT)]
    day.send()
    task = day.the(Task)
    assert (task.reason, task.patient_id, task.details["patients"]) == ("text_blocked", 1, [1])
    day.send()
    assert [call.to for call in day.company.calls] == [NUMBERS["rosa"]]
    day.call_status(day.company.calls[0].id, "completed", day.company.calls[0].outbox)
    day.clock.forward(hours=3)
    check_ins.ask_now(day.house.database, hashed(NUMBERS["rosa"]), day.clock())
    day.send()
    assert (day.company.texts, len(day.company.calls)) == ([], 2)
    assert day.phone("rosa").text("hello") == [], "the carrier would not take a reply"
    assert [row.reason for row in day.rows(Task)] == ["text_blocked", "message"]
    day.phone("rosa").text("START")
    assert day.the(Contact, Contact.number_hash == hashed(NUMBERS["rosa"])).blocked_at is None
    day.clock.forward(hours=3)
    check_ins.ask_now(day.house.database, hashed(NUMBERS["rosa"]), day.clock())
    day.send()
    assert [text.to for text in day.company.texts] == [NUMBERS["rosa"]]


def test_a_text_that_waits_when_the_carrier_blocks_goes_by_call(day):
    day.ask_rosa()
    day.set(Contact, Contact.number_hash == hashed(NUMBERS["rosa"]), blocked_at=day.clock())
    day.send()
    assert day.the(OutboxRow, OutboxRow.channel == "text").reason == "blocked at the carrier"
    day.send()
    assert ([call.to for call in day.company.calls], day.company.texts) == ([NUMBERS["rosa"]], [])


def test_a_carrier_that_is_away_is_asked_again(day):
    day.ask_rosa()
    day.company.fails = [Unavailable("no connection")]
    day.send()
    row = day.outbox("check_in")
    assert (row.status, row.reason, row.attempts) == ("due", "carrier unavailable", 1)
    day.clock.forward(minutes=5)
    day.send()
    assert day.outbox("check_in").status == "sent"


@pytest.mark.parametrize(
    "failure", [Refused(1, Meaning.INVALID_NUMBER), Unavailable("away")], ids=["refused", "away"]
)
def test_an_alert_is_called_again_for_ever(day, failure):
    day.severe_reading_by_text()
    day.company.fails = [failure] * 14
    for _ in range(15):
        day.send("alerts")
        day.clock.forward(minutes=30)
    assert [call.to for call in day.company.calls] == [DESK]


def test_an_alert_that_nobody_answers_is_called_again_after_a_minute(day):
    day.severe_reading_by_text()
    day.send("alerts")
    day.call_status(day.company.calls[0].id, "no-answer", day.company.calls[0].outbox, to=DESK)
    day.clock.forward(seconds=59)
    assert day.send("alerts") == 0
    day.clock.forward(seconds=1)
    day.send("alerts")
    assert len(day.company.calls) == 2
    day.phone(DESK).answer(day.company.calls[1]).keys("1", "1")
    day.call_status(day.company.calls[1].id, "completed", day.company.calls[1].outbox, to=DESK)
    assert day.the(Alert).state == "taken"
    assert day.outbox("alert").status == "delivered"


def test_a_question_in_parts_that_was_not_delivered_is_sent_again_whole(day):
    day.set(Clinic, name="The Clinic of the Long Name. " * 20)
    day.ask_rosa()
    day.send()
    parts = [text.body for text in day.company.texts]
    last = day.company.texts[-1]
    day.text_status(last.id, "undelivered", last.outbox, ErrorCode="30008")
    day.clock.forward(minutes=5)
    day.send()
    assert [text.body for text in day.company.texts] == parts * 2
    assert len(parts) > 1


def test_a_text_to_call_back_may_be_tried_again_within_its_daily_cap(day):
    day.ask_rosa(kind="landline")
    day.send()
    day.phone("rosa").answer(day.company.calls[0], by="machine_end_beep")
    day.send()
    (text,) = day.company.texts
    day.text_status(text.id, "undelivered", text.outbox, ErrorCode="30008")
    day.clock.forward(minutes=15)
    day.send()
    assert len(day.company.texts) == 2
    assert day.outbox("call_me_back").status == "sent"


FOR_GOOD = [Refused(1, why) for why in [*LASTING, *sorted(unreached.OUR_ACCOUNT)]]
SECOND = "+16175550191"


@pytest.mark.parametrize("failure", FOR_GOOD, ids=lambda failure: failure.meaning.value)
def test_an_emergency_number_that_refuses_for_good_is_an_alert_itself_and_a_second_number_is_called(
    day, failure
):
    day.set(Clinic, second_number=SECOND)
    day.severe_reading_by_text()
    day.company.fails = [failure]
    day.send("alerts")
    severe, unreachable = day.rows(Alert)
    assert (severe.state, unreachable.state) == ("open", "open")
    assert (unreachable.reason, unreachable.level) == ("on_call_unreachable", "emergency")
    assert unreachable.details["number"] == DESK
    assert 'careline_open{what="on_call_unreachable"} 1.0' in day.metrics()
    day.send("alerts")
    assert [call.to for call in day.company.calls] == [SECOND]
    told = day.phone(SECOND).answer(day.company.calls[0]).keys("1").said
    assert any("165" in words for words in told), "the second number hears of the patient first"
    day.call_status(day.company.calls[0].id, "completed", day.company.calls[0].outbox, to=SECOND)
    day.clock.forward(seconds=20)
    day.send("alerts")
    told = day.phone(SECOND).answer(day.company.calls[1]).keys("1").said
    assert any("can't be called" in words for words in told)
    day.clock.forward(minutes=30)
    day.send("alerts")
    assert DESK in [call.to for call in day.company.calls], "the first goes on being tried"


def test_without_a_second_number_it_stands_in_the_console_once(day):
    day.severe_reading_by_text()
    day.company.fails = [Refused(21211, Meaning.INVALID_NUMBER)] * 5
    for _ in range(5):
        day.send("alerts")
        day.clock.forward(minutes=30)
    assert sorted(day.reasons(Alert)) == ["on_call_unreachable", "severe_reading"]


def test_a_call_to_the_emergency_number_that_fails_with_a_lasting_code_is_one_too(day):
    day.severe_reading_by_text()
    day.send("alerts")
    (call,) = day.company.calls
    day.company.statuses[call.id] = Status("failed", CallState.FAILED, 21211)
    day.clock.forward(minutes=11)
    day.sweep()
    assert sorted(day.reasons(Alert)) == ["on_call_unreachable", "severe_reading"]
