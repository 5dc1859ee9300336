"""What nobody came back for: questions that stayed open, calls that were lost, statuses that never came."""

from __future__ import annotations

from datetime import timedelta

import pytest

from care import check_ins
from carriers import Status, TextState, Unavailable
from conversation import sweeping
from records.alerts import Alert
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.readings import CheckIn
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.clinic_day import BIRTH_DATE, DESK, KEYED_BIRTH_DATE, Day


def state(day: Day) -> str:
    return str(day.the(Conversation).state)


def test_a_question_by_text_is_open_for_a_day(day):
    day.phone("rosa").text("hello")
    day.clock.forward(hours=23, minutes=59)
    day.sweep()
    assert state(day) == "open"
    day.clock.forward(minutes=2)
    day.sweep()
    assert state(day) == "left"
    assert day.rows(Task) == [], "a menu that nobody answered is nothing to look at"


@pytest.mark.parametrize(
    ("said", "alerts", "tasks"),
    [
        (["120/80", BIRTH_DATE], [], ["check_in_not_finished"]),
        (["120/80", BIRTH_DATE, "yes"], [], ["check_in_not_finished"]),
        (["165/112", BIRTH_DATE], ["severe_reading"], []),
        (["120/80"], [], []),
    ],
    ids=["not confirmed", "signs not answered", "severe, not confirmed", "nobody yet"],
)
def test_what_was_begun_by_text_and_left_reaches_a_person(day, said, alerts, tasks):
    day.phone("rosa").texts(*said)
    day.clock.forward(hours=25)
    for _ in range(2):
        day.sweep()
    assert day.reasons(Alert) == alerts
    assert day.reasons(Task) == tasks


def test_a_call_that_the_carrier_forgot_is_over_after_an_hour(day):
    day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "165*112")
    day.clock.forward(minutes=59)
    day.sweep()
    assert state(day) == "open"
    day.clock.forward(minutes=2)
    at_once([day.sweep, day.sweep])
    assert state(day) == "left"
    assert day.reasons(Alert) == ["severe_reading"]


def test_a_call_that_was_never_answered_is_closed(day):
    day.ask_rosa(kind="landline")
    day.send()
    day.clock.forward(minutes=61)
    day.sweep()
    assert state(day) == "closed"
    assert day.phone("rosa").answer(day.company.calls[0]).waits == "Hangup"


def test_a_turn_that_comes_while_it_is_swept_is_one_or_the_other(day):
    """She answers at the very moment at which the question closes: her text is never lost."""
    rosa = day.phone("rosa")
    rosa.texts("120/80", BIRTH_DATE)
    day.clock.forward(hours=24, seconds=1)
    at_once([lambda: rosa.text("yes"), day.sweep])
    assert {talk.state for talk in day.rows(Conversation)} in ({"closed", "open"}, {"left", "open"})
    assert day.reasons(Task) == ["check_in_not_finished"]


def test_more_than_one_sweeps_worth_is_swept_by_and_by(day):
    for number in day.enrol(60):
        day.phone(number).text("hello")
    day.clock.forward(hours=25)
    day.sweep()
    day.sweep()
    assert {talk.state for talk in day.rows(Conversation)} == {"left"}


def test_statuses_are_asked_for_after_ten_minutes_and_for_a_day(day):
    day.ask_rosa()
    day.send()
    (text,) = day.company.texts
    day.company.statuses[text.id] = Status("delivered", TextState.DELIVERED)
    day.clock.forward(minutes=9)
    assert sweeping.ask_for_statuses(day.house) == 0
    day.clock.forward(hours=25)
    assert sweeping.ask_for_statuses(day.house) == 0
    day.set(OutboxRow, sent_at=day.clock() - timedelta(minutes=11))
    assert sweeping.ask_for_statuses(day.house) == 1
    assert day.outbox("check_in").status == "delivered"


def test_a_carrier_that_can_not_tell_is_asked_again(day):
    day.ask_rosa()
    day.send()

    def away(sid: str) -> Status:
        raise Unavailable("away")

    told, day.company.text_status = day.company.text_status, away
    day.clock.forward(minutes=11)
    sweeping.ask_for_statuses(day.house)
    assert day.outbox("check_in").status == "sent"
    day.company.text_status = told
    day.company.statuses[day.company.texts[0].id] = Status("undelivered", TextState.UNDELIVERED, 30006)
    sweeping.ask_for_statuses(day.house)
    assert day.the(CheckIn).state == "called"


def test_texts_whose_end_the_carrier_never_tells_do_not_hide_others(day):
    """Some carriers tell of no delivery: what was sent first must not be asked for again and again."""
    day.enrol(61)
    check_ins.ask_those_due(day.house.database, day.clock())
    while day.send():
        pass
    last = day.company.texts[-1]
    day.company.statuses[last.id] = Status("delivered", TextState.DELIVERED)
    day.clock.forward(minutes=11)
    for _ in range(20):
        sweeping.ask_for_statuses(day.house)
        day.clock.forward(seconds=10)
    assert [row.carrier_id for row in day.rows(OutboxRow, OutboxRow.status == "delivered")] == [last.id]


def test_an_alert_whose_worker_died_before_its_turn_came_is_called_by_the_next(day):
    day.severe_reading_by_text()
    day.set(OutboxRow, OutboxRow.kind == "alert", status="sending", leased_until=day.clock(), attempts=1)
    day.clock.forward(seconds=1)
    day.sweep()
    day.send("alerts")
    assert [call.to for call in day.company.calls] == [DESK]
    assert day.outbox("alert").attempts == 1
