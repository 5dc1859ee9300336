"""Whom a number may belong to, how often one may try to say who she is, and what is remembered of the number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from care import people, readings, tasks
from care.occasion import Overtaken
from care.rules.identity import limits
from records.alerts import Alert
from records.conversations import Conversation
from records.patients import IdentityLock, IdentityTry, Patient, Proxy
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


def _found(clinic: Clinic, name: str) -> dict[str, object]:
    return {"outcome": "found", "patient": clinic.patients[name], "proxy": None}


def _is_locked(clinic: Clinic, phone: str, clinic_id: int = 1) -> bool:
    with clinic.database.reading() as connection:
        return people.is_locked(connection, clinic_id, hashed(NUMBERS[phone]), clinic.now)


def _may_be_confirmed(clinic: Clinic, phone: str) -> dict[int, bool]:
    with clinic.database.reading() as connection:
        found = people.people_at(connection, 1, hashed(NUMBERS[phone]), clinic.now)
    return {person["id"]: not person["locked"] for person in found}


def _guess(clinic: Clinic, times: int, phone: str = "rosa", first: int = 0) -> None:
    for turn in range(first, first + times):
        with clinic.turn(f"{phone}{turn}", phone=phone, who=None) as on:
            people.note_wrong(on)


MOST_TRIES, MOST_AGAINST_ONE = limits()["number"]["tries"], limits()["patient"]["tries"]


@pytest.mark.parametrize(
    ("wrong", "after", "locked"),
    [
        (MOST_TRIES - 1, HOUR, False),
        (MOST_TRIES, HOUR, True),
        (MOST_TRIES + 3, HOUR, True),
        (MOST_TRIES, DAY + HOUR, False),
    ],
)
def test_too_many_wrong_tries_in_a_day_lock_the_number_for_a_day(
    clinic: Clinic, wrong: int, after: timedelta, locked: bool
) -> None:
    _guess(clinic, wrong)
    clinic.now += after
    assert _is_locked(clinic, "rosa") is locked
    assert not _is_locked(clinic, "james")
    assert not _is_locked(clinic, "rosa", clinic_id=2)
    assert clinic.rows(Task, "reason") == ["identity_locked"] * (wrong >= MOST_TRIES), "one task, once"


def test_right_answers_never_lock(clinic: Clinic) -> None:
    for turn in range(MOST_AGAINST_ONE + 2):
        with clinic.turn(turn=turn, who=None) as on:
            people.confirm(on, _found(clinic, "rosa"))
    assert not _is_locked(clinic, "rosa")
    assert all(_may_be_confirmed(clinic, "rosa").values())


def test_wrong_tries_from_many_numbers_lock_the_patient_until_staff_lift_it(clinic: Clinic) -> None:
    """She is meant from numbers of others: each has one try, and none of them is locked."""
    others = [f"+1617555{number:04}" for number in range(1000)]
    rosa, tried = clinic.patients["rosa"], 0
    for turn, number in enumerate(others):
        if not _may_be_confirmed(clinic, "rosa")[rosa]:
            break
        with clinic.turn(f"g{turn}", phone="stranger", who=None) as on:
            people.note_wrong(
                replace(on, number=number, number_hash=hashed(number)), {"e164": NUMBERS["rosa"]}
            )
        tried += 1
    assert tried == MOST_AGAINST_ONE, "a thousand numbers have no more tries than one"
    assert clinic.rows(Task, "reason", "patient_id") == [("identity_locked", rosa)]
    clinic.now += 30 * DAY
    assert _may_be_confirmed(clinic, "rosa") == {rosa: False}, "it does not end by itself"
    with clinic.turn("late", who=None) as on, pytest.raises(Overtaken):
        people.confirm(on, _found(clinic, "rosa"))


def test_a_lock_on_one_child_leaves_the_other(clinic: Clinic) -> None:
    with clinic.database.writing() as connection:
        connection.execute(
            insert(IdentityLock).values(
                clinic_id=1, patient_id=clinic.patients["lucia"], locked_at=clinic.now
            )
        )
    assert _may_be_confirmed(clinic, "riveras") == {
        clinic.patients["lucia"]: False,
        clinic.patients["mateo"]: True,
    }


def test_a_number_that_is_somebody_elses_finds_nobody(clinic: Clinic) -> None:
    with clinic.turn() as on:
        people.remember(on, wrong_person_at=clinic.now)
    assert _at(clinic, "rosa") == []


def test_a_proxy_is_found_at_her_own_number_until_her_word_ends(clinic: Clinic) -> None:
    lucia = clinic.patients["lucia"]
    with clinic.database.writing() as connection:
        connection.execute(
            insert(Proxy).values(
                clinic_id=1, patient_id=lucia, name="Ana Rivera", relation="parent", birth_date="1988-01-31",
                number=NUMBERS["stranger"], number_hash=hashed(NUMBERS["stranger"]), language="es",
                topics=["check_ins"], ends_on=clinic.now.date() + 3 * DAY, created_at=clinic.now,
            )
        )  # fmt: skip
    with clinic.database.reading() as connection:
        there = people.people_at(connection, 1, hashed(NUMBERS["stranger"]), clinic.now)
        assert [(row["id"], row["birth_date"], row["her_birth_date"]) for row in there] == [
            (lucia, "1988-01-31", "2015-05-05")
        ]
        assert people.candidates_at(connection, 1, hashed(NUMBERS["stranger"])) == [lucia]
        assert people.people_at(connection, 1, hashed(NUMBERS["stranger"]), clinic.now + 5 * DAY) == []


def test_whoever_is_confirmed_has_this_conversation_and_what_follows_in_its_turn(clinic: Clinic) -> None:
    with clinic.turn(who=None) as on:
        people.confirm(on, _found(clinic, "rosa"))
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


@pytest.mark.parametrize("values", [{"status": "closed"}, {"status": "merged"}])
def test_who_was_closed_or_merged_while_she_answered_is_not_confirmed(
    clinic: Clinic, values: dict[str, str]
) -> None:
    rosa = clinic.patients["rosa"]
    with clinic.database.writing() as connection:
        connection.execute(update(Patient).where(Patient.id == rosa).values(**values))
    with clinic.turn(who=None) as on, pytest.raises(Overtaken):
        people.confirm(on, _found(clinic, "rosa"))


def test_nobody_is_confirmed_from_a_number_that_was_locked_meanwhile(clinic: Clinic) -> None:
    _guess(clinic, MOST_TRIES)
    with clinic.turn("late", who=None) as on, pytest.raises(Overtaken):
        people.confirm(on, _found(clinic, "rosa"))
    with clinic.turn("elsewhere", phone="james", who=None) as on:
        people.confirm(on, _found(clinic, "rosa"))


def test_the_language_of_a_number_that_is_somebody_elses_is_not_told(clinic: Clinic) -> None:
    here = (1, hashed(NUMBERS["rosa"]))
    with clinic.turn() as on:
        assert people.language_at(on.connection, *here) == "es"
        people.remember(on, wrong_person_at=clinic.now)
        assert people.language_at(on.connection, *here) is None
