"""Finding people by a part of their name, although no name can be read in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, insert, select

from care import names
from records.clinics import Clinic as ClinicRow
from records.names import NameToken
from records.patients import Patient
from tests.care.clinic import NOON, Clinic

PEOPLE = [
    "Rosa Delgado",
    "Lucía Rivera",
    "Kim Min-ji",
    "김민지",
    "Siobhán O'Brien",
    "Li Wu",
    "Nguyễn Văn Đức",
]


@pytest.fixture
def ids(clinic: Clinic) -> dict[str, int]:
    return {name: _add(clinic, name) for name in PEOPLE}


def _add(clinic: Clinic, name: str, clinic_id: int = 1) -> int:
    values = {
        "name": name,
        "birth_date": "1990-01-01",
        "language": "en",
        "timezone": "UTC",
        "created_at": NOON,
    }
    with clinic.database.writing() as connection:
        made = connection.execute(insert(Patient).values(clinic_id=clinic_id, **values)).inserted_primary_key
        assert made is not None
        names.index_name(connection, clinic_id, made[0], name)
        return int(made[0])


def _found(clinic: Clinic, words: str, clinic_id: int = 1) -> list[int]:
    with clinic.database.reading() as connection:
        return names.find_by_name(connection, clinic_id, words)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ros", "Rosa Delgado"),
        ("delgado rosa", "Rosa Delgado"),
        ("DELG, ros", "Rosa Delgado"),
        ("lucia", "Lucía Rivera"),
        ("LUCÍA riv", "Lucía Rivera"),
        ("minji", "Kim Min-ji"),
        ("min-ji", "Kim Min-ji"),
        ("김", "김민지"),
        ("obrien", "Siobhán O'Brien"),
        ("o'brien siobhan", "Siobhán O'Brien"),
        ("li", "Li Wu"),
        ("wu", "Li Wu"),
        ("duc nguyen", "Nguyễn Văn Đức"),
    ],
)
def test_she_is_found_by_beginnings_of_her_words(
    clinic: Clinic, ids: dict[str, int], words: str, name: str
) -> None:
    assert _found(clinic, words) == [ids[name]]


@pytest.mark.parametrize("words", ["", "  ", "ro", "osa", "rosa rivera", "delgadoo", "-"])
def test_nobody_is_found_by_less_or_by_something_else(
    clinic: Clinic, ids: dict[str, int], words: str
) -> None:
    assert _found(clinic, words) == []


def test_a_new_name_takes_the_place_of_the_old_one(clinic: Clinic, ids: dict[str, int]) -> None:
    rosa = ids["Rosa Delgado"]
    with clinic.database.writing() as connection:
        names.index_name(connection, 1, rosa, "Rosa Ortiz")
    assert (_found(clinic, "ortiz"), _found(clinic, "delgado")) == ([rosa], [])


def test_two_clinics_do_not_find_one_anothers_people_nor_share_a_token(
    clinic: Clinic, ids: dict[str, int]
) -> None:
    with clinic.database.writing() as connection:
        row = {"name": "Other", "line": "+16175550180", "emergency_number": "+16175550181", "timezone": "UTC"}
        connection.execute(insert(ClinicRow).values(id=2, **row))
    there = _add(clinic, "Rosa Delgado", 2)
    assert (_found(clinic, "rosa"), _found(clinic, "rosa", 2)) == ([ids["Rosa Delgado"]], [there])
    tokens = clinic.rows(NameToken, "clinic_id", "token")
    assert not {token for at, token in tokens if at == 1} & {token for at, token in tokens if at == 2}


def test_no_part_of_a_name_stands_in_a_token(clinic: Clinic, ids: dict[str, int]) -> None:
    for token in clinic.rows(NameToken, "token"):
        assert len(token) == 32
        assert int(token, 16) >= 0


def test_who_came_in_before_there_were_tokens_is_made_findable(clinic: Clinic, ids: dict[str, int]) -> None:
    with clinic.database.writing() as connection:
        connection.execute(delete(NameToken).where(NameToken.patient_id != ids["Li Wu"]))
        many = connection.scalar(select(func.count()).select_from(Patient)) or 0
        assert names.find_by_name(connection, 1, "rosa delgado") == []
    assert names.index_missing(clinic.database) == many - 1
    with clinic.database.reading() as connection:
        assert names.find_by_name(connection, 1, "rosa delgado") == [ids["Rosa Delgado"]]
    assert names.index_missing(clinic.database) == 0
