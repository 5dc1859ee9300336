"""Check-ins: each asked once, however many beats there are; silence goes from text to call to a person."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import update

from care import check_ins
from care.rules.check_in_times import ANSWER_WITHIN
from records import Database
from records.outbox import OutboxRow
from records.patients import Enrolment
from records.readings import CheckIn
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import DAY, HOUR, MINUTE, NOON, NUMBERS, Clinic

NINE = NOON - 3 * HOUR
"""Nine in the morning in Boston."""


def test_a_check_in_that_is_due_is_asked_by_text(clinic: Clinic) -> None:
    enrolment = clinic.enrol("rosa", "09:00", "19:00")
    assert check_ins.ask_those_due(clinic.database, NINE - MINUTE) == 0
    assert check_ins.ask_those_due(clinic.database, NINE) == 1
    (asked,) = clinic.rows(CheckIn)
    assert (asked.key, asked.state) == (f"{enrolment}:2026-11-21:09:00", "asked")
    assert (asked.due_at, asked.follow_up_at) == (NINE, NINE + ANSWER_WITHIN)
    (row,) = clinic.rows(OutboxRow)
    assert (row.kind, row.channel, row.flow, row.language) == ("check_in", "text", "check_in_text", "es")
    assert (row.number, row.due_at, row.facts) == (NUMBERS["rosa"], NINE, {"check_in": asked.key})


def test_who_has_a_landline_is_called(clinic: Clinic) -> None:
    clinic.enrol("james", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    assert clinic.rows(CheckIn, "state") == ["called"]
    assert clinic.rows(OutboxRow, "channel", "flow") == [("call", "check_in_call")]


def test_who_has_both_is_texted_at_the_mobile_once(clinic: Clinic) -> None:
    clinic.add_number("james", "+16175550109", "mobile")
    clinic.enrol("james", "09:00")
    assert check_ins.ask_those_due(clinic.database, NINE) == 1
    assert clinic.rows(OutboxRow, "channel", "number") == [("text", "+16175550109")]


@pytest.mark.parametrize(
    ("what", "days", "consented", "now", "asked"),
    [
        ("on the last day", 10, True, NINE + 10 * DAY, 1),
        ("after it", 10, True, NINE + 11 * DAY, 0),
        ("before it began", 10, True, NINE - DAY, 0),
        ("without her consent", 10, False, NINE, 0),
        ("half an hour late, after a restart", 10, True, NINE + 30 * MINUTE, 1),
        ("later than that", 10, True, NINE + 31 * MINUTE, 0),
    ],
)
def test_asked_while_the_programme_lasts(
    clinic: Clinic, what: str, days: int, consented: bool, now: datetime, asked: int
) -> None:
    clinic.enrol("rosa", "09:00", days=days, consented=consented)
    assert check_ins.ask_those_due(clinic.database, now) == asked


def test_a_whole_day_of_beats_asks_each_time_once(clinic: Clinic) -> None:
    clinic.enrol("rosa", "09:00", "19:00")
    clinic.enrol("lucia", "09:00")
    asked = [check_ins.ask_those_due(clinic.database, NINE - HOUR + 15 * MINUTE * beat) for beat in range(60)]
    assert sum(asked) == 3
    assert len(clinic.rows(OutboxRow)) == len(clinic.rows(CheckIn)) == 3


def test_two_beats_at_once_ask_once(clinic: Clinic, open_again: Callable[[], Database]) -> None:
    for name in ("rosa", "james", "lucia", "mateo"):
        clinic.enrol(name, "09:00", "09:01", "09:02")
    ready = Barrier(4)

    def beat(database: Database) -> int:
        ready.wait(10)
        return check_ins.ask_those_due(database, NINE + 5 * MINUTE)

    with ThreadPoolExecutor(4) as threads:
        asked = list(threads.map(beat, [open_again() for _ in range(4)]))
    assert sum(asked) == 12
    assert len(clinic.rows(OutboxRow)) == len(clinic.rows(CheckIn)) == 12


def test_silence_after_a_text_is_a_call_and_after_the_call_a_task(clinic: Clinic) -> None:
    clinic.enrol("rosa", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    seen = [check_ins.follow_up_silence(clinic.database, NINE + 30 * MINUTE * beat) for beat in range(13)]
    assert [beat for beat, followed in enumerate(seen) if followed] == [4, 8]
    assert clinic.rows(CheckIn, "state") == ["missed"]
    text, call = clinic.rows(OutboxRow)
    assert (text.channel, call.channel, call.flow) == ("text", "call", "check_in_call")
    assert call.due_at == NINE + ANSWER_WITHIN
    (task,) = clinic.rows(Task)
    assert (task.reason, task.same_day, task.patient_id) == ("check_in_missed", True, clinic.patients["rosa"])
    assert task.details == {"number": NUMBERS["rosa"]}


def test_one_with_two_numbers_is_followed_up_once(clinic: Clinic) -> None:
    clinic.add_number("rosa", "+16175550109", "mobile")
    clinic.enrol("rosa", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    assert check_ins.follow_up_silence(clinic.database, NINE + ANSWER_WITHIN) == 1
    assert len(clinic.rows(OutboxRow)) == 2


def test_two_who_follow_up_at_once_do_it_once(clinic: Clinic, open_again: Callable[[], Database]) -> None:
    clinic.enrol("rosa", "09:00")
    clinic.enrol("james", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    ready = Barrier(4)

    def beat(database: Database) -> int:
        ready.wait(10)
        return check_ins.follow_up_silence(database, NINE + ANSWER_WITHIN)

    with ThreadPoolExecutor(4) as threads:
        followed = list(threads.map(beat, [open_again() for _ in range(4)]))
    assert sum(followed) == 2
    assert sorted(clinic.rows(CheckIn, "state")) == ["called", "missed"]
    assert len(clinic.rows(Task)) == 1
    assert len(clinic.rows(OutboxRow)) == 3


def test_a_reading_ends_every_question_of_hers_that_is_open(clinic: Clinic) -> None:
    clinic.enrol("rosa", "09:00", "09:10")
    clinic.enrol("lucia", "09:00")
    check_ins.ask_those_due(clinic.database, NINE + 10 * MINUTE)
    check_ins.follow_up_silence(clinic.database, NINE + ANSWER_WITHIN)
    with clinic.turn() as on:
        check_ins.finish(on)
    assert sorted(clinic.rows(CheckIn, "patient_id", "state")) == sorted(
        [(clinic.patients["rosa"], "answered")] * 2 + [(clinic.patients["lucia"], "called")]
    )
    assert check_ins.follow_up_silence(clinic.database, NINE + DAY) == 1, "of Lucía's alone"


def test_a_reading_of_nobody_ends_no_question(clinic: Clinic) -> None:
    clinic.enrol("rosa", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    with clinic.turn(who=None) as on:
        check_ins.finish(on)
    assert clinic.rows(CheckIn, "state") == ["asked"]


def test_a_call_instead_of_a_text_is_placed_once_and_not_after_an_answer(clinic: Clinic) -> None:
    enrolment = clinic.enrol("rosa", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    row = clinic.rows(OutboxRow)[0]
    key = f"{enrolment}:2026-11-21:09:00"
    for _ in range(2):
        with clinic.database.writing() as connection:
            check_ins.call_instead(clinic.database, connection, key, row, NINE + MINUTE)
    assert clinic.rows(OutboxRow, "key") == [f"check_in:{key}", f"check_in:{key}:call"]
    assert clinic.rows(CheckIn, "state", "follow_up_at") == [("called", NINE + MINUTE + ANSWER_WITHIN)]


def test_one_who_answered_is_not_called_because_her_text_was_late(clinic: Clinic) -> None:
    enrolment = clinic.enrol("rosa", "09:00")
    check_ins.ask_those_due(clinic.database, NINE)
    row, key = clinic.rows(OutboxRow)[0], f"{enrolment}:2026-11-21:09:00"
    with clinic.turn() as on:
        check_ins.finish(on)
    with clinic.database.writing() as connection:
        assert check_ins.not_wanted(connection, [row], NINE) == {row.id: "answered already"}
        check_ins.call_instead(clinic.database, connection, key, row, NINE + MINUTE)
    assert len(clinic.rows(OutboxRow)) == 1


def test_staff_ask_now_and_not_twice_while_it_waits(clinic: Clinic) -> None:
    clinic.enrol("rosa")

    def ask(name: str, now: datetime) -> str:
        return check_ins.ask_patient_now(clinic.database, 1, clinic.patients[name], now)

    assert ask("rosa", NOON) == "asked"
    assert ask("rosa", NOON + HOUR) == "waiting"
    assert ask("james", NOON) == "in no programme"
    assert (
        check_ins.ask_patient_now(clinic.database, 2, clinic.patients["rosa"], NOON + DAY)
        == "in no programme"
    )
    with clinic.turn() as on:
        check_ins.finish(on)
    assert ask("rosa", NOON + HOUR) == "asked"
    assert len(clinic.rows(OutboxRow)) == 2


def test_everyone_in_a_programme_at_a_number_is_asked(clinic: Clinic) -> None:
    clinic.enrol("lucia")
    clinic.enrol("mateo")
    assert check_ins.ask_now(clinic.database, hashed(NUMBERS["riveras"]), NOON) == 2
    assert check_ins.ask_now(clinic.database, hashed(NUMBERS["riveras"]), NOON) == 0
    assert check_ins.ask_now(clinic.database, hashed(NUMBERS["rosa"]), NOON) == 0


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_through_the_night_of_a_clock_change_each_is_asked_once_and_silence_takes_two_hours(
    clinic: Clinic, day: str
) -> None:
    clinic.enrol("rosa", "00:30", "01:30", "02:30", "09:00")
    first = date.fromisoformat(day)
    with clinic.database.writing() as connection:
        connection.execute(update(Enrolment).values(starts_on=first, ends_on=first))
    midnight = datetime.fromisoformat(f"{day}T04:00:00+00:00")
    for beat in range(16 * 4):
        check_ins.ask_those_due(clinic.database, midnight + beat * 15 * MINUTE)
    asked = clinic.rows(CheckIn)
    assert len(asked) == 4
    assert {row.follow_up_at - row.due_at for row in asked} == {timedelta(hours=2)}
