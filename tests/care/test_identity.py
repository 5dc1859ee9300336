"""Who it is: one birth date out of those at a number; and what a first text is about."""

from __future__ import annotations

from typing import Any

import pytest

from care.rules.identity import match_birth_date, may_take_up
from care.rules.purpose import reading_in
from languages import load

LUCIA = {"id": 1, "birth_date": "2015-05-05"}
MATEO = {"id": 2, "birth_date": "2018-08-08"}
TWIN = {"id": 3, "birth_date": "2015-05-05"}


@pytest.mark.parametrize(
    ("birth_date", "people", "match"),
    [
        ("2015-05-05", [LUCIA, MATEO], 1),
        ("2018-08-08", [LUCIA, MATEO], 2),
        ("2018-05-08", [LUCIA, MATEO], None),
        ("2015-05-05", [LUCIA, TWIN], "several"),
        ("2015-05-05", [LUCIA, LUCIA], 1),
        ("2015-05-05", [], None),
        ({"kind": "birth_date", "iso": "2015-05-05"}, [LUCIA], 1),
        (None, [LUCIA], None),
    ],
)
def test_a_birth_date_finds_one_person_or_says_why_not(
    birth_date: Any, people: list[dict[str, Any]], match: Any
) -> None:
    """The same person twice (two numbers, two programmes) is one person."""
    assert match_birth_date(birth_date, people) == match


@pytest.mark.parametrize(
    ("who", "left", "may"),
    [
        (1, {"vars": {"who": 1}}, True),
        (1, {"vars": {}}, True),
        (1, {"vars": {"who": None}}, True),
        (2, {"vars": {"who": 1}}, False),
        (None, {"vars": {"who": 1}}, False),
        (None, {"vars": {}}, False),
        (1, None, False),
    ],
)
def test_what_was_left_is_taken_up_by_the_same_person_alone(who: int | None, left: Any, may: bool) -> None:
    assert may_take_up(who, left) is may


@pytest.mark.parametrize(
    ("tag", "words", "reading"),
    [
        ("en", "120/80", (120, 80)),
        ("es", "mi presión es 150 sobre 95", (150, 95)),
        ("en", "80/120", None),
        ("en", "hello", None),
        ("en", "call me at 617 555 0101", None),
        ("en", "120/80 or 130/85", None),
        ("en", "", None),
        ("en", None, None),
    ],
)
def test_a_reading_that_comes_unasked_is_found_where_it_is_surely_one(
    tag: str, words: str | None, reading: tuple[int, int] | None
) -> None:
    found = reading_in(words, load()[tag])
    assert (found and (found["systolic"], found["diastolic"])) == reading
