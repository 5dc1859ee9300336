"""What Careline sends: wanted and allowed still? not too fast, and once, whatever the carrier or a crash makes of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from care import check_ins
from care.rules.kinds import kinds
from carriers import CallState, Meaning, Refused, Status, TextState, Unavailable
from conversation import sending
from records.alerts import Alert
from records.clinics import Clinic
from records.conversations import Conversation
from records.outbox import OutboxRow
from records.patients import Contact, Enrolment, Patient
from records.readings import CheckIn
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.clinic_day import BIRTH_DATE, DESK, NOON, NUMBERS, Clock, Day, Premises
from tests.conversation.telephone_company import Asked, WorkerKilled

A_MINUTE, FIVE_MINUTES = timedelta(minutes=1), timedelta(minutes=5)


def ask_everybody(day: Day, many: int) -> list[str]:
    """A check-in by text for that many people is due; returns their numbers."""
    numbers = day.enrol(many)
    assert check_ins.ask_those_due(day.house.database, day.clock()) == many
    return numbers


def alerts_raised(day: Day, many: int) -> None:
    """That many people write words of danger: an alert each, to be called at once."""
    for place in range(many):
        day.phone(f"+161755530{place:02d}").text("I want to kill myself")


def fastest(asked: list[Asked]) -> float:
    """The shortest time in seconds between two."""
    return min((later.at - earlier.at).total_seconds() for earlier, later in pairwise(asked))


# Claims


def test_two_workers_share_the_work_and_send_nothing_twice(day):
    numbers = ask_everybody(day, 30)
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
    ask_everybody(day, 10)

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
        (Enrolment, {"consented_at": None}, "no consent"),
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
        ask_everybody(day, 25)
        while day.send():
            pass
        assert len(day.company.texts) == 25
        assert fastest(day.company.texts) >= 1 / rate - 1e-6
        took = day.company.texts[-1].at - day.company.texts[0].at
        assert took.total_seconds() == pytest.approx(24 / rate)


def test_two_workers_together_keep_to_the_rate(day):
    """No moment is given out twice; who would wait longer than a tick may comes later."""
    ask_everybody(day, 30)
    waits: list[float] = []
    at_once([lambda: sending.send_due(day.house, "sending", waits.append)] * 2)
    assert sorted(waits) == [0, 1, 2]
    assert [row.reason for row in day.rows(OutboxRow, OutboxRow.status == "due")] == ["carrier's rate"] * 27


def test_calls_keep_to_the_accounts_rate_and_alerts_go_before_others(day):
    day.set(Clinic, emergency_number=DESK)
    ask_everybody(day, 6)
    day.set(OutboxRow, channel="call", flow="check_in_call")
    placed: list[str] = []

    def one_more() -> None:
        placed.append(day.company.calls[-1].to)
        if len(placed) == 2:
            alerts_raised(day, 1)

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
    ask_everybody(day, 3)
    alerts_raised(day, 1)
    day.send()
    assert day.company.texts == []
    due = day.rows(OutboxRow, OutboxRow.kind == "check_in")
    assert [(row.status, row.attempts) for row in due] == [("due", 0)] * 3


# What the carrier refuses

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
    assert day.rows(Conversation, Conversation.state == "open") == [], "a question that she never got is not open"
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
    day.ask_rosa()
    day.send()
    assert [row.reason for row in day.rows(OutboxRow)] == ["opted out", "opted out"]
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


@pytest.mark.parametrize("failure", [Refused(1, Meaning.INVALID_NUMBER), Unavailable("away")], ids=["refused", "away"])
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


# A crash, or no answer, between the carrier and our commit


@pytest.fixture(params=["lost", "killed"])
def crashed(day, request):
    """The check-in was sent, and we do not know."""
    day.ask_rosa()
    day.company.fails = [request.param]
    send_and_die(day)
    assert day.outbox("check_in").status == "sending"
    return day


def send_and_die(day: Day, queue: str = "sending") -> None:
    try:
        day.send(queue)
    except WorkerKilled:
        pass


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
    send_and_die(day)
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
    send_and_die(day, "alerts")
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
    send_and_die(day, "alerts")
    (call,) = day.company.calls
    day.company.statuses[call.id] = Status("in-progress", CallState.ANSWERED)
    day.clock.forward(seconds=61)
    day.sweep()
    assert (day.outbox("alert").status, day.outbox("alert").carrier_id) == ("sent", call.id)
    day.clock.forward(seconds=61)
    assert day.send("alerts") == 0


def test_two_alerts_of_one_crash_are_not_taken_for_each_other(day):
    alerts_raised(day, 2)
    day.company.fails = ["ok", "killed"]
    send_and_die(day, "alerts")
    day.set(OutboxRow, OutboxRow.status == "due", due_at=day.clock())
    day.set(Conversation, Conversation.state == "placed", state="closed")
    send_and_die(day, "alerts")
    day.clock.forward(seconds=61)
    day.sweep()
    ids = [row.carrier_id for row in day.rows(OutboxRow, OutboxRow.kind == "alert")]
    assert len(set(ids)) == 2


def test_a_crash_in_a_batch_leaves_the_rest_to_be_sent(day):
    numbers = ask_everybody(day, 5)
    day.company.fails = ["ok", "killed"]
    send_and_die(day)
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
