"""How a person may be reached: by which number and channel, or by a person only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from care.rules.consent import Word
from care.rules.reaching import ByAPerson, Number, Person, Way, is_discreet, way_to, why_not
from care.rules.safe_contact import read

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
AGREED = Word("check_ins", "any", True, 1)
MOBILE = Number("+16175550101", "mobile")
LANDLINE = Number("+16175550102", "landline", kind="landline")
MOTHERS = Number(
    "+16175550103", "mothers", hers=False, of_proxy=True, topics=frozenset({"check_ins"}), language="ht"
)
ROSA = Person(1, 1, "1994-03-02", "es", "America/New_York", words=(AGREED,))
CHILD = replace(ROSA, birth_date="2015-05-05")


def reached(
    person: Person, *numbers: Number, channels: tuple[str, ...] = ("text", "call"), **safe: Any
) -> str:
    """In words: which number by which channel, or why a person must."""
    her = replace(person, numbers=numbers, safe=read(safe))
    way = way_to(her, "check_ins", channels, NOW)
    if isinstance(way, ByAPerson):
        return way.reason
    assert why_not(her, way.number, "check_ins", way.channel) is None
    return f"{way.channel} to {way.number.number_hash}"


@pytest.mark.parametrize(
    ("numbers", "way"),
    [
        ([MOBILE], "text to mobile"),
        ([LANDLINE], "call to landline"),
        ([LANDLINE, MOBILE], "text to mobile"),
        ([replace(MOBILE, rank=1), replace(MOBILE, number_hash="first")], "text to first"),
        ([replace(MOBILE, blocked=True)], "call to mobile"),
        ([replace(MOBILE, blocked=True, text_only=True)], "blocked at the carrier"),
        ([replace(MOBILE, opted_out=True), LANDLINE], "call to landline"),
        ([replace(MOBILE, wrong_person=True)], "wrong person"),
        ([replace(MOBILE, kind="relay")], "relay"),
        ([replace(MOBILE, kind="relay"), replace(LANDLINE, opted_out=True)], "relay"),
        ([], "no number"),
    ],
)
def test_the_first_number_that_takes_it(numbers: list[Number], way: str) -> None:
    assert reached(ROSA, *numbers) == way


def test_a_number_for_texts_only_is_never_called() -> None:
    only = replace(MOBILE, text_only=True)
    assert reached(ROSA, only) == "text to mobile"
    assert reached(ROSA, only, channels=("call",)) == "text only"


@pytest.mark.parametrize(
    ("rules", "way"),
    [
        ({"never_text": True}, "call to mobile"),
        ({"never_call": True}, "text to mobile"),
        ({"never_text": True, "never_call": True}, "never by text"),
        ({"number": "+16175550102"}, "call to landline"),
        ({"number": "+16175550199"}, "not the safe number"),
        ({"windows": [{"days": ["mon"], "from": "09:00", "until": "10:00"}]}, "text to mobile"),
        ({"windows": "always"}, "rules can't be read"),
        ({"whatever": 1}, "rules can't be read"),
    ],
)
def test_her_own_rules_come_first(rules: dict[str, Any], way: str) -> None:
    assert reached(ROSA, MOBILE, LANDLINE, **rules) == way


def test_a_child_is_reached_through_a_proxy_who_may_hear_of_it() -> None:
    assert reached(CHILD, MOBILE, MOTHERS) == "text to mothers"
    assert reached(CHILD, MOBILE, replace(MOTHERS, topics=frozenset({"visits"}))) == "text to mobile"
    assert reached(CHILD, replace(MOTHERS, topics=frozenset())) == "not with a proxy"
    way = way_to(replace(CHILD, numbers=(MOTHERS,)), "check_ins", ("text",), NOW)
    assert isinstance(way, Way)
    assert way.language == "ht"


def test_an_adult_with_a_phone_of_her_own_is_not_reached_through_another() -> None:
    assert reached(ROSA, MOBILE, MOTHERS) == "text to mobile"
    assert reached(ROSA, replace(MOBILE, opted_out=True), MOTHERS) == "opted out"
    assert reached(ROSA, MOTHERS) == "text to mothers"


@pytest.mark.parametrize(
    ("number", "way"),
    [
        (MOBILE, "text to mobile"),
        (replace(MOBILE, shared=True), "her own confidence"),
        (replace(MOBILE, of_proxy=True, topics=frozenset({"check_ins"})), "her own confidence"),
        (MOTHERS, "her own confidence"),
    ],
)
def test_a_confidence_goes_to_no_number_that_another_reads(number: Number, way: str) -> None:
    teenager = replace(ROSA, birth_date="2010-05-05", own_topics=frozenset({"check_ins"}))
    assert reached(teenager, number) == way


@pytest.mark.parametrize(
    ("reason", "quiet"), [("opted out", True), ("no consent", True), ("relay", False), ("text only", False)]
)
def test_where_she_said_so_herself_nobody_is_told_each_time(reason: str, quiet: bool) -> None:
    assert ByAPerson(reason).quiet is quiet


def test_where_others_may_see_it_little_is_said() -> None:
    assert not is_discreet(ROSA, MOBILE)
    assert is_discreet(ROSA, replace(MOBILE, shared=True))
    assert is_discreet(replace(ROSA, safe=read({"name": "Ana"})), MOBILE)
