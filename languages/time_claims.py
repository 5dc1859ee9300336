"""What an answer to "when?" can claim: a weekday, a date, a clock, a part of the day; not yet seen from today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Weekday:
    day: int
    next: bool = False


@dataclass(frozen=True)
class Offset:
    """So many days from today."""

    days: int


@dataclass(frozen=True)
class Calendar:
    """A whole week, month or weekend, so many after this one."""

    unit: Literal["week", "month", "weekend"]
    after: int


@dataclass(frozen=True)
class Span:
    """So many weeks, months or days from now, as people count them: about."""

    number: int
    unit: str


@dataclass(frozen=True)
class DayOfMonth:
    day: int
    bare: bool = False
    """A number alone, which is a day only beside its weekday."""


@dataclass(frozen=True)
class Day:
    """A month and a day, and the year where it was said."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True)
class Figures:
    """A day in figures, in an order that the language knows."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Month:
    month: int


@dataclass(frozen=True)
class Clock:
    """A time of the wall clock, of twelve hours or of twenty-four."""

    hour: int
    minute: int
    role: Literal["at", "after", "before"] = "at"
    bare: bool = False
    """A number alone, which is a time only beside a day or a part of one."""
    loose: bool = False
    """Does it end in a number that could be a day of a month as well?"""


@dataclass(frozen=True)
class Part:
    part: str


@dataclass(frozen=True)
class Flag:
    """ "soonest" or "any"."""

    name: str


DAYS = (Weekday, Offset, Calendar, Span, DayOfMonth, Day, Figures, Month)
Claim = Weekday | Offset | Calendar | Span | DayOfMonth | Day | Figures | Month | Clock | Part | Flag
