"""Somebody guesses Rosa's PIN from a thousand numbers: the patient is locked, and nothing is told apart."""

from __future__ import annotations

from sqlalchemy import insert, update
from werkzeug.security import generate_password_hash

from records.conversations import Conversation, Turn
from records.patients import Contact, IdentityLock, IdentityTry, Patient, PatientNumber
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.clinic_day import BIRTH_DATE, KEYED_BIRTH_DATE, NUMBERS, Day

PIN, GUESSERS = "8317", [f"+1857555{place:04}" for place in range(1000)]
RIGHT_FROM = 25
"""From this guess on the PIN is the right one: by then she is locked."""


def guess(day: Day, number: str, pin: str) -> list[str]:
    """One try from one number, by text: all that is answered to the PIN."""
    phone = day.phone(number)
    phone.texts("118/76", "yes", NUMBERS["rosa"], BIRTH_DATE)
    return phone.text(pin)


def test_a_pin_is_not_guessed_from_a_thousand_numbers(day: Day) -> None:
    with day.house.database.writing() as connection:
        pin = generate_password_hash(PIN, "pbkdf2:sha256:1000")
        connection.execute(update(Patient).where(Patient.id == 1).values(pin_hash=pin))
        for number in GUESSERS:
            connection.execute(insert(Contact).values(clinic_id=1, number_hash=hashed(number), language="en"))
    answers = [
        guess(day, number, PIN if place >= RIGHT_FROM else f"{place:04}")
        for place, number in enumerate(GUESSERS)
    ]
    assert len({tuple(answer) for answer in answers}) == 1, (
        "a right PIN, a wrong one, locked or not: no telling"
    )
    assert day.rows(Conversation, Conversation.patient_id.is_not(None)) == []
    assert day.rows(IdentityTry, IdentityTry.succeeded) == []
    assert [lock.patient_id for lock in day.rows(IdentityLock)] == [1]
    assert [task.reason for task in day.rows(Task, Task.reason == "identity_locked")] == ["identity_locked"]

    # She herself can't be told from a guesser now: a person at the clinic is a key away, and staff lift the lock.
    rosa = day.phone("rosa")
    assert "For your safety" in rosa.texts("hello", "1")[0]
    with day.house.database.writing() as connection:
        connection.execute(update(IdentityLock).values(lifted_at=day.clock(), lifted_by="maria"))
    assert "blood pressure" in rosa.texts("menu", "1", BIRTH_DATE, PIN)[0]


def test_a_pin_that_was_given_can_be_read_nowhere_afterwards(day: Day) -> None:
    with day.house.database.writing() as connection:
        pin = generate_password_hash(PIN, "pbkdf2:sha256:1000")
        connection.execute(update(Patient).where(Patient.id == 1).values(pin_hash=pin))
    day.phone("rosa").texts("hello", "1", BIRTH_DATE, PIN)
    call = day.phone("rosa").call()
    call.keys("1", KEYED_BIRTH_DATE, PIN)
    assert len(day.rows(Conversation, Conversation.patient_id == 1)) == 2, "she was confirmed both times"
    for turn in day.rows(Turn):
        assert PIN not in str(turn.said) + str(turn.reply)
    for talk in day.rows(Conversation):
        assert PIN not in str(talk.position)


def _wrong_calls(day: Day, many: int) -> None:
    """So many calls from Rosa's phone, two wrong tries in each."""
    for _ in range(many):
        day.phone("rosa").call().keys("1", "01021990", "01031990")


def test_a_locked_number_confirms_nobody_in_a_talk_that_was_open_before(day: Day) -> None:
    rosa = day.phone("rosa")
    rosa.texts("hello", "1")
    _wrong_calls(day, 3)
    assert [bool(lock.number_hash) for lock in day.rows(IdentityLock)] == [True]
    assert "does not match" in rosa.text(BIRTH_DATE)[0], "the right date, as if it were a wrong one"
    assert day.rows(Conversation, Conversation.patient_id.is_not(None)) == []


def test_going_back_to_the_question_is_no_way_around_a_locked_number(day: Day) -> None:
    rosa = day.phone("rosa")
    rosa.texts("hello", "1", "01/01/1990", "01/02/1990")
    for month in (3, 4, 5):
        rosa.texts("back", f"0{month}/02/1990")
    assert [bool(lock.number_hash) for lock in day.rows(IdentityLock)] == [True]
    assert "date of birth" in rosa.text("back")[0]
    assert "could not find you" in rosa.text(BIRTH_DATE)[0]
    assert day.rows(Conversation, Conversation.patient_id.is_not(None)) == []


def test_from_a_locked_number_nobody_is_confirmed_by_another_number_and_its_pin(day: Day) -> None:
    with day.house.database.writing() as connection:
        pin = generate_password_hash(PIN, "pbkdf2:sha256:1000")
        connection.execute(update(Patient).where(Patient.id == 1).values(pin_hash=pin))
        connection.execute(
            insert(Contact).values(clinic_id=1, number_hash=hashed(NUMBERS["stranger"]), language="en")
        )
    stranger = day.phone("stranger")
    stranger.texts("118/76", "yes", NUMBERS["rosa"], BIRTH_DATE)
    for guessed in range(5):
        stranger.texts(f"777{guessed}", "back", "back", BIRTH_DATE)
    assert any(lock.number_hash for lock in day.rows(IdentityLock))
    stranger.text(PIN)
    assert day.rows(Conversation, Conversation.patient_id.is_not(None)) == []


def test_a_pin_is_not_kept_where_it_told_nobody_apart(day: Day) -> None:
    """Twins with one PIN, by call: a person finds out which."""
    with day.house.database.writing() as connection:
        pin = generate_password_hash(PIN, "pbkdf2:sha256:1000")
        twins = {"birth_date": "1994-03-02", "pin_hash": pin}
        connection.execute(update(Patient).where(Patient.id.in_([1, 2])).values(**twins))
        number = {"number": NUMBERS["rosa"], "number_hash": hashed(NUMBERS["rosa"])}
        connection.execute(update(PatientNumber).where(PatientNumber.patient_id == 2).values(**number))
    day.phone("rosa").call().keys("1", KEYED_BIRTH_DATE, PIN)
    assert "several_people_match" in day.reasons(Task)
    for talk in day.rows(Conversation):
        assert PIN not in str(talk.position)
