"""The gate: whoever may be sent what, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from care.rules.consent import Word
from care.rules.gate import Recipient, Verdict, country_of, end_of_quiet, pass_gate
from care.rules.kinds import kinds
from care.rules.reaching import Number, Person
from care.rules.safe_contact import read

NEW_YORK = "America/New_York"
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
AGREED = Word("check_ins", "any", True, 1)
PHONE = Number("+16175550101", "hash")
HERSELF = Person(1, 1, "1994-03-02", "es", NEW_YORK, words=(AGREED,), numbers=(PHONE,))
ROSA = Recipient(PHONE, "text", NEW_YORK, HERSELF)
US = ("US",)


def passes(kind: str, to: Recipient, now: datetime = NOON, countries: tuple[str, ...] = US) -> str:
    verdict = pass_gate(kinds()[kind], to, now, countries)
    assert verdict.allowed is (verdict.reason is None)
    return verdict.reason or "allowed"


@pytest.mark.parametrize(
    ("kind", "to", "verdict"),
    [
        ("check_in", {}, "allowed"),
        ("check_in", {"number": replace(PHONE, opted_out=True)}, "opted out"),
        ("check_in", {"number": replace(PHONE, wrong_person=True)}, "wrong person"),
        ("check_in", {"number": replace(PHONE, wrong_person=True, opted_out=True)}, "wrong person"),
        ("check_in", {"number": replace(PHONE, blocked=True)}, "blocked at the carrier"),
        ("check_in", {"number": replace(PHONE, blocked=True), "channel": "call"}, "allowed"),
        ("check_in", {"number": replace(PHONE, hers=False)}, "not her number now"),
        ("check_in", {"person": replace(HERSELF, words=())}, "no consent"),
        ("check_in", {"person": None}, "no consent"),
        ("check_in", {"person": replace(HERSELF, active=False)}, "not a patient now"),
        ("check_in", {"sent_today": 5}, "allowed"),
        ("check_in", {"sent_today": 6}, "daily cap"),
        ("check_in", {"sent_this_week": 29}, "allowed"),
        ("check_in", {"sent_this_week": 30}, "weekly cap"),
        ("call_me_back", {"sent_today": 1}, "daily cap"),
        ("call_me_back", {"sent_today": 0, "sent_this_week": 3}, "weekly cap"),
        ("reply", {"sent_today": 99}, "allowed"),
        ("reply", {"sent_today": 100}, "daily cap"),
        ("reply", {"number": replace(PHONE, opted_out=True)}, "opted out"),
        ("reply", {"number": replace(PHONE, blocked=True)}, "blocked at the carrier"),
        ("reply", {"number": replace(PHONE, wrong_person=True), "person": None}, "allowed"),
        (
            "alert",
            {"number": replace(PHONE, opted_out=True, wrong_person=True), "person": None, "sent_today": 999},
            "allowed",
        ),
        ("recording", {"number": replace(PHONE, opted_out=True)}, "allowed"),
    ],
)
def test_a_stop_a_wrong_person_and_a_cap_hold_back_what_goes_to_a_patient(
    kind: str, to: dict[str, Any], verdict: str
) -> None:
    assert passes(kind, replace(ROSA, **to)) == verdict


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+16175550101", "US"),
        ("+12125550199", "US"),
        ("+18005550123", "US"),
        ("+14165550123", "CA"),
        ("+15145550199", "CA"),
        ("+18765550101", "JM"),
        ("+12425550101", "BS"),
        ("+17875550101", "PR"),
        ("+525512345678", "MX"),
        ("+447700900123", "GB"),
        ("+870123456789", "001"),
        ("+1", None),
        ("+", None),
        ("6175550101", None),
        ("anonymous", None),
        ("", None),
    ],
)
def test_a_number_has_a_country_also_where_it_is_one_of_the_numbers_for_fiction(
    number: str, country: str | None
) -> None:
    assert country_of(number) == country
    allowed = country == "US"
    assert (passes("check_in", replace(ROSA, number=replace(PHONE, number=number))) == "allowed") is allowed


def test_countries_are_a_setting() -> None:
    toronto = replace(ROSA, number=replace(PHONE, number="+14165550123"))
    assert passes("check_in", toronto) == "country not allowed"
    assert passes("check_in", toronto, countries=("US", "CA")) == "allowed"
    assert passes("check_in", ROSA, countries=()) == "country not allowed"


def utc(written: str) -> datetime:
    return datetime.fromisoformat(written + ":00+00:00")


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        # Boston in winter is five hours behind: 8:00 to 21:00 is 13:00 to 02:00.
        (NEW_YORK, "2026-11-21T12:59", "2026-11-21T13:00"),
        (NEW_YORK, "2026-11-21T13:00", None),
        (NEW_YORK, "2026-11-22T01:59", None),
        (NEW_YORK, "2026-11-22T02:00", "2026-11-22T13:00"),
        (NEW_YORK, "2026-11-22T04:59", "2026-11-22T13:00"),
        (NEW_YORK, "2026-11-22T05:00", "2026-11-22T13:00"),
        # The same moment, elsewhere.
        ("America/Los_Angeles", "2026-11-21T13:00", "2026-11-21T16:00"),
        ("America/Los_Angeles", "2026-11-22T02:00", None),
        ("Pacific/Kiritimati", "2026-11-21T17:00", "2026-11-21T18:00"),
        ("Asia/Kolkata", "2026-11-21T15:30", "2026-11-22T02:30"),
        ("Asia/Kolkata", "2026-11-21T02:30", None),
        # The night of 7 to 8 March has an hour less, that of 31 October to 1 November one more.
        (NEW_YORK, "2026-03-08T02:00", "2026-03-08T12:00"),
        (NEW_YORK, "2026-03-08T07:30", "2026-03-08T12:00"),
        (NEW_YORK, "2026-03-08T11:59", "2026-03-08T12:00"),
        (NEW_YORK, "2026-03-08T12:00", None),
        (NEW_YORK, "2026-03-09T00:59", None),
        (NEW_YORK, "2026-03-09T01:00", "2026-03-09T12:00"),
        (NEW_YORK, "2026-11-01T01:00", "2026-11-01T13:00"),
        (NEW_YORK, "2026-11-01T05:30", "2026-11-01T13:00"),
        (NEW_YORK, "2026-11-01T06:30", "2026-11-01T13:00"),
        (NEW_YORK, "2026-11-01T12:30", "2026-11-01T13:00"),
        (NEW_YORK, "2026-11-01T13:00", None),
        # Arizona has no clock change.
        ("America/Phoenix", "2026-03-08T14:59", "2026-03-08T15:00"),
        ("America/Phoenix", "2026-11-01T15:00", None),
    ],
)
def test_quiet_hours_are_those_of_the_called_person(zone: str, now: str, until: str | None) -> None:
    """8 am to 9 pm in her own zone: 47 CFR 64.1200(c)(1)."""
    assert end_of_quiet(utc(now), zone) == (utc(until) if until else None)
    verdict = pass_gate(kinds()["check_in"], replace(ROSA, timezone=zone), utc(now), US)
    expected = Verdict(False, "quiet hours", utc(until)) if until else Verdict(True)
    assert verdict == expected


@pytest.mark.parametrize("kind", ["reply", "alert", "recording"])
def test_an_answer_and_an_alert_wait_for_no_morning(kind: str) -> None:
    assert passes(kind, ROSA, utc("2026-11-22T07:00")) == "allowed"


def test_at_the_end_of_the_quiet_hours_it_is_allowed_on_every_day_of_a_year() -> None:
    for day in range(366):
        for hour in (0, 3, 6, 9, 22):
            now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, hours=hour)
            until = end_of_quiet(now, NEW_YORK)
            if until is not None:
                assert now < until <= now + timedelta(hours=12)
                assert end_of_quiet(until, NEW_YORK) is None
                assert end_of_quiet(until - timedelta(seconds=1), NEW_YORK) == until


@pytest.mark.parametrize(
    ("windows", "now", "until"),
    [
        # Saturday 21 November 2026, noon in Boston.
        ([{"from": "09:00", "until": "15:00"}], "2026-11-21T17:00", None),
        ([{"from": "13:00", "until": "15:00"}], "2026-11-21T17:00", "2026-11-21T18:00"),
        ([{"days": ["mon"], "from": "09:00", "until": "15:00"}], "2026-11-21T17:00", "2026-11-23T14:00"),
        ([{"from": "06:00", "until": "09:00"}], "2026-11-22T02:30", "2026-11-22T13:00"),
        ([{"from": "19:00", "until": "23:00"}], "2026-11-22T03:00", "2026-11-23T00:00"),
        # Hers lie in the quiet hours alone: then no machine ever calls, rather than at night.
        ([{"from": "22:00", "until": "23:00"}], "2026-11-21T17:00", "never"),
    ],
)
def test_it_is_held_until_an_hour_that_is_hers_and_nobodys_night(
    windows: list[dict[str, Any]], now: str, until: str | None
) -> None:
    to = replace(ROSA, person=replace(HERSELF, safe=read({"windows": windows})))
    verdict = pass_gate(kinds()["check_in"], to, utc(now), US)
    if until == "never":
        assert verdict == Verdict(False, "her own hours")
    elif until is None:
        assert verdict == Verdict(True)
    else:
        assert (verdict.allowed, verdict.until) == (False, utc(until))
