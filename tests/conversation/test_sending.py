"""What Careline sends: each once, only where it is wanted and allowed still, and not too fast."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from care.rules.kinds import kinds
from conversation import sending
from records.alerts import Alert
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Consent, Contact, Patient, PatientNumber
from records.readings import CheckIn
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.clinic_day import BIRTH_DATE, DESK, NOON, NUMBERS, Clock, Premises
from tests.conversation.telephone_company import fastest

A_MINUTE = timedelta(minutes=1)


# Claims


def test_two_workers_share_the_work_and_send_nothing_twice(day):
    numbers = day.ask_everybody(30)
    at_once([day.send, day.send])
    day.clock.forward(seconds=1)
    day.send()
    assert sorted(text.to for text in day.company.texts) == numbers
    assert {row.status for row in day.rows(OutboxRow)} == {"sent"}


def test_what_is_not_due_yet_is_not_sent(day):
    day.ask_rosa()
    day.set(OutboxRow, due_at=day.clock() + A_MINUTE)
    assert day.send() == 0
    day.clock.forward(seconds=60)
    assert day.send() == 1
    assert day.send() == 0


def test_a_sent_row_says_what_was_sent(day):
    day.ask_rosa()
    day.send()
    (text,) = day.company.texts
    row = day.outbox("check_in")
    assert (row.status, row.carrier_id, row.sent_at, row.segments) == ("sent", text.id, text.at, 1)
    assert (text.to, text.outbox) == (NUMBERS["rosa"], str(row.id))


def test_a_slow_carrier_does_not_make_a_batch_look_lost(day):
    """Ten sends of ten seconds each take longer than a lease."""
    day.ask_everybody(10)

    def slowly() -> None:
        day.clock.forward(seconds=10)
        day.sweep()

    day.company.on_send = slowly
    while day.send():
        pass
    assert len(day.company.texts) == 10
    assert {row.status for row in day.rows(OutboxRow)} == {"sent"}
    assert day.rows(Task) == []


# The gate, once more at the moment of sending


def test_a_stop_between_putting_and_sending_is_honoured(day):
    day.ask_rosa()
    day.phone("rosa").text("STOP")
    assert day.send() == 0
    assert (day.outbox("check_in").status, day.outbox("check_in").reason) == ("dropped", "opted out")


def test_a_stop_that_comes_when_it_is_claimed_already_is_honoured(day):
    day.ask_rosa()
    day.set(Contact, opted_out_at=day.clock())
    day.send()
    assert day.company.texts == []
    assert (day.outbox("check_in").status, day.outbox("check_in").reason) == ("dropped", "opted out")


@pytest.mark.parametrize(
    ("table", "values", "reason"),
    [
        (Contact, {"wrong_person_at": NOON}, "wrong person"),
        (Consent, {"given": False}, "consent withdrawn"),
        (Consent, {"topic": "surveys"}, "no consent"),
        (Patient, {"status": "closed"}, "not a patient now"),
        (PatientNumber, {"kind": "relay"}, "relay"),
        (OutboxRow, {"expires_at": NOON - A_MINUTE}, "expired"),
        (OutboxRow, {"number": "+447700900123"}, "country not allowed"),
    ],
)
def test_what_is_not_allowed_any_more_is_dropped(day, table, values, reason):
    day.ask_rosa()
    day.set(table, **values)
    day.send()
    assert day.company.texts == []
    assert (day.outbox("check_in").status, day.outbox("check_in").reason) == ("dropped", reason)


@pytest.mark.parametrize(
    ("hour", "zone", "opens"),
    [
        (22, "America/New_York", "2026-11-22T08:00-05:00"),
        (6, "America/New_York", "2026-11-21T08:00-05:00"),
        (9, "America/Los_Angeles", "2026-11-21T08:00-08:00"),
    ],
    ids=["night", "morning", "where she lives"],
)
def test_at_night_it_is_held_until_eight_where_she_lives(day, hour, zone, opens):
    day.set(Patient, timezone=zone)
    day.clock.moment = Clock(NOON.replace(hour=hour))()
    day.ask_rosa()
    day.set(OutboxRow, expires_at=None)
    day.send()
    row = day.outbox("check_in")
    assert (row.status, row.reason, row.attempts) == ("due", "quiet hours", 0)
    assert row.due_at == datetime.fromisoformat(opens)
    assert day.company.texts == []
    day.clock.moment = row.due_at
    day.send()
    assert len(day.company.texts) == 1


def test_the_daily_cap_holds(day):
    cap = kinds()["check_in"].most_a_day
    assert cap is not None
    for _ in range(cap + 1):
        day.ask_rosa()
        day.send()
        day.set(Conversation, state="closed")
        day.clock.forward(minutes=3)
    assert len(day.company.texts) == cap
    assert [row.reason for row in day.rows(OutboxRow)] == [None] * cap + ["daily cap"]


def test_a_check_in_that_was_answered_meanwhile_is_not_asked(day):
    """Her talk was open, so the question waited; in that talk she gave her reading."""
    rosa = day.phone("rosa")
    rosa.text("120/80")
    day.ask_rosa()
    day.send()
    rosa.texts(BIRTH_DATE, "yes", "no")
    assert day.the(CheckIn).state == "answered"
    day.clock.forward(minutes=10)
    day.send()
    assert day.company.texts == []
    assert (day.outbox("check_in").status, day.outbox("check_in").reason) == ("dropped", "answered already")


def test_a_text_that_failed_after_she_answered_by_phone_calls_nobody(day):
    day.ask_rosa()
    day.send()
    (text,) = day.company.texts
    day.set(CheckIn, state="answered")
    day.text_status(text.id, "undelivered", text.outbox, ErrorCode="30006")
    assert [row.channel for row in day.rows(OutboxRow)] == ["text"]


def test_an_alert_that_was_taken_is_not_called(day):
    day.severe_reading_by_text()
    day.set(Alert, state="taken")
    assert day.send("alerts") == 1
    assert day.company.calls == []
    assert day.outbox("alert").status == "delivered"


def test_an_alert_goes_out_at_night_and_whatever_its_number(day):
    day.clock.moment = Clock(NOON.replace(hour=3))()
    day.set(Clinic, emergency_number="+447700900123")
    day.severe_reading_by_text()
    day.send("alerts")
    assert [call.to for call in day.company.calls] == ["+447700900123"]


# The carrier's rates


@pytest.mark.parametrize("rate", [1.0, 4.0])
def test_texts_keep_to_the_senders_rate(premises: Premises, tmp_path, rate):
    with premises.day(tmp_path, messages_per_second=rate) as day:
        day.ask_everybody(25)
        while day.send():
            pass
        assert len(day.company.texts) == 25
        assert fastest(day.company.texts) >= 1 / rate - 1e-6
        took = day.company.texts[-1].at - day.company.texts[0].at
        assert took.total_seconds() == pytest.approx(24 / rate)


def test_two_workers_together_keep_to_the_rate(day):
    """No moment is given out twice; who would wait longer than a tick may comes later."""
    day.ask_everybody(30)
    waits: list[float] = []
    at_once([lambda: sending.send_due(day.house, "sending", waits.append)] * 2)
    assert sorted(waits) == [0, 1, 2]
    assert [row.reason for row in day.rows(OutboxRow, OutboxRow.status == "due")] == ["carrier's rate"] * 27


def test_calls_keep_to_the_accounts_rate_and_alerts_go_before_others(day):
    day.set(Clinic, emergency_number=DESK)
    day.ask_everybody(6)
    day.set(OutboxRow, channel="call", flow="check_in_call")
    placed: list[str] = []

    def one_more() -> None:
        placed.append(day.company.calls[-1].to)
        if len(placed) == 2:
            day.raise_alerts(1)

    day.company.on_send = one_more
    day.send()
    assert len(placed) == 2, "the others let the alert pass"
    day.send()
    assert len(placed) == 2, "and go on letting it pass"
    day.send("alerts")
    assert placed[2] == DESK
    while day.send():
        pass
    assert len(placed) == 7
    assert fastest(day.company.calls) >= 1 - 1e-6


def test_letting_alerts_pass_costs_no_try(day):
    day.ask_everybody(3)
    day.raise_alerts(1)
    day.send()
    assert day.company.texts == []
    due = day.rows(OutboxRow, OutboxRow.kind == "check_in")
    assert [(row.status, row.attempts) for row in due] == [("due", 0)] * 3
