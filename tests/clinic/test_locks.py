"""Too many wrong tries lock, staff lift the lock, and the person gets through again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from care.rules.identity import limits
from conversation.house import House
from records.audit import AuditEntry
from records.conversations import Conversation
from records.patients import IdentityLock, PatientNumber
from records.sealing import hashed
from records.tasks import Task

from .people import Clock, Nurse, Patient, words

RIGHT, WRONG = "2 de marzo de 1994", "5 de abril de 1990"


def locks(house: House) -> list[Any]:
    with house.database.reading() as connection:
        return list(connection.execute(select(IdentityLock.__table__).order_by(IdentityLock.id)))


def try_in_vain(house: House, number: str, tries: int) -> None:
    """Give a wrong birth date from one number, `tries` times: twice at first, then once a question."""
    caller = Patient(house, number)
    caller.text("hola", "sí", "1", WRONG, WRONG)
    for _ in range(tries - 2):
        caller.text("menu", "1", WRONG)


def is_confirmed(house: House) -> bool:
    """Was Rosa confirmed in the conversation that goes on?"""
    with house.database.reading() as connection:
        last = select(Conversation.patient_id).order_by(
            Conversation.updated_at.desc(), Conversation.began_at.desc()
        )
        return connection.scalars(last.limit(1)).one() == 1


@pytest.fixture
def locked(house: House, nurse: Nurse) -> str:
    """Rosa's number, locked."""
    try_in_vain(house, "+16175550101", limits()["number"]["tries"])
    assert [lock.patient_id for lock in locks(house)] == [None]
    return "+16175550101"


def test_from_the_task_to_being_confirmed_again(nurse: Nurse, locked: str, house: House) -> None:
    page = nurse.read()
    assert "Find out who this is. There were too many wrong tries to say who is calling" in page
    assert "The number is locked since 12:00 PM and ends by itself Nov 22, 12:00 PM ." in page
    rosa = Patient(house, locked)
    rosa.text("menu", "1")
    page = words(nurse.post("/clinic/locks/1/lift", "/clinic/", back="/clinic/"))
    assert "The lock is lifted: wrong tries count anew." in page
    assert "Find out who this is. There were too many wrong tries" not in page
    assert not is_confirmed(house)
    rosa.text("menu", "1", RIGHT)
    assert is_confirmed(house)
    with house.database.reading() as connection:
        done = select(Task.done_by).where(Task.reason == "identity_locked")
        assert connection.scalars(done).all() == ["Demo Nurse"]


def test_the_page_of_the_patient_shows_a_lock_of_her_number(nurse: Nurse, locked: str, house: House) -> None:
    page = nurse.read("/clinic/patients/1")
    assert "Nobody is confirmed from (617) 555-0101 now" in page
    assert "Lift the lock" not in nurse.read("/clinic/patients/2")
    nurse.post("/clinic/locks/1/lift", "/clinic/", back="/clinic/patients/1")
    assert "Nobody is confirmed from" not in nurse.read("/clinic/patients/1")
    [lock] = locks(house)
    assert lock.lifted_by == "Demo Nurse"


def test_a_lock_of_the_patient_is_lifted_by_a_person_alone(nurse: Nurse, house: House, clock: Clock) -> None:
    """Tries from many numbers: none of them is locked, she is."""

    numbers = [f"+1617555017{place}" for place in range(6)]
    with house.database.writing() as connection:
        connection.execute(
            insert(PatientNumber),
            [
                {"clinic_id": 1, "patient_id": 1, "number": one, "number_hash": hashed(one), "kind": "mobile"}
                for one in numbers
            ],
        )
    for one in numbers:
        try_in_vain(house, one, 2)
    assert [lock.patient_id for lock in locks(house)] == [1]
    page = nurse.read("/clinic/patients/1")
    assert "Nobody is confirmed as Rosa Delgado by phone now" in page
    assert "only a person can lift it" in page
    clock.go_on(days=30)
    nurse.sign_in()
    rosa = Patient(house, "+16175550101")
    rosa.text("hola", "sí", "1", RIGHT)
    assert not is_confirmed(house)
    nurse.post("/clinic/locks/1/lift", "/clinic/", back="/clinic/patients/1")
    with house.database.reading() as connection:
        entry = connection.execute(select(AuditEntry.__table__).where(AuditEntry.did == "lifted_lock")).one()
    assert (entry.by, entry.patient_id, entry.about) == ("demo", 1, "lock:1")
    rosa.text("menu", "1", RIGHT)
    assert is_confirmed(house)


def test_a_lock_is_lifted_once(nurse: Nurse, locked: str, house: House, clock: Clock) -> None:
    nurse.post("/clinic/locks/1/lift")
    before = locks(house)
    clock.go_on(minutes=5)
    assert "Already lifted: Demo Nurse." in words(nurse.post("/clinic/locks/1/lift"))
    assert locks(house) == before


def test_without_a_form_of_ours_nothing_is_lifted(nurse: Nurse, locked: str, house: House) -> None:
    assert nurse.client.post("/clinic/locks/1/lift").status_code == 403
    assert nurse.open("/clinic/locks/1/lift").status_code in (404, 405)
    assert locks(house)[0].lifted_at is None
