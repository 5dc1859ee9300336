"""What the carrier says became of a text or a call: in any order, some twice, some never, some unheard of."""

from __future__ import annotations

import tempfile
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carriers import CallState, Status
from records.alerts import Alert
from records.outbox import OutboxRow, StatusEvent
from records.readings import CheckIn
from records.tasks import Task
from tests.conversation.clinic_day import DESK, NUMBERS, Day, Premises

MANY_WAYS = settings(
    max_examples=12, deadline=None, database=None, derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)  # fmt: skip
TEXT_ENDS = {
    "delivered": ("delivered", "delivered"),
    "undelivered": ("failed", "undelivered"),
    "failed": ("failed", "failed"),
}
"""The last word, and what the row then says: its status, and the carrier's."""
CALL_ENDS = {"completed": "delivered", "busy": "due", "no-answer": "due", "failed": "due", "canceled": "due"}


def disordered(words: list[str]) -> st.SearchStrategy[list[str]]:
    """The words in any order, some of them twice; the last of `words` always comes, of the others some never."""
    kept = st.lists(st.sampled_from(words[:-1]), unique=True)
    doubled = st.lists(st.sampled_from(words), max_size=3)
    return st.tuples(kept, doubled).flatmap(
        lambda both: st.permutations([*chain.from_iterable(both), words[-1]])
    )


def asked_by_text(day: Day):
    day.ask_rosa()
    day.send()
    return day.company.texts[-1]


def asked_by_call(day: Day):
    day.ask_rosa(kind="landline")
    day.send()
    return day.company.calls[-1]


# In any order


@pytest.mark.parametrize("last", TEXT_ENDS)
@MANY_WAYS
@given(st.data())
def test_a_text_ends_the_same_in_whatever_order_its_statuses_come(premises: Premises, last, data):
    words = data.draw(disordered(["queued", "sending", "sent", "partially_delivered", last]))
    with tempfile.TemporaryDirectory() as folder, premises.day(Path(folder)) as day:
        text = asked_by_text(day)
        seen = []
        for word in words:
            day.text_status(text.id, word, text.outbox, ErrorCode="30005" if word == last else "")
            seen.append(day.the(OutboxRow, OutboxRow.channel == "text").status)
        row = day.the(OutboxRow, OutboxRow.channel == "text")
        assert (row.status, row.carrier_status) == TEXT_ENDS[last]
        assert seen == sorted(seen, key=("sent", row.status).index), "it never goes back"
        assert len(day.rows(StatusEvent)) == len(words)
        by_call = day.rows(OutboxRow, OutboxRow.channel == "call")
        assert len(by_call) == (0 if last == "delivered" else 1)
        assert day.the(CheckIn).state == ("asked" if last == "delivered" else "called")


@pytest.mark.parametrize("last", CALL_ENDS)
@MANY_WAYS
@given(st.data())
def test_a_call_ends_the_same_in_whatever_order_its_statuses_come(premises: Premises, last, data):
    words = data.draw(disordered(["initiated", "ringing", "in-progress", last]))
    with tempfile.TemporaryDirectory() as folder, premises.day(Path(folder)) as day:
        call = asked_by_call(day)
        for word in words:
            day.call_status(call.id, word, call.outbox)
        row = day.outbox("check_in")
        assert row.status == CALL_ENDS[last]
        assert row.attempts == 1
        if row.status == "due":
            assert (row.due_at - day.clock()).total_seconds() == 300
            day.clock.forward(minutes=5)
            day.send()
            for word in words:
                day.call_status(call.id, word, call.outbox)  # the first call's words once more
            second = day.company.calls[-1]
            assert (day.outbox("check_in").status, day.outbox("check_in").carrier_id) == ("sent", second.id)
            day.call_status(second.id, "completed", second.outbox)
            assert day.outbox("check_in").status == "delivered"
        assert day.rows(Task) == []


def test_a_text_that_was_read_was_delivered(day):
    text = asked_by_text(day)
    day.text_status(text.id, "read", text.outbox)
    day.text_status(text.id, "delivered", text.outbox)
    row = day.outbox("check_in")
    assert (row.status, row.carrier_status) == ("delivered", "read")


def test_undelivered_does_not_undo_delivered(day):
    text = asked_by_text(day)
    for word in ("delivered", "undelivered", "failed", "sent"):
        day.text_status(text.id, word, text.outbox, ErrorCode="30006")
    assert day.outbox("check_in").status == "delivered"
    assert len(day.rows(OutboxRow)) == 1


# Around the tries


def test_a_status_that_overtakes_the_carriers_answer_is_believed(day):
    day.ask_rosa()

    def before_the_answer() -> None:
        text = day.company.texts[-1]
        day.text_status(text.id, "delivered", text.outbox)

    day.company.on_send = before_the_answer
    day.send()
    row = day.outbox("check_in")
    assert (row.status, row.carrier_id) == ("delivered", day.company.texts[0].id)


