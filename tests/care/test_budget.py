"""The month at a clinic, and what its budget holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest

from care.rules.budget import (
    end_of_month,
    is_spent,
    is_time_to_warn,
    look_again,
    month_of,
    months_now,
    next_month,
)
from care.rules.consent import Word
from care.rules.gate import Recipient, Verdict, pass_gate
from care.rules.kinds import kinds
from care.rules.reaching import Number, Person

BOSTON, ADAK, KIRITIMATI = "America/New_York", "America/Adak", "Pacific/Kiritimati"
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
DOLLAR = 1_000_000


def utc(written: str) -> datetime:
    return datetime.fromisoformat(written + ":00+00:00")


@pytest.mark.parametrize(
    ("zone", "moment", "month", "ends"),
    [
        (BOSTON, "2026-12-01T04:59", date(2026, 11, 1), "2026-12-01T05:00"),
        (BOSTON, "2026-12-01T05:00", date(2026, 12, 1), "2027-01-01T05:00"),
        # In the months of the clock changes the first of the month lies on either side of them.
        (BOSTON, "2026-11-01T03:59", date(2026, 10, 1), "2026-11-01T04:00"),
        (BOSTON, "2026-11-01T04:00", date(2026, 11, 1), "2026-12-01T05:00"),
        (BOSTON, "2026-11-01T06:30", date(2026, 11, 1), "2026-12-01T05:00"),
        (BOSTON, "2026-03-08T06:59", date(2026, 3, 1), "2026-04-01T04:00"),
        (BOSTON, "2026-03-01T04:59", date(2026, 2, 1), "2026-03-01T05:00"),
        (ADAK, "2026-11-01T08:59", date(2026, 10, 1), "2026-11-01T09:00"),
        (KIRITIMATI, "2026-11-30T10:00", date(2026, 12, 1), "2026-12-31T10:00"),
        (BOSTON, "2028-03-01T04:59", date(2028, 2, 1), "2028-03-01T05:00"),
    ],
)
def test_a_month_is_the_clinics(zone: str, moment: str, month: date, ends: str) -> None:
    assert month_of(utc(moment), zone) == month
    assert end_of_month(utc(moment), zone) == utc(ends)


def test_everywhere_on_earth_it_is_one_of_two_months() -> None:
    moments = [utc("2026-11-30T00:00") + timedelta(minutes=30 * place) for place in range(96)]
    for zone in available_timezones():
        assert all(month_of(moment, zone) in months_now(moment) for moment in moments)


def test_a_month_follows_a_month() -> None:
    month, seen = date(2026, 1, 1), []
    for _ in range(24):
        seen.append((month.year, month.month))
        month = next_month(month)
    assert seen == [(year, month) for year in (2026, 2027) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("budget", "spent", "warns", "holds"),
    [
        (None, 999 * DOLLAR, False, False),
        (10 * DOLLAR, 8 * DOLLAR - 1, False, False),
        (10 * DOLLAR, 8 * DOLLAR, True, False),
        (10 * DOLLAR, 10 * DOLLAR - 1, True, False),
        (10 * DOLLAR, 10 * DOLLAR, True, True),
        (0, 0, True, True),
    ],
)
def test_a_budget_warns_and_then_holds(budget: int | None, spent: int, warns: bool, holds: bool) -> None:
    assert (is_time_to_warn(budget, spent), is_spent(budget, spent)) == (warns, holds)


def test_what_is_held_is_looked_at_again_within_the_hour_and_when_the_month_begins() -> None:
    assert look_again(DOLLAR, 0, NOON, BOSTON) is None
    assert look_again(DOLLAR, DOLLAR, NOON, BOSTON) == NOON + timedelta(hours=1)
    assert look_again(DOLLAR, DOLLAR, utc("2026-12-01T04:40"), BOSTON) == utc("2026-12-01T05:00")


# At the gate

AGREED = tuple(Word(topic, "any", True, 1) for topic in ("check_ins", "surveys"))
PHONE = Number("+16175550101", "hash")
ROSA = Recipient(
    PHONE, "text", BOSTON, Person(1, 1, "1994-03-02", "es", BOSTON, words=AGREED, numbers=(PHONE,))
)
LATER = NOON + timedelta(hours=1)
SURVEY = replace(kinds()["call_me_back"], name="survey", topic="surveys", clinical=False)


def test_only_what_is_not_clinical_is_held() -> None:
    to = replace(ROSA, budget_spent_until=LATER)
    assert pass_gate(SURVEY, to, NOON, ("US",)) == Verdict(False, "budget", LATER)
    assert pass_gate(SURVEY, ROSA, NOON, ("US",)).allowed
    for kind in kinds().values():
        if kind.clinical:
            assert pass_gate(kind, to, NOON, ("US",)).allowed, kind.name


def test_a_kind_is_clinical_as_its_topic_is_and_without_a_topic() -> None:
    about_visits = {"reminder", "call_about_visit", "book_visit", "slot_offer", "please_call"}
    assert {name for name, kind in kinds().items() if not kind.clinical} == about_visits
    assert all(
        kinds()[name].clinical for name in ("alert", "reply", "check_in", "check_in_now", "call_me_back")
    )


def test_a_stop_and_the_night_come_before_the_budget() -> None:
    to = replace(ROSA, budget_spent_until=LATER)
    stopped = replace(to, number=replace(PHONE, opted_out=True))
    assert pass_gate(SURVEY, stopped, NOON, ("US",)).reason == "opted out"
    assert pass_gate(SURVEY, to, utc("2026-11-22T03:00"), ("US",)).reason == "quiet hours"
