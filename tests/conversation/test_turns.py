"""One turn of talk: webhooks come twice, late, out of order and at the same moment, and each counts once."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.alerts import Alert
from records.conversations import Conversation, Turn
from records.messages import Message
from records.outbox import OutboxRow
from records.patients import Patient
from records.readings import Reading
from records.tasks import Task
from tests.conversation.at_once import at_once
from tests.conversation.carrier_webhooks import Call
from tests.conversation.clinic_day import BIRTH_DATE, KEYED_BIRTH_DATE, Day, Premises, served

TO_SEVERE = ["1", KEYED_BIRTH_DATE, "165*112", "1"]
"""Rosa's way on the keypad from the menu to a severe reading that she confirms; then a nurse is dialled."""


def turns_of(day: Day, conversation: str) -> list[int]:
    return sorted(turn.turn for turn in day.rows(Turn, Turn.conversation_id == conversation))


def replay(call: Call, target: str, form: dict[str, str]) -> str:
    return call.webhooks.take(target, {**call.form, **form}).text


# The same again


def test_twenty_calls_of_the_same_webhook_at_once_are_one_turn(day):
    with served(day.house) as webhooks:
        rosa = day.phone("rosa", webhooks)
        form = {**Call(webhooks, rosa.number, rosa.line, "CA1").form}
        answers = at_once([lambda: webhooks.take("/voice/answer", form).text] * 20)
    assert len(set(answers)) == 1
    assert "/voice/turn/" in answers[0]
    assert len(day.rows(Conversation)) == len(day.rows(Turn)) == 1


def test_twenty_severe_readings_at_once_raise_one_alert(day):
    with served(day.house) as webhooks:
        call = day.phone("rosa", webhooks).call().keys(*TO_SEVERE[:-1])
        answers = at_once([lambda: replay(call, call.action, {"Digits": "1"})] * 20)
    assert len(set(answers)) == 1
    assert "<Dial" in answers[0]
    assert day.reasons(Alert) == ["severe_reading"]
    assert [reading.confirmed for reading in day.rows(Reading)] == [True]
    assert len(day.rows(OutboxRow, OutboxRow.kind == "alert")) == 1
    assert turns_of(day, day.the(Conversation).id) == [0, 1, 2, 3, 4]


def test_twenty_copies_of_one_text_at_once_are_one_turn(day):
    with served(day.house) as webhooks:
        rosa = day.phone("rosa", webhooks)
        answers = at_once([lambda: tuple(rosa.text("hello", "SM1"))] * 20)
    assert set(answers) == {answers[0]}
    assert answers[0][0].startswith("How can we help you?")
    assert len(day.rows(Turn)) == len(day.rows(OutboxRow, OutboxRow.kind == "reply")) == 1


def test_keys_and_silence_at_once_are_one_turn_and_both_get_its_reply(day):
    with served(day.house) as webhooks:
        call = day.phone("rosa", webhooks).call()
        keys, silence = {"Digits": "2"}, {"Digits": ""}
        said, silent = at_once([lambda one=one: replay(call, call.action, one) for one in (keys, silence)])
    assert said == silent
    assert "<Record" in said or "did not hear" in said
    assert turns_of(day, day.the(Conversation).id) == [0, 1]


def test_a_repeat_within_two_minutes_gets_the_same_and_later_nothing_and_a_count(day):
    call = day.phone("rosa").call()
    asked = call.action
    first = replay(call, asked, {"Digits": "2"})
    day.clock.forward(seconds=119)
    assert replay(call, asked, {"Digits": "2"}) == first
    assert day.counted("late turns") == 0
    day.clock.forward(seconds=2)
    assert "<Say" not in replay(call, asked, {"Digits": "2"})
    assert day.counted("late turns") == 1
    assert turns_of(day, day.the(Conversation).id) == [0, 1]


def test_a_text_repeated_after_the_talk_is_over_is_not_a_new_talk(day):
    rosa = day.phone("rosa")
    replies = [
        rosa.text(words, f"SM{place}") for place, words in enumerate(("120/80", BIRTH_DATE, "yes", "no"))
    ]
    assert day.the(Conversation).state == "closed"
    assert rosa.text("120/80", "SM0") == replies[0]
    day.clock.forward(minutes=3)
    assert rosa.text("120/80", "SM0") == []
    assert day.counted("late turns") == 1
    assert len(day.rows(Conversation)) == len(day.rows(Reading)) == 1