def test_a_failure_that_overtakes_the_carriers_answer_is_tried_again(day):
    day.severe_reading_by_text()

    def before_the_answer() -> None:
        call = day.company.calls[-1]
        day.call_status(call.id, "busy", call.outbox, to=DESK)

    day.company.on_send = before_the_answer
    day.send("alerts")
    row = day.outbox("alert")
    assert (row.status, (row.due_at - day.clock()).total_seconds()) == ("due", 60)


def test_late_words_about_a_first_try_do_not_end_the_second(day):
    first = asked_by_call(day)
    day.call_status(first.id, "no-answer", first.outbox)
    day.clock.forward(minutes=5)
    day.company.fails = ["killed"]
    day.send_and_die()
    assert day.outbox("check_in").status == "sending"
    day.call_status(first.id, "no-answer", first.outbox)
    assert day.outbox("check_in").status == "sending", "of the second call nothing is known yet"
    second = day.company.calls[-1]
    day.call_status(second.id, "completed", second.outbox)
    row = day.outbox("check_in")
    assert (row.status, row.carrier_id) == ("delivered", second.id)


def test_words_about_the_first_of_three_tries_are_not_taken_for_the_third(day):
    for _ in range(2):
        call = asked_by_call(day) if not day.company.calls else day.company.calls[-1]
        day.call_status(call.id, "busy", call.outbox)
        day.clock.forward(minutes=15)
        day.company.fails = ["killed"] if len(day.company.calls) == 2 else []
        day.send_and_die()
    first, _, third = day.company.calls
    day.call_status(first.id, "busy", first.outbox)
    row = day.outbox("check_in")
    assert (row.status, row.attempts) == ("sending", 3)
    day.call_status(third.id, "ringing", third.outbox)
    assert (day.outbox("check_in").status, day.outbox("check_in").carrier_id) == ("sent", third.id)


def test_a_call_that_is_over_and_never_said_so_is_asked_about_and_called_again(day):
    day.severe_reading_by_text()
    day.send("alerts")
    (call,) = day.company.calls
    day.company.statuses[call.id] = Status("no-answer", CallState.NO_ANSWER)
    day.clock.forward(minutes=11)
    day.sweep()
    day.clock.forward(minutes=1)
    day.send("alerts")
    assert len(day.company.calls) == 2
    assert day.the(Alert).state == "open"


# Of things unheard of


@pytest.mark.parametrize("outbox", ["", "999999", "nonsense", "-1", "9" * 40, "1;drop table outbox", "١"])
def test_a_status_of_something_unknown_is_recorded_and_harmless(day, outbox):
    asked_by_text(day)
    before = day.rows(OutboxRow)
    day.webhooks.take("/sms/status", {"MessageSid": "SMx", "MessageStatus": "delivered"})
    target = f"/sms/status?outbox={outbox}" if outbox.isascii() and " " not in outbox else "/sms/status"
    day.webhooks.take(target, {"MessageSid": "SMx", "MessageStatus": "failed", "ErrorCode": "30006"})
    day.call_status("CAx", "completed", "")
    assert day.rows(OutboxRow) == before
    assert [event.carrier_id for event in day.rows(StatusEvent)] == ["SMx", "SMx", "CAx"]


@pytest.mark.parametrize("word", ["", "teleported", "DELIVERED", "\u202edelivered", "x" * 5000])
def test_a_status_in_a_new_word_is_recorded_and_moves_nothing(day, word):
    text = asked_by_text(day)
    day.text_status(text.id, word, text.outbox)
    row = day.outbox("check_in")
    assert (row.status, row.carrier_status, row.carrier_id) == ("sent", None, text.id)
    assert [event.status for event in day.rows(StatusEvent)] == [word[:32]]


def test_fields_unheard_of_are_let_be(day):
    text = asked_by_text(day)
    fields = {"RawDlrDoneDate": "2611211200", "ChannelPrefix": "", "Ünïcode": "ja", "SequenceNumber": "x"}
    day.text_status(text.id, "delivered", text.outbox, **fields)
    assert day.outbox("check_in").status == "delivered"


@pytest.mark.parametrize("code", ["", "abc", "0", "99999", "999999999999999999999"])
def test_any_error_code_is_survived(day, code):
    text = asked_by_text(day)
    day.text_status(text.id, "undelivered", text.outbox, ErrorCode=code)
    row = day.outbox("check_in")
    assert (row.status, row.reason) == ("due", "unknown"), "what is unknown is not for good"


def test_a_status_of_a_text_named_as_a_calls_moves_nothing(day):
    call = asked_by_call(day)
    day.text_status(call.id, "failed", call.outbox)
    assert day.outbox("check_in").status == "sent"
    assert NUMBERS["rosa"] == call.to
