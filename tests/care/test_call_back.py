"""Who is called back after a missed call, who is turned away for one, and into what: the rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from care.rules import call_back, reaching, safe_contact
from care.rules.call_back import Before, Caller, Lines, Rung
from care.rules.consent import Word
from care.rules.kinds import kinds
from care.rules.reaching import Number, Person
from care.rules.safe_contact import SafeContact

NOW = datetime(2026, 11, 21, 17, tzinfo=UTC)
AT = "hash of a number"
HERS = Number("+16175550101", AT)
ROSA = Person(1, 1, "1994-03-02", "es", "America/New_York", numbers=(HERS,))
CALLER = Caller(AT, (ROSA,))


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def safely(**rules: Any) -> Caller:
    return Caller(AT, (replace(ROSA, safe=replace(SafeContact(), **rules)),))


def at(**number: Any) -> Caller:
    return Caller(AT, (replace(ROSA, numbers=(replace(HERS, **number),)),))


def said(*words: Word) -> Caller:
    return Caller(AT, (replace(ROSA, words=words),))


@pytest.mark.parametrize(
    ("rung", "missed"),
    [
        (Rung(ago(seconds=2), "completed", {"started"}), True),
        (Rung(ago(seconds=20), "completed", {"started", "silent"}), True),
        (Rung(ago(seconds=2), "no answer"), True),
        (Rung(ago(seconds=2), "canceled"), True),
        (Rung(ago(seconds=2), "busy"), True),
        (Rung(ago(seconds=2), "failed", {"started"}), False),
        (Rung(ago(seconds=2), "", {"started"}), False),
        (Rung(ago(seconds=2), "completed", {"started", "said"}), False),
        (Rung(ago(seconds=2), "completed", {"started", "recorded"}), False),
        (Rung(ago(seconds=2), "completed", {"started", "dial ended"}), False),
        (Rung(ago(seconds=2), "completed", {"started", "a kind of next year"}), False),
        (Rung(ago(seconds=2), "completed", {"started"}, alert=True), False),
        (Rung(ago(seconds=60), "completed", {"started"}), True),
        (Rung(ago(seconds=61), "completed", {"started"}), False),
        (Rung(ago(minutes=5), "completed", {"started", "silent"}), False),
    ],
)
def test_what_a_missed_call_is(rung: Rung, missed: bool) -> None:
    assert call_back.is_missed(rung, NOW) is missed


WINDOW = {"windows": [{"from": "08:00", "until": "09:00"}]}


@pytest.mark.parametrize(
    ("caller", "reason"),
    [
        (CALLER, None),
        (Caller(AT, ()), "not enrolled"),
        (replace(CALLER, country_allowed=False), "country not allowed"),
        (replace(CALLER, alert=True), "an alert is open"),
        (at(hers=False, of_proxy=True), None),
        (at(opted_out=True), "opted out"),
        (at(wrong_person=True), "wrong person"),
        (at(blocked=True), None),  # for texts alone
        (at(shared=True), None),
        (at(kind="landline"), None),
        (at(kind="relay"), "relay"),
        (at(text_only=True), "text only"),
        (at(number_hash="another"), "not her number now"),
        (Caller(AT, (replace(ROSA, active=False),)), "not a patient now"),
        (safely(never_call=True), "never by call"),
        (safely(never_text=True), None),
        (safely(no_voicemail=True), None),
        (safely(name="Ana"), None),
        (safely(number="+16175550101"), None),
        (safely(number="+16175550102"), "not the safe number"),
        (safely(readable=False), "rules can't be read"),
        (safely(windows=safe_contact.read(WINDOW).windows), "her own hours"),
        (said(Word("check_ins", "any", False, 1)), None),  # of check-ins alone
        (said(Word("everything", "call", False, 1)), "opted out"),
        (said(Word("everything", "text", False, 1)), None),
        (replace(CALLER, before=(Before(ago(seconds=119), True),)), "called back just now"),
        (replace(CALLER, before=(Before(ago(seconds=120), True),)), None),
        (replace(CALLER, before=[Before(ago(hours=hour), True) for hour in (1, 2)]), None),
        (replace(CALLER, before=[Before(ago(hours=hour), True) for hour in (1, 2, 3)]), "daily cap"),
    ],
)
def test_who_is_called_back(caller: Caller, reason: str | None) -> None:
    assert call_back.why_not(caller, NOW) == reason


def test_whoever_may_not_be_rung_speaks_for_all_at_a_number() -> None:
    other = replace(ROSA, patient=2, safe=SafeContact(never_call=True))
    assert call_back.why_not(Caller(AT, (ROSA, other)), NOW) == reaching.NEVER_CALL


def test_two_names_at_one_number_are_none_to_call_under() -> None:
    named = [
        replace(ROSA, patient=place, safe=SafeContact(name=name)) for place, name in enumerate(("Ana", "Li"))
    ]
    assert call_back.why_not(Caller(AT, named), NOW) == reaching.CONFIDENTIAL
    assert call_back.why_not(Caller(AT, (named[0], ROSA)), NOW) is None


def test_at_night_she_is_called_back_for_she_is_awake_and_waits() -> None:
    assert call_back.why_not(CALLER, datetime(2026, 11, 21, 8, tzinfo=UTC)) is None
    assert not kinds()["call_back"].quiet_hours


@pytest.mark.parametrize(
    ("caller", "lines", "away"),
    [
        (CALLER, Lines(), True),
        (CALLER, Lines(timedelta(seconds=5)), True),
        (CALLER, Lines(timedelta(seconds=6)), False),
        (CALLER, Lines(overdue=True), False),
        (Caller(AT, ()), Lines(), False),
        (at(opted_out=True), Lines(), False),
        (replace(CALLER, alert=True), Lines(), False),
        (replace(CALLER, before=(Before(ago(minutes=9), False),)), Lines(), False),
        (replace(CALLER, before=(Before(ago(minutes=9), True),)), Lines(), True),
        (replace(CALLER, before=(Before(ago(minutes=10), False),)), Lines(), True),
    ],
)
def test_who_hears_the_busy_tone(caller: Caller, lines: Lines, away: bool) -> None:
    assert call_back.may_be_turned_away(caller, lines, NOW) is away


@pytest.mark.parametrize(
    ("left", "check_ins", "visit", "into"),
    [
        (True, [1], {"id": 1}, "question"),
        (False, [1], {"id": 1}, "check_in"),
        (False, [], {"id": 1}, "visit"),
        (False, [], None, "menu"),
    ],
)
def test_into_what(left: bool, check_ins: list[int], visit: Any, into: str) -> None:
    assert call_back.into(left, check_ins, visit) == into


@pytest.mark.parametrize(
    ("match", "hers"),
    [
        ({"outcome": "found", "patient": 1, "proxy": None}, True),
        ({"outcome": "found", "patient": 2, "proxy": None}, False),
        ({"outcome": "found", "patient": 1, "proxy": 5}, False),
        ({"outcome": "found", "patient": 1, "proxy": 6}, True),
        ({"outcome": "wrong"}, False),
        (None, False),
    ],
)
def test_of_a_check_in_hears_only_whom_it_is_of(match: Any, hers: bool) -> None:
    people = [
        {"id": 1, "proxy": 5, "topics": ["visits"], "own_topics": []},
        {"id": 1, "proxy": 6, "topics": ["check_ins"], "own_topics": []},
    ]
    assert call_back.check_in_is_hers(match, people, [1]) is hers


def test_the_gate_and_the_rule_count_to_the_same() -> None:
    assert kinds()["call_back"].most_a_day == call_back.a_day()