def test_two_texts_at_once_are_two_turns_and_none_is_lost(day):
    with served(day.house) as webhooks:
        rosa = day.phone("rosa", webhooks)
        at_once([lambda: rosa.text("hello"), lambda: rosa.text("2")])
    talks = day.rows(Conversation)
    assert [talk.state for talk in talks].count("open") == 1
    assert sorted(turn.said["text"] for turn in day.rows(Turn)) == ["2", "hello"]
    for talk in talks:
        assert turns_of(day, talk.id) == list(range(talk.turn))


def test_ten_texts_at_once_from_one_number_are_ten_turns(day):
    with served(day.house) as webhooks:
        rosa = day.phone("rosa", webhooks)
        at_once([lambda words=f"words {place}": rosa.text(words) for place in range(10)])
    assert {turn.said["text"] for turn in day.rows(Turn)} == {f"words {place}" for place in range(10)}
    for talk in day.rows(Conversation):
        assert turns_of(day, talk.id) == list(range(talk.turn))


# Late, and out of order


def test_an_answer_to_a_question_that_has_gone_by_changes_nothing(day):
    call = day.phone("rosa").call()
    menu = call.action
    call.keys("1", KEYED_BIRTH_DATE)
    before = day.counts()
    assert replay(call, menu, {"Digits": "2"}) == replay(call, menu, {"Digits": ""})
    assert day.counts() == before


def test_an_answer_to_a_question_that_was_never_asked_changes_nothing(day):
    call = day.phone("rosa").call()
    before = day.counts()
    ahead = call.action.rpartition("/")[0] + "/7"
    assert "<Say" not in replay(call, ahead, {"Digits": "1"})
    assert day.counts() == before
    assert day.counted("late turns") == 1


def test_the_end_of_a_call_that_overtakes_its_message_loses_no_message(day):
    call = day.phone("rosa").call().keys("2")
    call.over()
    call.record("RE1", 12, Digits="hangup", CallStatus="completed")
    assert [message.recording for message in day.rows(Message)] == ["RE1"]
    assert "message" in day.reasons(Task)


def test_the_end_of_a_call_that_overtakes_her_keys_loses_no_reading(day):
    call = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE)
    call.over()
    call.keys("165*112")
    assert [reading.level for reading in day.rows(Reading)] == ["severe"]
    assert day.reasons(Alert) == ["severe_reading"], "she is gone, and a severe reading can't wait"


def test_the_end_of_a_call_that_overtakes_the_bridge_still_finishes_the_check_in(day):
    call = day.phone("rosa").call().keys(*TO_SEVERE)
    whisper = call.action.replace("/turn/", "/whisper/")
    call.webhooks.take(f"{whisper}/accept", {**call.form, "Digits": "1"})
    call.over()
    call.dial_ended("completed")
    assert day.the(Conversation).position["vars"]["emergency_call"] == "joined"


def test_a_call_that_ended_stays_left_whatever_comes_after(day):
    call = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE)
    call.over()
    call.keys("120*80")
    call.keys("")
    assert day.the(Conversation).state == "left"
    assert turns_of(day, day.the(Conversation).id) == [0, 1, 2, 3], "silence after the end is no answer"


def test_a_call_that_ends_while_her_answer_is_thought_about_loses_nothing(day):
    call = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE)
    ends = iter([True])

    def now() -> datetime:
        """The turn asks for the time when it has read and not yet written: the end comes at that moment."""
        if next(ends, False):
            call.over()
        return day.clock()

    meanwhile = day.webhooks_of(replace(day.house, now=now))
    meanwhile.take(call.action, {**call.form, "Digits": "165*112"})
    talk = day.the(Conversation)
    assert (talk.state, turns_of(day, talk.id)) == ("left", [0, 1, 2, 3])
    assert talk.turn == 4
    assert day.reasons(Alert) == ["severe_reading"]


def test_a_hang_up_told_twice_leaves_one_task(day):
    call = day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, "120*80")
    call.over()
    call.over()
    assert day.reasons(Task) == ["check_in_not_finished"]


