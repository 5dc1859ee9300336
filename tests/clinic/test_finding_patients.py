"""Finding a patient among many, by whatever a person has: a name, a number, a record number."""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import event, insert

from care import patient_rows
from care.rules.patient_fields import Fields
from conversation.house import House
from records.patients import Patient as PatientRow

from .people import NOON, Nurse, words


@pytest.fixture(autouse=True)
def people(house: House) -> None:
    """María, José and Nguyễn, besides the sample."""
    rows = [
        Fields(
            {"name": name, "birth_date": "1980-01-02", "language": "es", "record_number": record},
            ({"number": number, "kind": "mobile", "shared": False, "text_only": False, "rank": 0},),
        )
        for name, record, number in (
            ("María Núñez", "M-0042", "+16175550171"),
            ("José María Paz", "M-0043", "+16175550172"),
            ("Nguyễn Thị Lan", "", "+16175550173"),
        )
    ]
    with house.database.writing() as connection:
        patient_rows.add(connection, 1, rows, timezone="America/New_York", by="demo", now=NOON)


def found(nurse: Nurse, typed: str) -> list[str]:
    page = nurse.post("/clinic/patients/search", "/clinic/patients", words=typed)
    assert page.status_code == 200
    return re.findall(r'class="person" href="[^"]+">([^<]+)<', page.text)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("nunez", ["María Núñez"]),
        ("MARÍA", ["José María Paz", "María Núñez"]),
        ("paz jose", ["José María Paz"]),
        ("nguyen lan", ["Nguyễn Thị Lan"]),
        ("(617) 555-0172", ["José María Paz"]),
        ("6175550173", ["Nguyễn Thị Lan"]),
        ("+1 617 555 0171", ["María Núñez"]),
        ("m0042", ["María Núñez"]),
        ("maria smith", []),
        ("617-555-0100", []),
        ("%", []),
        ("' OR 1=1 --", []),
        ("ñ" * 500, []),
    ],
)
def test_by_what_a_person_has(nurse: Nurse, typed: str, names: list[str]) -> None:
    assert found(nurse, typed) == names


def test_two_children_at_one_number_are_both_found(nurse: Nurse) -> None:
    assert found(nurse, "617-555-0103") == ["Mateo Rivera", "Lucía Rivera"]


def test_nothing_typed_shows_everyone(nurse: Nurse) -> None:
    assert len(found(nurse, "  ")) == 9


def test_what_was_typed_stands_in_no_address(nurse: Nurse) -> None:
    token = nurse.token("/clinic/patients")
    for typed in ("María Núñez", "617-555-0171"):
        sent = nurse.client.post("/clinic/patients/search", data={"csrf": token, "words": typed})
        assert sent.status_code == 303
        for way in (typed, quote(typed), quote_plus(typed), b64encode(typed.encode()).decode().rstrip("=")):
            assert way not in sent.location
        again = nurse.client.post("/clinic/patients/search", data={"csrf": token, "words": typed})
        assert again.location != sent.location
        page = nurse.open(sent.location)
        assert f'value="{typed}"' in page.text
        assert typed not in "".join(re.findall(r'(?:href|action)="([^"]+)"', page.text))


@pytest.mark.parametrize("find", ["nunez", "AAAA", "A", "é", "%00", "Y2xlYXI" * 30])
def test_an_address_that_we_did_not_make_finds_nothing(nurse: Nurse, find: str) -> None:
    assert nurse.open(f"/clinic/patients?find={find}").status_code == 404


def test_a_search_says_what_it_found(nurse: Nurse) -> None:
    page = words(nurse.post("/clinic/patients/search", words="nunez"))
    assert "1 found for “nunez”." in page
    page = words(nurse.post("/clinic/patients/search", words="nobody"))
    assert "Nobody found for “nobody”." in page


def test_many_patients_are_read_a_page_at_a_time(nurse: Nurse, house: House) -> None:
    """A page reads one row more than it shows, however many there are, in as many queries as for a few."""
    many = [
        {
            "clinic_id": 1, "name": f"Ana {place}", "birth_date": "1990-01-01", "language": "es",
            "timezone": "America/New_York", "created_at": NOON,
        }
        for place in range(230)
    ]  # fmt: skip
    with house.database.writing() as connection:
        connection.execute(insert(PatientRow), many)
    asked: list[str] = []
    event.listen(house.database._readers, "before_cursor_execute", lambda *said: asked.append(said[2]))
    sizes, address = [], "/clinic/patients"
    seen: set[str] = set()
    while address:
        asked.clear()
        page = nurse.open(address).text
        of_patients = [one for one in asked if "FROM patients" in one]
        assert len(of_patients) == 1
        assert "LIMIT" in of_patients[0]
        ids = re.findall(r'class="person" href="/clinic/patients/(\d+)"', page)
        assert not seen & set(ids)
        seen |= set(ids)
        sizes.append(len(ids))
        following = re.search(r'class="older"><a href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sizes == [50, 50, 50, 50, 39]


def test_older_ones_of_a_search_are_of_that_search(nurse: Nurse, house: House) -> None:
    rows = [
        Fields({"name": f"Zoe {place}", "birth_date": "1980-01-02", "language": "es"}) for place in range(60)
    ]
    with house.database.writing() as connection:
        patient_rows.add(connection, 1, rows, timezone="America/New_York", by="demo", now=NOON)
    page = nurse.post("/clinic/patients/search", words="zoe").text
    older = re.search(r'class="older"><a href="([^"]+)"', page)
    assert older
    assert len(re.findall(r'">Zoe \d+<', nurse.open(older[1].replace("&amp;", "&")).text)) == 10
