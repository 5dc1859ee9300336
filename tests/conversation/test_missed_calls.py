"""She rings and hangs up, or the line is busy for her: she is called back once, or picked up for real."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from carriers import Refused, Unavailable
from carriers.outcomes import Meaning
from records.alerts import Alert
from records.audit import AuditEntry
from records.clinics import Clinic
from records.conversations import Conversation
from records.leases import Pace
from records.outbox import OutboxRow
from records.patients import Contact, Patient, PatientNumber, Proxy
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.carrier_webhooks import Call, new_id
from tests.conversation.clinic_day import KEYED_BIRTH_DATE, LINE, NOON, NUMBERS, Clock, Day, Premises, served

WAIT = 3
"""Seconds until her phone is free again."""


@pytest.fixture
def open_day(day: Day) -> Day:
    day.set(Clinic, call_back="after_hang_up")
    return day


@pytest.fixture
def busy_day(day: Day) -> Day:
    day.set(Clinic, call_back="reject")
    return day


def flash(day: Day, name: str = "rosa", status: str = "completed") -> Call:
    """Ring, hear a word or two, hang up."""
    call = day.phone(name).call()
    call.over(status)
    return call


def rings_back(day: Day) -> Any:
    """The call back, once it is placed."""
    day.clock.forward(seconds=WAIT)
    before = len(day.company.calls)
    day.send()
    assert len(day.company.calls) == before + 1, day.rows(OutboxRow)
    return day.company.calls[-1]


def not_called(day: Day) -> bool:
    for _ in range(3):
        day.clock.forward(seconds=WAIT)
        day.send()
    return day.company.calls == []


def heard(call: Call) -> str:
    return " ".join(call.said)


# After she hung up


def test_she_is_called_back_within_seconds_and_nothing_is_said_of_her(open_day):
    missed = flash(open_day)
    asked = rings_back(open_day)
    assert (asked.to, asked.detect_machine) == (NUMBERS["rosa"], True)
    row = open_day.outbox("call_back")
    assert (row.key, row.sent_at - row.created_at) == (f"call_back:{missed.id}", timedelta(seconds=WAIT))
    call = open_day.phone("rosa").answer(asked)
    assert heard(call).startswith("This is an automated call from Harbor Community Clinic")
    assert "You called us." in heard(call)
    assert "blood pressure" not in heard(call)
    call.keys("1")
    assert "hang up and dial 911" in heard(call)
    assert "For your blood pressure, press 1." in heard(call)
    call.over(outbox=str(row.id))
    assert open_day.outbox("call_back").status == "delivered"
    assert open_day.rows(Task) == []
    (entry,) = open_day.rows(AuditEntry, AuditEntry.did == "rang_and_is_called_back")
    assert (entry.by, entry.about) == ("caller", f"call:{missed.id}")


def test_a_clinic_that_has_not_chosen_it_calls_nobody_back(day):
    flash(day)
    assert not_called(day)
    assert day.rows(OutboxRow) == []


@pytest.mark.parametrize("status", ["completed", "no-answer", "canceled", "busy"])
def test_however_the_carrier_says_that_she_hung_up(open_day, status):
    flash(open_day, status=status)
    assert rings_back(open_day).to == NUMBERS["rosa"]


def test_a_call_that_failed_or_broke_off_after_minutes_is_no_missed_call(open_day):
    flash(open_day, status="failed")
    call = open_day.phone("james").call().keys("", "")
    open_day.clock.forward(minutes=3)
    call.over()
    assert not_called(open_day)


def test_who_has_answered_anything_is_not_called_back(open_day):
    open_day.phone("rosa").call().keys("2").over()
    open_day.phone("james").call().keys("").keys("2").over()
    assert not_called(open_day)


def test_silence_is_no_answer(open_day):
    open_day.phone("rosa").call().keys("").over()
    assert rings_back(open_day).to == NUMBERS["rosa"]


def test_the_word_of_the_end_comes_before_the_word_of_the_beginning(open_day):
    call = Call(open_day.webhooks, NUMBERS["rosa"], LINE, new_id("CA"))
    call.over("no-answer")
    call.over("no-answer")
    call.ask("/voice/answer")
    assert call.waits == "Reject"
    rings_back(open_day)
    assert len(open_day.rows(OutboxRow)) == 1
    assert [talk.direction for talk in open_day.rows(Conversation)] == ["out"]


def test_a_beginning_that_was_being_written_meanwhile_holds_up_nothing(open_day):
    call = flash(open_day)
    open_day.set(Conversation, Conversation.call == call.id, state="open")  # as if stored a moment later
    assert rings_back(open_day).to == NUMBERS["rosa"]


def test_the_end_is_told_late_or_again_and_again(open_day):
    late = Call(open_day.webhooks, NUMBERS["james"], LINE, new_id("CA"))
    late.ask("/voice/answer")
    open_day.clock.forward(minutes=2)
    late.over()
    call = flash(open_day)
    for _ in range(3):
        call.over()
        open_day.clock.forward(minutes=2)
        call.over("no-answer")
        open_day.send()
    assert [asked.to for asked in open_day.company.calls] == [NUMBERS["rosa"]]


def test_keys_that_come_after_the_word_of_the_end_count(open_day):
    call = open_day.phone("rosa").call()
    call.over()
    call.keys("2")
    assert not_called(open_day)
    row = open_day.outbox("call_back")
    assert (row.status, row.reason) == ("dropped", "no missed call")


def test_twenty_words_of_the_end_at_once_are_one_call_back(open_day):
    with served(open_day.house) as webhooks:
        call = open_day.phone("rosa", webhooks).call()
        at_once([call.over] * 20)
    assert rings_back(open_day).to == NUMBERS["rosa"]
    assert len(open_day.rows(OutboxRow)) == 1


def test_ten_missed_calls_at_once_are_one_call_back(open_day):
    with served(open_day.house) as webhooks:
        calls = [open_day.phone("rosa", webhooks).call() for _ in range(10)]
        at_once([call.over for call in calls])
    assert len(open_day.rows(OutboxRow)) == 1


def test_at_night_too_for_she_waits_for_the_call(open_day):
    open_day.clock.moment = Clock(NOON.replace(hour=3))()
    flash(open_day)
    assert rings_back(open_day).to == NUMBERS["rosa"]


# Who is not called back


def test_a_stranger_and_a_withheld_number_are_not_called_back(open_day):
    flash(open_day, "stranger")
    flash(open_day, "anonymous")
    assert not_called(open_day)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Contact, {"opted_out_at": NOON}),
        (Contact, {"wrong_person_at": NOON}),
        (Patient, {"status": "closed"}),
        (Patient, {"safe_contact": {"never_call": True}}),
        (Patient, {"safe_contact": {"windows": [{"from": "08:00", "until": "09:00"}]}}),
        (PatientNumber, {"kind": "relay"}),
    ],
)
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_who_may_not_be_called(open_day, table, values, when):
    if when == "before":
        open_day.set(table, **values)
        flash(open_day)
        assert open_day.rows(OutboxRow) == []
    else:
        flash(open_day)
        open_day.set(table, **values)
    assert not_called(open_day)


def test_a_country_that_is_not_allowed(premises: Premises, tmp_path: Path) -> None:
    with premises.day(tmp_path, allowed_countries=("MX",)) as day:
        day.set(Clinic, call_back="reject")
        assert flash(day).waits == "Gather"
        assert not_called(day)


def test_who_speaks_for_a_child_is_called_back_at_her_own_number(open_day):
    with open_day.house.database.writing() as connection:
        connection.execute(
            insert(Proxy).values(
                clinic_id=1, patient_id=3, name="Ana", relation="parent", birth_date="1985-01-01",
                number=NUMBERS["stranger"], number_hash=hashed(NUMBERS["stranger"]), language="es", topics=["visits"],
                created_at=NOON,
            )
        )  # fmt: skip
    flash(open_day, "stranger")
    assert rings_back(open_day).to == NUMBERS["stranger"]
    open_day.set(Proxy, ends_on=date(2026, 11, 20))
    open_day.clock.forward(hours=1)
    flash(open_day, "stranger")
    open_day.clock.forward(seconds=WAIT)
    assert open_day.send() == 0


def test_a_nurse_calls_there_and_no_machine_takes_the_line(open_day):
    open_day.severe_reading_by_text()
    assert open_day.reasons(Alert) == ["severe_reading"]
    flash(open_day)
    assert not_called(open_day)


# How often


def test_three_times_a_day_and_then_a_person_hears_of_it(open_day):
    for _ in range(5):
        open_day.clock.forward(minutes=30)
        flash(open_day)
        open_day.clock.forward(seconds=WAIT)
        open_day.send()
        for row in open_day.rows(OutboxRow, OutboxRow.status == "sent"):
            open_day.call_status(row.carrier_id, "completed", str(row.id))
    assert len(open_day.company.calls) == 3
    assert open_day.reasons(Task) == ["rang_often"]
    open_day.clock.forward(hours=24)
    flash(open_day)
    assert rings_back(open_day)


def test_not_twice_within_two_minutes(open_day):
    flash(open_day)
    rings_back(open_day)
    row = open_day.outbox("call_back")
    open_day.call_status(row.carrier_id, "completed", str(row.id))
    flash(open_day)
    open_day.clock.forward(seconds=WAIT)
    assert open_day.send() == 0
    open_day.clock.forward(minutes=2)
    flash(open_day)
    assert rings_back(open_day)


def test_never_while_she_is_in_a_call_with_us(open_day):
    flash(open_day)
    again = open_day.phone("rosa").call()
    open_day.clock.forward(seconds=WAIT)
    open_day.send()
    assert open_day.company.calls == []
    again.keys("2").over()
    open_day.clock.forward(seconds=20)
    open_day.send()
    assert open_day.company.calls == []
    row = open_day.outbox("call_back")
    assert (row.status, row.reason) == ("dropped", "called again")


def test_an_impatient_second_flash_waits_for_the_same_call_back(open_day):
    flash(open_day)
    open_day.clock.forward(seconds=1)
    flash(open_day)
    assert rings_back(open_day).to == NUMBERS["rosa"]
    assert len(open_day.rows(OutboxRow)) == 1


# What becomes of it


def test_busy_once_more_and_then_a_person_calls(open_day):
    flash(open_day)
    for _ in range(2):
        asked = rings_back(open_day)
        row = open_day.outbox("call_back")
        open_day.call_status(asked.id, "busy", str(row.id))
        open_day.clock.forward(minutes=1)
    assert open_day.send() == 0
    assert (open_day.outbox("call_back").status, open_day.reasons(Task)) == ("failed", ["not_called_back"])


def test_a_carrier_that_is_down_for_long_is_told_to_a_person(open_day):
    open_day.company.fails = [Unavailable("down")] * 2
    flash(open_day)
    open_day.clock.forward(seconds=WAIT)
    open_day.send()
    open_day.clock.forward(minutes=7)
    open_day.send()
    assert open_day.company.calls == []
    row = open_day.outbox("call_back")
    assert (row.status, row.reason) == ("dropped", "expired")
    assert open_day.reasons(Task) == ["not_called_back"]


def test_a_number_that_the_carrier_refuses_is_told_to_a_person(open_day):
    open_day.company.fails = [Refused("no", Meaning.INVALID_NUMBER)]
    flash(open_day)
    open_day.clock.forward(seconds=WAIT)
    open_day.send()
    assert open_day.reasons(Task) == ["not_called_back"]


@pytest.mark.parametrize("by", ["machine_end_beep", "machine_start"])
def test_a_machine_is_told_nothing_and_a_person_calls(open_day, by):
    flash(open_day)
    call = open_day.phone("rosa").answer(rings_back(open_day), by=by)
    assert (call.said, call.waits) == ([], "Hangup")
    row = open_day.outbox("call_back")
    call.over(outbox=str(row.id))
    assert open_day.reasons(Task) == ["not_called_back"]
    assert [one.kind for one in open_day.rows(OutboxRow)] == ["call_back"], "and no text either"


# Into what


def test_into_a_check_in_that_waits_once_she_has_said_who_she_is(open_day):
    open_day.ask_rosa()
    open_day.send()
    open_day.clock.forward(minutes=5)
    flash(open_day)
    call = open_day.phone("rosa").answer(rings_back(open_day)).keys("1")
    assert "check-in" not in heard(call)
    call.keys(KEYED_BIRTH_DATE)
    assert "Your check-in is waiting." in heard(call)
    assert "top number" in heard(call.keys("1"))


def test_into_what_she_left(open_day):
    open_day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "120*80#").over()
    open_day.clock.forward(minutes=5)
    flash(open_day)
    call = open_day.phone("rosa").answer(rings_back(open_day)).keys("1")
    assert "You began something with us" in heard(call)
    assert "120" not in heard(call)
    assert "120 over 80" in heard(call.keys("1", KEYED_BIRTH_DATE))


def test_under_the_name_that_is_safe_for_her_and_without_a_word_of_her_call(open_day):
    open_day.set(Patient, Patient.id == 1, safe_contact={"name": "Ana from the library"})
    flash(open_day)
    call = open_day.phone("rosa").answer(rings_back(open_day))
    assert "Ana from the library" in heard(call)
    assert "Harbor" not in heard(call)
    assert "You called us" not in heard(call)


# The line is busy for her


def test_she_hears_the_busy_tone_and_is_called_back_within_seconds(busy_day):
    call = busy_day.phone("rosa").call()
    assert call.document.endswith('<Response><Reject reason="busy" /></Response>')
    assert busy_day.rows(Conversation) == []
    asked = rings_back(busy_day)
    assert "You called us." in heard(busy_day.phone("rosa").answer(asked))


def test_a_rejected_call_is_called_back_without_any_word_of_its_end_and_once_with_many(busy_day):
    call = busy_day.phone("rosa").call()
    for status in ("busy", "no-answer", "busy"):
        call.over(status)
        busy_day.clock.forward(seconds=2)
    call.ask("/voice/answer")
    assert call.waits == "Reject"
    busy_day.send()
    assert len(busy_day.company.calls) == 1


def test_twenty_of_the_same_ring_at_once_are_one_call_back(busy_day):
    with served(busy_day.house) as webhooks:
        call = Call(webhooks, NUMBERS["rosa"], LINE, "CA1")
        answers = at_once([lambda: webhooks.take("/voice/answer", call.form).text] * 20)
    assert all("<Reject" in answer for answer in answers)
    assert len(busy_day.rows(OutboxRow)) == 1


@pytest.mark.parametrize("who", ["stranger", "anonymous"])
def test_whoever_we_can_not_call_back_is_picked_up(busy_day, who):
    assert busy_day.phone(who).call().waits == "Gather"


def test_who_stopped_our_calls_is_picked_up(busy_day):
    busy_day.set(Contact, opted_out_at=NOON)
    assert busy_day.phone("rosa").call().waits == "Gather"


def test_whoever_rings_again_before_we_reached_her_is_picked_up(busy_day):
    busy_day.phone("rosa").call()
    busy_day.clock.forward(seconds=1)
    assert busy_day.phone("rosa").call().waits == "Gather"


@pytest.mark.parametrize(("later", "waits"), [({"minutes": 9}, "Gather"), ({"minutes": 11}, "Reject")])
def test_for_ten_minutes_after_a_call_back_that_did_not_reach_her(busy_day, later, waits):
    busy_day.phone("rosa").call()
    asked = rings_back(busy_day)
    busy_day.call_status(asked.id, "no-answer", str(busy_day.outbox("call_back").id))
    busy_day.clock.forward(**later)
    busy_day.send()
    assert busy_day.phone("rosa").call().waits == waits


def test_after_a_machine_took_the_call_back_she_is_picked_up(busy_day):
    busy_day.phone("rosa").call()
    call = busy_day.phone("rosa").answer(rings_back(busy_day), by="machine_start")
    call.over(outbox=str(busy_day.outbox("call_back").id))
    busy_day.clock.forward(minutes=5)
    assert busy_day.phone("rosa").call().waits == "Gather"


def test_after_the_last_call_back_of_the_day_she_is_picked_up(busy_day):
    for waits in ("Reject", "Reject", "Reject", "Gather"):
        assert busy_day.phone("rosa").call().waits == waits
        busy_day.clock.forward(seconds=WAIT)
        busy_day.send()
        for row in busy_day.rows(OutboxRow, OutboxRow.status == "sent"):
            busy_day.call_status(row.carrier_id, "completed", str(row.id))
        busy_day.clock.forward(minutes=30)


def test_an_alert_from_her_number_is_open_and_she_is_picked_up(busy_day):
    busy_day.severe_reading_by_text()
    assert busy_day.phone("rosa").call().waits == "Gather"


def test_where_the_carrier_takes_no_more_calls_now_she_is_picked_up(busy_day):
    with busy_day.house.database.writing() as connection:
        connection.execute(
            insert(Pace).values(sender="calls", free_at=busy_day.clock() + timedelta(seconds=6))
        )
    assert busy_day.phone("rosa").call().waits == "Gather"


def test_where_the_worker_does_not_keep_up_she_is_picked_up(busy_day):
    busy_day.phone("james").call()
    busy_day.clock.forward(seconds=WAIT + 31)
    assert busy_day.phone("rosa").call().waits == "Gather"


def test_a_call_that_was_picked_up_gets_the_same_words_again(busy_day):
    busy_day.set(Contact, opted_out_at=NOON)
    call = busy_day.phone("rosa").call()
    first = call.document
    busy_day.set(Contact, opted_out_at=None)
    assert call.ask("/voice/answer") == first


# Whatever comes in whatever order

CALLS = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("ring"), CALLS),
    st.tuples(
        st.just("over"), CALLS, st.sampled_from(["completed", "no-answer", "busy", "canceled", "failed"])
    ),
    st.tuples(st.just("key"), CALLS),
    st.tuples(st.just("later"), st.sampled_from([1, 3, 30, 61, 125, 700, 4000])),
    st.tuples(st.just("send")),
    st.tuples(st.just("ends"), st.sampled_from(["completed", "busy", "no-answer", "failed"])),
)


@given(setting=st.sampled_from(["after_hang_up", "reject"]), steps=st.lists(STEPS, min_size=5, max_size=40))
@settings(max_examples=15, deadline=None)
def test_at_most_one_call_back_for_a_call_and_never_more_than_a_day_s(premises, setting, steps):
    with tempfile.TemporaryDirectory() as home, premises.day(Path(home)) as day:
        day.set(Clinic, call_back=setting)
        calls = [Call(day.webhooks, NUMBERS["rosa"], LINE, f"CA{place}") for place in range(6)]
        answered = set()
        for step in steps:
            match step:
                case ("ring", place):
                    calls[place].ask("/voice/answer")
                case ("over", place, status):
                    calls[place].over(status)
                case ("key", place) if calls[place].waits == "Gather":
                    calls[place].keys("2")
                    answered.add(calls[place].id)
                case ("later", seconds):
                    day.clock.forward(seconds=seconds)
                case ("send",):
                    day.send()
                case ("ends", status):
                    for row in day.rows(OutboxRow, OutboxRow.status == "sent", OutboxRow.kind == "call_back"):
                        day.call_status(row.carrier_id, status, str(row.id))
            _holds(day)


def _holds(day: Day) -> None:
    rows = day.rows(OutboxRow, OutboxRow.kind == "call_back")
    assert len({row.facts["missed_call"] for row in rows}) == len(rows)
    placed = [row for row in rows if row.status != "dropped"]
    for row in placed:
        a_day = [one for one in placed if timedelta() <= row.created_at - one.created_at < timedelta(days=1)]
        assert len(a_day) <= 3
        assert row.attempts <= 2
    live = [row for row in rows if row.status in ("sending", "sent")]
    assert len(live) <= 1