# Repeated, late and at the same moment, in any mixture


@st.composite
def disturbances(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """For each step: how often it comes at once, and which steps before it come once more beside it."""
    steps = range(len(TO_SEVERE) + 2)
    return [
        (draw(st.integers(1, 3)), draw(st.lists(st.integers(0, max(0, step - 1)), max_size=2)))
        for step in steps
    ]


@settings(max_examples=8, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])  # fmt: skip
@given(disturbances())
def test_a_call_means_the_same_however_its_webhooks_come(premises: Premises, disturbed):
    with tempfile.TemporaryDirectory() as folder, premises.day(Path(folder)) as day:
        call = Call(day.webhooks, "+16175550101", "+16175550100", "CA1")
        done: list[tuple[str, dict[str, str]]] = []
        heard: list[str] = []

        def step(target: str, form: dict[str, str]) -> None:
            many, again = disturbed[len(done)]
            doings = [(target, form)] * many + [done[place] for place in again if place < len(done)]
            answers = at_once([lambda one=one: replay(call, *one) for one in doings])
            assert set(answers[:many]) == {answers[0]}
            assert answers[many:] == [heard[place] for place in again if place < len(done)]
            done.append((target, form))
            heard.append(answers[0])
            call.read(answers[0])

        step("/voice/answer", {})
        for keys in TO_SEVERE:
            step(call.action, {"Digits": keys})
        step(call.action, {"DialCallStatus": "no-answer"})
        call.over()
        call.over()

        talk = day.the(Conversation)
        assert turns_of(day, talk.id) == list(range(len(TO_SEVERE) + 2)) == list(range(talk.turn))
        assert [(one.level, one.confirmed) for one in day.rows(Reading)] == [("severe", True)]
        assert day.reasons(Alert) == ["severe_reading"]
        assert [row.kind for row in day.rows(OutboxRow)] == ["alert"]


@settings(max_examples=5, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=1, max_size=4))
def test_texts_mean_the_same_however_often_they_come(premises: Premises, order, again):
    """Four people text at the same time, and some texts come twice: everybody gets her own talk, once."""
    with tempfile.TemporaryDirectory() as folder, premises.day(Path(folder)) as day:
        people = [day.phone(number) for number in day.enrol(4)]
        words = ["120/80", "yes", "01/01/1990", "yes"]  # the first "yes" is for English
        for place, text in enumerate(words):

            def write(who: int, text: str = text, place: int = place) -> list[str]:
                return people[who].text(text, f"SM{who}-{place}")

            at_once([lambda who=who, write=write: write(who) for who in [*order, *order]])
            for repeated in again:
                if repeated <= place:
                    people[0].text(words[repeated], f"SM0-{repeated}")
        assert len(day.rows(Conversation)) == 4
        for talk in day.rows(Conversation):
            assert turns_of(day, talk.id) == [0, 1, 2, 3] == list(range(talk.turn))
        replies = day.rows(OutboxRow, OutboxRow.kind == "reply")
        assert len(replies) == len({row.key for row in replies}) == 16
        assert [reading.confirmed for reading in day.rows(Reading)] == [True] * 4


@pytest.mark.parametrize("turn", ["0", "999999999", "00000001"])
def test_any_turn_number_is_survived(day, turn):
    call = day.phone("rosa").call()
    answer = day.webhooks.post(call.action.rpartition("/")[0] + "/" + turn, {**call.form, "Digits": "1"})
    assert answer.status_code == 200


def test_two_children_at_one_phone_are_each_asked_who_it_is(day: Day) -> None:
    """A second reading in the same talk is not taken for the first child's."""
    call = day.phone("riveras").call().keys("2")  # the list of languages: English, Spanish
    call.keys("1", "05052015", "118*76", "1", "2")
    call.keys("1", "1")  # something else: a blood pressure
    call.keys("08082018", "108*66", "1", "2")
    lucia, mateo = sorted(row.id for row in day.rows(Patient) if "Rivera" in row.name)
    assert [(row.patient_id, row.value["systolic"]) for row in day.rows(Reading)] == [
        (lucia, 118),
        (mateo, 108),
    ]
