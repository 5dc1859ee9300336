"""What the carrier refuses, or could not deliver: another try, another way, or a person who looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from care import check_ins
from carriers import Meaning, Refused, Unavailable
from records.alerts import Alert
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.readings import CheckIn
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.clinic_day import DESK, NUMBERS

FIVE_MINUTES = timedelta(minutes=5)
BY_CALL = {Meaning.LANDLINE, Meaning.NOT_A_MOBILE, Meaning.UNKNOWN_HANDSET}
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


def test_a_number_that_the_carrier_blocks_gets_nothing_more(day):
    day.ask_rosa()
    day.company.fails = [Refused(21610, Meaning.OPTED_OUT)]
    day.send()
    day.clock.forward(minutes=5)
    assert check_ins.ask_now(day.house.database, hashed(NUMBERS["rosa"]), day.clock()) == 0
    day.send()
    assert [row.reason for row in day.rows(OutboxRow)] == ["opted out"]
    assert day.company.texts == []


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
