"""Spans of days seen from today: this week, next month, the coming weekend, about two weeks from now."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from languages.time_claims import YEARS, Span
from languages.wanted_times import NotRead, Trouble

Days = tuple[date, date]
"""The first and the last, both included."""

_DAY = timedelta(days=1)
_ABOUT = {"week": 3, "month": 7}
"""Days before and after, in "about two weeks from now"."""


def one_day(day: date) -> Days:
    return day, day


def days_on(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise NotRead(Trouble.TOO_FAR) from error


def _weeks(today: date, after: int) -> Iterator[Days]:
    """Monday to Sunday. Said on a Sunday, which is a week's first day to some, it can be either of two."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=after)
    yield monday, monday + timedelta(days=6)
    if today.weekday() == 6:
        yield monday + timedelta(days=7), monday + timedelta(days=13)


def _weekends(today: date, after: int) -> Iterator[Days]:
    """Saturday and Sunday. "Next weekend" is the coming one to some, and the one behind it to others."""
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5)
    if after and today.weekday() < 5:
        yield saturday, saturday + _DAY
    saturday += timedelta(weeks=after)
    yield saturday, saturday + _DAY


def _months(today: date, after: int) -> Iterator[Days]:
    year, month = divmod(today.year * 12 + today.month - 1 + after, 12)
    yield date(year, month + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])


CALENDARS = {"week": _weeks, "weekend": _weekends, "month": _months}


def named_month(month: int, today: date) -> Days:
    """The coming one of that name, or this one."""
    year = today.year + (month < today.month)
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def counted(claim: Span, today: date, loose: Mapping[int, int]) -> Days:
    number, unit = claim.number, claim.unit
    if unit == "day" and number in loose:
        number, unit = loose[number], "week"
    if unit == "day":
        return one_day(days_on(today, number))
    middle = days_on(today, number * 7) if unit == "week" else _months_on(today, number)
    about = timedelta(days=_ABOUT[unit])
    return max(middle - about, today), middle + about


def _months_on(today: date, number: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
    if year not in YEARS:
        raise NotRead(Trouble.TOO_FAR)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
