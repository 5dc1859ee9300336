"""Whom a number may belong to, how often one may try to say who she is, and what is remembered of the number."""

from __future__ import annotations

import pytest

from care import people, readings, tasks
from care.rules.identity import MOST_TRIES
from records.alerts import Alert
from records.conversations import Conversation
from records.patients import IdentityTry
from records.readings import Reading
from records.sealing import hashed
from records.tasks import Task
from tests.care.clinic import DAY, HOUR, NOON, NUMBERS, Clinic


def _at(clinic: Clinic, phone: str) -> list[tuple[object, ...]]:
    with clinic.database.reading() as connection:
        found = people.people_at(connection, 1, hashed(NUMBERS[phone]), clinic.now)
    return sorted((person["id"], person["birth_date"], person["programme"]) for person in found)


def test_a_number_finds_everyone_registered_there_and_nobody_else(clinic: Clinic) -> None:
    lucia, mateo = clinic.patients["lucia"], clinic.patients["mateo"]
    assert _at(clinic, "riveras") == [(lucia, "2015-05-05", None), (mateo, "2018-08-08", None)]
    assert _at(clinic, "stranger") == []
    with clinic.database.reading() as connection:
        assert people.people_at(connection, 2, hashed(NUMBERS["riveras"]), NOON) == []


def test_her_programme_is_the_one_of_today(clinic: Clinic) -> None:
    clinic.enrol("rosa", "09:00")
    assert _at(clinic, "rosa")[0][2] == "postpartum"
    clinic.now = NOON + 12 * DAY
    assert _at(clinic, "rosa")[0][2] is None


@pytest.mark.parametrize(
    ("wrong", "after", "locked"),
    [
        (MOST_TRIES - 1, HOUR, False),
        (MOST_TRIES, HOUR, True),
        (MOST_TRIES + 3, HOUR, True),
        (MOST_TRIES, DAY, False),
    ],
)
def test_too_many_wrong_birth_dates_in_a_day_lock_the_number(
    clinic: Clinic, wrong: int, after: object, locked: bool
) -> None:
    for turn in range(wrong):
        with clinic.turn(f"c{turn}", who=None) as on:
            people.note_wrong(on)
    with clinic.database.reading() as connection:
        here = hashed(NUMBERS["rosa"])
        assert people.is_locked(connection, 1, here, NOON + after) is locked  # type: ignore[operator]
        assert not people.is_locked(connection, 1, hashed(NUMBERS["james"]), NOON)
        assert not people.is_locked(connection, 2, here, NOON)


def test_right_birth_dates_never_lock(clinic: Clinic) -> None:
    for turn in range(MOST_TRIES + 2):
        with clinic.turn(turn=turn, who=None) as on:
            people.confirm(on, clinic.patients["rosa"])
    with clinic.database.reading() as connection:
        assert not people.is_locked(connection, 1, hashed(NUMBERS["rosa"]), NOON)


def test_whoever_is_confirmed_has_this_conversation_and_what_follows_in_its_turn(clinic: Clinic) -> None:
    with clinic.turn(who=None) as on:
        people.confirm(on, clinic.patients["rosa"])
        tasks.make_in_turn(on, "asked_for_person", True)
    assert clinic.rows(Conversation, "patient_id") == [clinic.patients["rosa"]]
    assert clinic.rows(Task, "patient_id") == [clinic.patients["rosa"]]
    assert clinic.rows(IdentityTry, "patient_id", "succeeded") == [(clinic.patients["rosa"], True)]


def test_a_number_has_one_memory_at_each_clinic(clinic: Clinic) -> None:
    with clinic.turn() as on:
        people.remember(on, language="es")
        people.remember(on, language="en")
    with clinic.database.reading() as connection:
        known = people.contact(connection, 1, hashed(NUMBERS["rosa"]))
        assert (known.language, known.opted_out_at, known.wrong_person_at) == ("en", None, None)
        assert people.contact(connection, 2, hashed(NUMBERS["rosa"])) is None


READING = {"kind": "blood_pressure", "systolic": 150, "diastolic": 92}
SEVERE = {"kind": "blood_pressure", "systolic": 170, "diastolic": 92}


def test_a_reading_is_kept_before_it_is_confirmed_and_the_last_one_is_what_she_confirms(
    clinic: Clinic,
) -> None:
    with clinic.turn() as on:
        readings.note(on, SEVERE, "severe")
    with clinic.turn(turn=2) as on:
        readings.note(on, READING, "high")
        readings.confirm(on)
        readings.note_warning_signs(on, "no")
    assert [(row.value, row.level, row.confirmed, row.warning_signs) for row in clinic.rows(Reading)] == [
        (SEVERE, "severe", False, None),
        (READING, "high", True, "no"),
    ]
    # A severe reading that was taken back: a slip of the finger perhaps, and a person looks.
    assert [(row.reason, row.same_day) for row in clinic.rows(Task)] == [("severe_reading_corrected", True)]


def test_a_reading_of_nobody_is_for_a_person_to_look_at(clinic: Clinic) -> None:
    with clinic.turn(who=None) as on:
        readings.note(on, READING, "high")
        readings.confirm(on)
    assert clinic.rows(Task, "reason", "same_day") == [("reading_without_a_person", True)]


@pytest.mark.parametrize(
    ("what", "reading", "level", "confirmed", "signs", "alert", "task"),
    [
        ("severe and not confirmed", SEVERE, "severe", False, None, True, False),
        ("severe and confirmed", SEVERE, "severe", True, None, True, False),
        ("high and not confirmed", READING, "high", False, None, False, True),
        ("high, and no word of warning signs", READING, "high", True, None, False, True),
        ("all done", READING, "high", True, "no", False, False),
    ],
)
def test_she_is_gone_in_the_middle(
    clinic: Clinic,
    what: str,
    reading: object,
    level: str,
    confirmed: bool,
    signs: str | None,
    alert: bool,
    task: bool,
) -> None:
    with clinic.turn() as on:
        readings.note(on, reading, level)  # type: ignore[arg-type]
        if confirmed:
            readings.confirm(on)
        if signs:
            readings.note_warning_signs(on, signs)
    for turn in (2, 3):
        with clinic.turn(turn=turn) as on:
            readings.left_unconfirmed(on)
    assert clinic.rows(Alert, "reason") == ["severe_reading"] * alert
    assert clinic.rows(Task, "reason") == ["check_in_not_finished"] * task


def test_one_who_gave_no_reading_left_nothing(clinic: Clinic) -> None:
    with clinic.turn() as on:
        readings.left_unconfirmed(on)
    assert (clinic.rows(Alert), clinic.rows(Task)) == ([], [])
