"""Two records that may be one person: a person looks and decides."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from care import patients
from conversation.house import House
from records.duplicates import DuplicatePair
from records.patients import Patient as PatientRow

from .people import NOON, Nurse, words

PAIRS = "/clinic/patients/duplicates"


@pytest.fixture
def other(house: House) -> int:
    """Rosa, written down once more with another address."""
    row = {
        "name": "Rosa Delgado", "birth_date": "1994-03-02", "language": "es", "number": "617-555-0101",
        "address": "12 Pier Road",
    }  # fmt: skip
    with house.database.writing() as connection:
        return patients.register(house.database, connection, clinic_id=1, row=row, by="demo", now=NOON)


def pair(house: House) -> Any:
    with house.database.reading() as connection:
        return connection.execute(select(DuplicatePair.__table__)).one()


def test_both_stand_side_by_side_with_what_differs(nurse: Nurse, other: int) -> None:
    page = nurse.read(PAIRS)
    assert "Rosa Delgado the same or a similar name, a number in common" in page
    assert "Address 12 Pier Road differs" in page
    assert page.count("Same person: keep this one") == 2
    assert "Born (age) Mar 2, 1994 (32) differs" not in page


def test_the_same_person_keep_this_one(nurse: Nurse, other: int, house: House) -> None:
    page = words(nurse.post(f"{PAIRS}/1/same", PAIRS, keep="1"))
    assert "One record now holds both." in page
    assert "No two records wait for a decision." in page
    with house.database.reading() as connection:
        gone = connection.execute(select(PatientRow.__table__).where(PatientRow.id == other)).one()
    assert (gone.status, gone.merged_into) == ("merged", 1)
    assert pair(house).decided_by == "demo"
    assert "Went into another record" in nurse.read(f"/clinic/patients/{other}")


def test_not_the_same(nurse: Nurse, other: int, house: House) -> None:
    page = words(nurse.post(f"{PAIRS}/1/not-the-same", PAIRS))
    assert "nobody is asked about them again" in page
    assert pair(house).state == "not_the_same"
    assert "Somebody has decided on these two already: demo." in words(
        nurse.post(f"{PAIRS}/1/same", PAIRS, keep="1")
    )
    assert "Rosa Delgado" in nurse.read(f"/clinic/patients/{other}")
    with house.database.reading() as connection:
        assert set(connection.scalars(select(PatientRow.status))) == {"active"}


@pytest.mark.parametrize("keep", ["2", "", "x", "1 OR 1", "99"])
def test_only_one_of_the_two_can_be_kept(nurse: Nurse, other: int, house: House, keep: str) -> None:
    assert nurse.post(f"{PAIRS}/1/same", PAIRS, keep=keep).status_code == 400
    assert pair(house).state == "open"


def test_a_decision_comes_from_a_form_of_ours(nurse: Nurse, other: int, house: House) -> None:
    for path in ("same", "not-the-same"):
        assert nurse.client.post(f"{PAIRS}/1/{path}", data={"keep": "1"}).status_code == 403
    assert pair(house).state == "open"


def test_rules_of_safe_contact_that_differ_are_asked_about(nurse: Nurse, other: int, house: House) -> None:
    with house.database.writing() as connection:
        for patient, name in ((1, "Ana from the library"), (other, "Eva from work")):
            patients.correct(
                house.database, connection, clinic_id=1, patient_id=patient, changes={"safe_name": name},
                by="demo", now=NOON,
            )  # fmt: skip
    nurse.post(f"{PAIRS}/1/same", PAIRS, keep="1")
    page = nurse.read()
    assert "Ask this patient how contact is safe." in page
    assert "The record that went into this one had: Under the name “Eva from work”" in page
