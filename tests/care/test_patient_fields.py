"""What a row says of a person, and the sentences for what can't be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from care.rules.patient_cells import Terms, Unreadable, day
from care.rules.patient_fields import NotUnderstood, read_fields
from care.rules.patient_row import columns, is_column

TERMS = Terms(
    region="US",
    timezone="America/New_York",
    today=date(2026, 11, 21),
    spoken=MappingProxyType({"en": "en", "english": "en", "es": "es", "spanish": "es", "espanol": "es"}),
    languages=MappingProxyType({"km": "km", "khmer": "km", "ht": "ht"}),
    topics=frozenset({"check_ins", "reminders", "messages"}),
)
ANA = MappingProxyType(
    {"name": "Ana Lima", "birth_date": "1991-04-17", "language": "es", "number": "617-555-0111"}
)


def _problems(**cells: str) -> dict[str, str]:
    with pytest.raises(NotUnderstood) as refused:
        read_fields({**ANA, **cells}, TERMS)
    return {problem.column: problem.says for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("birth_date", "1991-04-17", "1991-04-17"),
        ("birth_date", "4/17/1991", "1991-04-17"),
        ("birth_date", "04/07/1991", "1991-04-07"),
        ("birth_date", "1991-04-17 00:00:00", "1991-04-17"),
        ("language", "Español", "es"),
        ("language", "Spanish", "es"),
        ("other_languages", "en; Khmer", ["en", "km"]),
        ("interpreter", "khmer", "km"),
        ("state", "ma", "MA"),
        ("name", "  Ana   Lima ", "Ana Lima"),
        ("own_topics", "Check-ins, reminders", ["check_ins", "reminders"]),
        ("own_topics", "all", ["check_ins", "messages", "reminders"]),
        ("pin", "5283", "5283"),
    ],
)
def test_a_cell_is_read_as_people_write_it(column: str, cell: str, value: Any) -> None:
    assert read_fields({**ANA, column: cell}, TERMS).values[column] == value


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("name", "", "needed"),
        ("name", "1234", "letters"),
        ("birth_date", "", "needed"),
        ("birth_date", "17/4/1991", "no such day"),
        ("birth_date", "3/2/94", "1984-12-31"),
        ("birth_date", "17.04.1991", "1984-12-31"),
        ("birth_date", "1991-02-30", "no such day"),
        ("birth_date", "2026-11-22", "not come yet"),
        ("birth_date", "1819-01-01", "four digits"),
        ("language", "Khmer", "does not speak"),
        ("language", "Elvish", "Write one of en, es"),
        ("interpreter", "Elvish", "like km or Khmer"),
        ("time_zone", "Boston", "America/New_York"),
        ("state", "Massachusetts", "two letters"),
        ("number", "6.17556E+9", "cut the number short"),
        ("number", "555-0111", "area code"),
        ("number", "617-555-0111 x12", "extension"),
        ("number", "ask her sister", "phone number"),
        ("number_kind", "fax", "mobile, landline or relay"),
        ("number_shared", "maybe", "yes or no"),
        ("number_2", "(617) 555-0111", "twice"),
        ("number_3_kind", "mobile", "empty the cells"),
        ("pin", "123", "4 to 8 digits"),
        ("pin", "4321", "first that anybody"),
        ("pin", "0417", "date of birth"),
        ("pin", "1991", "date of birth"),
        ("own_topics", "gossip", "check_ins, messages, reminders"),
        ("safe_hours", "9-5", "mon-fri 9:00-15:00"),
        ("safe_hours", "17:00-9:00", "earlier hour first"),
        ("safe_number", "617-555-0119", "among her numbers"),
        ("programme", "yoga", "postpartum"),
        ("consent_date", "2026-11-22", "not come yet"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_that_says_what_to_write(
    column: str, cell: str, says: str
) -> None:
    found = _problems(**{column: cell})
    said = next(text for name, text in found.items() if name == column or column.startswith(name))
    assert says in said
    assert said.endswith(".")
    assert not cell or len(cell) < 5 or cell not in said or cell in ("Boston",), "the cell is not repeated"


def test_a_programme_that_starts_in_a_far_year_is_a_slip() -> None:
    cells = {"programme": "postpartum", "programme_starts": "9999-12-30"}
    assert "years ahead" in _problems(**cells)["programme_starts"]


def test_a_row_without_a_way_to_reach_her_is_refused_unless_somebody_speaks_for_her() -> None:
    assert "reached" in _problems(number="")["number"]
    parent = {
        "proxy": "Eva Lima", "proxy_relation": "parent", "proxy_birth_date": "1970-01-05",
        "proxy_number": "617-555-0112", "proxy_topics": "check_ins",
    }  # fmt: skip
    child = {**ANA, "number": "", "birth_date": "2015-05-05", **parent}
    [proxy] = read_fields(child, TERMS).proxies or ()
    assert proxy["ends_on"] == date(2033, 5, 4), "a parent's word ends the day before she is of age"
    assert proxy["language"] == "es"


def test_every_mistake_of_a_row_is_named_at_once() -> None:
    assert set(_problems(name="", state="XX", number="1")) == {"name", "state", "number"}


@pytest.mark.parametrize(("cell", "is_read"), [("3/2/1994", False), ("3/3/1994", True), ("1994-03-02", True)])
def test_a_date_that_could_be_two_days_is_refused_where_the_file_has_days_first(
    cell: str, is_read: bool
) -> None:
    terms = replace(TERMS, day_first_row=7)
    if is_read:
        assert day(cell, terms).year == 1994
    else:
        with pytest.raises(Unreadable, match="Row 7"):
            day(cell, terms)


def test_safe_contact_is_written_as_the_rules_of_reaching_read_it() -> None:
    row = {**ANA, "safe_hours": "mon-wed 9:00-15:00; 18:00-20:00", "safe_number": "6175550111",
           "safe_name": "Pat from the library", "never_call": "yes", "never_text": "no"}  # fmt: skip
    assert read_fields(row, TERMS).values["safe_contact"] == {
        "windows": [
            {"days": ["mon", "tue", "wed"], "from": "09:00", "until": "15:00"},
            {"from": "18:00", "until": "20:00"},
        ],
        "number": "+16175550111",
        "name": "Pat from the library",
        "never_call": True,
    }


def test_changes_take_away_what_is_empty_and_leave_what_is_absent() -> None:
    known = {"birth_date": "1991-04-17", "language": "es", "numbers": ["+16175550111"]}
    fields = read_fields({"address": "", "other_languages": "", "safe_name": ""}, TERMS, known)
    assert fields.values == {"address": None, "other_languages": [], "safe_contact": None}
    assert (fields.numbers, fields.proxies, fields.enrolment) == (None, None, None)
    with pytest.raises(NotUnderstood):
        read_fields({"name": ""}, TERMS, known)


@pytest.mark.parametrize(
    "name", ["number_4", "number_4_text_only", "proxy_2_until", "proxy", "name", *columns()]
)
def test_columns(name: str) -> None:
    assert is_column(name)


@pytest.mark.parametrize("name", ["number_1", "number_12", "number_colour", "proxy_kind", "nme", ""])
def test_no_columns(name: str) -> None:
    assert not is_column(name)
