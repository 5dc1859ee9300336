"""A crash, or no answer, between the carrier and our commit: found out, or as was promised."""

from __future__ import annotations

import pytest

from carriers import CallState, Status, TextState, Unavailable
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.readings import CheckIn
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.clinic_day import DESK, Day
from tests.conversation.telephone_company import Asked, fastest


@pytest.fixture(params=["lost", "killed"])
def crashed(day, request):
    """The check-in was sent, and we do not know."""
    day.ask_rosa()
    day.company.fails = [request.param]
    day.send_and_die()
    assert day.outbox("check_in").status == "sending"
    return day


def never_twice(day: Day) -> bool:
    """Let hours pass, with everything that runs running."""
    for _ in range(12):
        day.clock.forward(minutes=15)
        day.sweep()
        day.send()
    return len(day.company.texts) == 1


def test_a_callback_tells_that_it_was_sent(crashed):
    (text,) = crashed.company.texts
    crashed.text_status(text.id, "delivered", text.outbox)
    row = crashed.outbox("check_in")
    assert (row.status, row.carrier_id) == ("delivered", text.id)
    assert never_twice(crashed)
    assert crashed.rows(Task) == []


def test_the_carriers_list_tells_that_it_was_sent(crashed):
    crashed.clock.forward(seconds=61)
    crashed.sweep()
    row = crashed.outbox("check_in")
    assert (row.status, row.carrier_id) == ("sent", crashed.company.texts[0].id)
    assert never_twice(crashed)
    assert crashed.rows(Task) == []


def test_the_list_is_asked_again_while_it_cannot_be_had(crashed):
    crashed.company.list_fails = Unavailable("away")
    crashed.clock.forward(seconds=61)
    crashed.sweep()
    assert crashed.outbox("check_in").status == "sending"
    crashed.company.list_fails = None
    crashed.sweep()
    assert crashed.outbox("check_in").status == "sent"


def test_a_check_in_that_nobody_knows_of_waits_for_a_person(crashed):
    crashed.company.list_lags = True
    crashed.clock.forward(seconds=61)
    crashed.sweep()
    assert crashed.outbox("check_in").status == "unknown"
    assert crashed.reasons(Task) == ["outcome_unknown"]
    assert never_twice(crashed)
    assert crashed.reasons(Task) == ["outcome_unknown"]


def test_a_callback_that_comes_after_all_settles_it(crashed):
    crashed.company.list_lags = True
    crashed.clock.forward(seconds=61)
    crashed.sweep()
    (text,) = crashed.company.texts
    crashed.text_status(text.id, "delivered", text.outbox)
    assert crashed.outbox("check_in").status == "delivered"
    assert never_twice(crashed)


def test_another_text_to_the_same_number_is_not_taken_for_it(day):
    """A reply that went back in the answer to her own text stands in the carrier's list too."""
    day.ask_rosa()
    day.company.fails = [Unavailable("away")]
    day.send()  # the talk is begun, nothing was sent
    day.clock.forward(minutes=5)
    day.company.fails = ["killed"]
    day.send_and_die()
    (own,) = day.company.texts
    reply = Asked("SM-reply", own.to, own.sender, own.at, "", "To keep your information private")
    day.company.texts = [reply]
    day.clock.forward(seconds=61)
    day.sweep()
    assert day.outbox("check_in").status == "unknown"


@pytest.mark.parametrize("how", ["lost", "killed"])
def test_an_alert_that_nobody_knows_of_is_called_again(day, how):
    day.severe_reading_by_text()
    day.company.fails, day.company.list_lags = [how], True
    day.send_and_die("alerts")
    day.clock.forward(seconds=61)
    day.sweep()
    day.clock.forward(seconds=61)
    day.send("alerts")
    assert len(day.company.calls) == 2
    assert day.phone(DESK).answer(day.company.calls[1]).waits == "Gather"
    assert day.rows(Task, Task.reason == "outcome_unknown") == []


def test_an_alert_that_is_found_in_the_list_is_not_called_twice_at_once(day):
    day.severe_reading_by_text()
    day.company.fails = ["killed"]
    day.send_and_die("alerts")
    (call,) = day.company.calls
    day.company.statuses[call.id] = Status("in-progress", CallState.ANSWERED)
    day.clock.forward(seconds=61)
    day.sweep()
    assert (day.outbox("alert").status, day.outbox("alert").carrier_id) == ("sent", call.id)
    day.clock.forward(seconds=61)
    assert day.send("alerts") == 0


def test_two_alerts_of_one_crash_are_not_taken_for_each_other(day):
    day.raise_alerts(2)
    day.company.fails = ["ok", "killed"]
    day.send_and_die("alerts")
    day.set(OutboxRow, OutboxRow.status == "due", due_at=day.clock())
    day.set(Conversation, Conversation.state == "placed", state="closed")
    day.send_and_die("alerts")
    day.clock.forward(seconds=61)
    day.sweep()
    ids = [row.carrier_id for row in day.rows(OutboxRow, OutboxRow.kind == "alert")]
    assert len(set(ids)) == 2


def test_a_crash_in_a_batch_leaves_the_rest_to_be_sent(day):
    numbers = day.ask_everybody(5)
    day.company.fails = ["ok", "killed"]
    day.send_and_die()
    assert len(day.company.texts) == 2
    day.clock.forward(seconds=61)
    day.sweep()
    day.send()
    assert sorted(text.to for text in day.company.texts) == numbers
    assert {row.status for row in day.rows(OutboxRow)} == {"sent"}
    assert day.rows(Task) == []


def test_two_sweeps_at_once_decide_the_same(crashed):
    crashed.company.list_lags = True
    crashed.clock.forward(seconds=61)
    at_once([crashed.sweep, crashed.sweep])
    assert crashed.reasons(Task) == ["outcome_unknown"]


def test_a_row_that_goes_in_parts_goes_on_after_a_failure_where_it_was(day):
    day.set(Clinic, name="The Clinic of the Long Name. " * 20)
    day.ask_rosa()
    day.company.fails = ["ok", Unavailable("away")]
    day.send()
    assert len(day.company.texts) == 1
    day.clock.forward(minutes=5)
    day.send()
    bodies = [text.body for text in day.company.texts]
    assert len(bodies) == len(set(bodies)) > 1
    assert day.outbox("check_in").status == "sent"


def test_the_parts_of_a_row_keep_to_the_rate_too(day):
    day.set(Clinic, name="The Clinic of the Long Name. " * 20)
    day.ask_rosa()
    day.send()
    assert len(day.company.texts) > 1
    assert fastest(day.company.texts) >= 1 - 1e-6


def test_what_became_of_a_text_is_asked_for_when_nobody_tells(day):
    day.ask_rosa()
    day.send()
    (text,) = day.company.texts
    day.company.statuses[text.id] = Status("undelivered", TextState.UNDELIVERED, 30006)
    day.clock.forward(minutes=11)
    day.sweep()
    assert day.the(CheckIn).state == "called", "a landline: the same question by call"
