"""Who it is: a birth date, and a PIN, out of those at a number; when a lock falls; what a first text is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.security import generate_password_hash

from care.rules.identity import (
    limits,
    match_person,
    may_speak_of,
    may_take_up,
    number_is_locked_by,
    patient_is_locked_by,
)
from care.rules.purpose import reading_in
from dialogue.answers import pin
from languages import load

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def person(identity: int, name: str, birth_date: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identity, "name": name, "birth_date": birth_date, "pin_hash": None, "own_topics": [], "locked": False,
        "proxy": None, "topics": None, "her_birth_date": None, **more,
    }  # fmt: skip


LUCIA = person(1, "Lucía Rivera", "2015-05-05")
MATEO = person(2, "Mateo Rivera", "2018-08-08")
TWIN = person(3, "Ana Rivera", "2015-05-05")
WITH_PIN = person(4, "Rosa Delgado", "1994-03-02", pin_hash=generate_password_hash("8317", "pbkdf2:sha256:1"))
MOTHERS = "1988-01-31"
LUCIA_BY_HER_MOTHER = person(
    1, "Lucía Rivera", MOTHERS, proxy=9, topics=["check_ins"], her_birth_date="2015-05-05"
)
MATEO_BY_HIS_MOTHER = person(2, "Mateo Rivera", MOTHERS, proxy=10, topics=[], her_birth_date="2018-08-08")


def matched(people: list[dict[str, Any]], born: str | None, **said: Any) -> Any:
    """The outcome, or who is found: (patient, proxy)."""
    answers = {
        "pin": None,
        "first_name": None,
        "about": None,
        "other_number": None,
        "channel": "text",
        **said,
    }
    if answers["pin"] is not None:
        answers["pin"] = {"kind": "pin", "digits": answers["pin"]}
    match = match_person(birth_date=born, people=people, **answers)
    return (match["patient"], match["proxy"]) if match["outcome"] == "found" else match["outcome"]


@pytest.mark.parametrize(
    ("people", "born", "said", "match"),
    [
        ([LUCIA, MATEO], "2015-05-05", {}, (1, None)),
        ([LUCIA, MATEO], "2018-08-08", {}, (2, None)),
        ([LUCIA, MATEO], "2018-05-08", {}, "wrong"),
        ([LUCIA, LUCIA], "2015-05-05", {}, (1, None)),
        ([], "2015-05-05", {}, "wrong"),
        ([LUCIA], {"kind": "birth_date", "iso": "2015-05-05"}, {}, (1, None)),
        ([LUCIA], None, {}, "wrong"),
        # Twins: by text a first name tells; by voice a person finds out.
        ([LUCIA, TWIN], "2015-05-05", {}, "name"),
        ([LUCIA, TWIN], "2015-05-05", {"first_name": {"kind": "message", "text": "lucia"}}, (1, None)),
        ([LUCIA, TWIN], "2015-05-05", {"first_name": {"kind": "message", "text": "Ana Rivera"}}, (3, None)),
        ([LUCIA, TWIN], "2015-05-05", {"first_name": {"kind": "message", "text": "Mateo"}}, "wrong"),
        ([LUCIA, TWIN], "2015-05-05", {"channel": "voice"}, "several"),
        # A PIN.
        ([WITH_PIN], "1994-03-02", {}, "pin"),
        ([WITH_PIN, LUCIA], "2015-05-05", {}, "pin"),
        ([WITH_PIN], "1994-03-02", {"pin": "8317"}, (4, None)),
        ([WITH_PIN], "1994-03-02", {"pin": "8318"}, "wrong"),
        ([WITH_PIN], "1994-03-02", {"pin": ""}, "wrong"),
        ([WITH_PIN], "1994-03-03", {"pin": "8317"}, "wrong"),
        ([WITH_PIN, LUCIA], "2015-05-05", {"pin": ""}, (1, None)),
        # Another number than the one in the records: a birth date alone is no proof there.
        ([LUCIA], "2015-05-05", {"other_number": "+16175550103"}, "pin"),
        ([LUCIA], "2015-05-05", {"other_number": "+16175550103", "pin": ""}, "call back"),
        ([LUCIA], "2015-05-05", {"other_number": "+16175550103", "pin": "1234"}, "wrong"),
        ([WITH_PIN], "1994-03-02", {"other_number": "+16175550101", "pin": "8317"}, (4, None)),
        # Locked: nothing tells it from a wrong date.
        ([{**LUCIA, "locked": True}], "2015-05-05", {}, "wrong"),
        ([{**LUCIA, "locked": True}, MATEO], "2018-08-08", {}, (2, None)),
        # Somebody who speaks for her.
        ([LUCIA_BY_HER_MOTHER], MOTHERS, {}, (1, 9)),
        ([LUCIA, LUCIA_BY_HER_MOTHER], "2015-05-05", {}, (1, None)),
        ([LUCIA_BY_HER_MOTHER, MATEO_BY_HIS_MOTHER], MOTHERS, {}, "about"),
        ([LUCIA_BY_HER_MOTHER, MATEO_BY_HIS_MOTHER], MOTHERS, {"about": "2018-08-08"}, (2, 10)),
        ([LUCIA_BY_HER_MOTHER, MATEO_BY_HIS_MOTHER], MOTHERS, {"about": "2018-08-09"}, "wrong"),
    ],
)  # fmt: skip
def test_what_was_said_finds_one_person_or_says_what_else_to_ask(
    people: list[dict[str, Any]], born: Any, said: dict[str, Any], match: Any
) -> None:
    """The same person twice (two numbers, two programmes) is one person."""
    assert matched(people, born, **said) == match


@pytest.mark.parametrize(
    ("people", "match", "topic", "may"),
    [
        ([LUCIA], {"outcome": "found", "patient": 1, "proxy": None}, "check_ins", True),
        ([LUCIA_BY_HER_MOTHER], {"outcome": "found", "patient": 1, "proxy": 9}, "check_ins", True),
        ([LUCIA_BY_HER_MOTHER], {"outcome": "found", "patient": 1, "proxy": 9}, "visits", False),
        ([{**LUCIA_BY_HER_MOTHER, "own_topics": ["check_ins"]}],
         {"outcome": "found", "patient": 1, "proxy": 9}, "check_ins", False),
        ([LUCIA_BY_HER_MOTHER], {"outcome": "found", "patient": 2, "proxy": 9}, "check_ins", False),
        ([], None, "check_ins", True),
    ],
)  # fmt: skip
def test_a_proxy_hears_of_what_was_agreed_and_never_of_her_own_confidences(
    people: Any, match: Any, topic: str, may: bool
) -> None:
    assert may_speak_of(topic, match, people) is may


@pytest.mark.parametrize(
    ("who", "left", "may"),
    [
        (1, {"vars": {"who": 1}}, True),
        (1, {"vars": {}}, True),
        (1, {"vars": {"who": None}}, True),
        (1, {"vars": {"who": None, "match": {"outcome": "wrong"}}}, True),
        (1, {"vars": {"who": None, "match": {"patient": 1, "proxy": 9}}}, False),
        (1, {"vars": {"who": None, "match": {"patient": 2, "proxy": None}}}, False),
        (2, {"vars": {"who": 1}}, False),
        (None, {"vars": {"who": 1}}, False),
        (None, {"vars": {}}, False),
        (1, None, False),
    ],
)
def test_what_was_left_is_taken_up_by_the_same_person_alone(who: int | None, left: Any, may: bool) -> None:
    own = {"outcome": "found", "patient": who, "proxy": None}
    assert may_take_up(who, left, own if who else None) is may
    assert may_take_up(who, left, {**own, "proxy": 9}) is False


def _tries(*hours_ago: float, right: bool = False) -> list[tuple[datetime, bool]]:
    return [(NOW - timedelta(hours=hours), right) for hours in hours_ago]


def test_a_number_is_locked_by_too_many_wrong_tries_within_its_hours() -> None:
    most, hours = limits()["number"]["tries"], limits()["number"]["hours"]
    assert not number_is_locked_by(_tries(*[1.0] * (most - 1)), NOW)
    assert number_is_locked_by(_tries(*[1.0] * most), NOW)
    assert not number_is_locked_by(_tries(*[1.0] * (most - 1), hours + 1), NOW)
    assert not number_is_locked_by(_tries(*[1.0] * most, right=True), NOW)


def test_a_patient_is_locked_by_many_tries_quickly_or_slowly_until_somebody_lifts_it() -> None:
    limit = limits()["patient"]
    quickly = _tries(*[1.0] * limit["tries"])
    slowly = _tries(*[100.0 + 30 * place for place in range(limit["in_a_row"])])
    assert patient_is_locked_by(quickly, None, NOW)
    assert patient_is_locked_by(slowly, None, NOW)
    assert not patient_is_locked_by(quickly[1:], None, NOW)
    assert not patient_is_locked_by(slowly[1:], None, NOW)
    assert not patient_is_locked_by(slowly + _tries(50, right=True), None, NOW), (
        "she herself was confirmed since"
    )
    assert not patient_is_locked_by(quickly, NOW - timedelta(minutes=1), NOW), "staff have lifted it since"


def test_a_pin_is_as_long_as_the_rule_says() -> None:
    limit = limits()["pin"]
    assert (pin.LENGTHS.start, pin.LENGTHS.stop - 1) == (limit["shortest"], limit["longest"])


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
