"""Reading when somebody wants to come: "next tue 3pm", "el martes a las 3", "demen maten", "다음 주 화요일 오후 3시".

What can be read in two ways is not read but given back with both: "Tuesday" said on a Tuesday, "8" where visits
begin from 8 in the morning to 8 in the evening, "3/4" where people write it in either order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from itertools import product
from typing import NamedTuple

from languages.clock_times import HOURS, shifted, times_meant
from languages.coming_days import days_meant
from languages.language import Language
from languages.time_claims import (
    DAYS,
    Claim,
    Clock,
    Day,
    DayOfMonth,
    Figures,
    Flag,
    Month,
    Offset,
    Part,
    Weekday,
)
from languages.time_phrases import claims
from languages.time_tokens import ways
from languages.wanted_times import Asked, NotRead, Trouble, Unread, Wanted

LONGEST = 160
"""Characters of an answer that is a time; what is longer is a message."""
MOST_CANDIDATES = 6
ON_THE_HOUR = {"noon": time(12), "midnight": time(0)}
"""Parts of the day that are a time."""
_EXACT = (Weekday, Offset, Day, Figures, DayOfMonth)

_WORST_FIRST = (
    Trouble.NO_SUCH_DAY, Trouble.WRONG_WEEKDAY, Trouble.PAST, Trouble.TOO_FAR, Trouble.SEVERAL, Trouble.NO_SUCH_HOUR,
)  # fmt: skip
"""What is told, where several ways to read an answer each came to nothing."""


def read_coming_keys(keys: str, asked: Asked) -> Wanted | Unread:
    """Month and day ("0315"), with the year ("03152027"), or with stars between ("3*15", "3*15*2027")."""
    parts = [part for part in re.split(r"[*#]", keys) if part]
    if not parts or not all(part.isascii() and part.isdigit() for part in parts):
        return Unread(Trouble.NOT_A_TIME)
    if len(parts) == 1 and len(parts[0]) in (4, 8):
        parts = [parts[0][:2], parts[0][2:4], *([parts[0][4:]] if len(parts[0]) == 8 else [])]
    lengths = [len(part) for part in parts]
    if len(parts) not in (2, 3) or max(lengths[:2]) > 2 or lengths[2:] not in ([], [4]):
        return Unread(Trouble.NOT_A_TIME)
    day = Day(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else None)
    return _settled([_one_reading((day,), asked, None)])


def read_coming(text: str, language: Language, asked: Asked) -> Wanted | Unread:
    """The one day, days or time that `text` can mean."""
    if len(text) > LONGEST:
        return Unread(Trouble.NOT_A_TIME)
    covers = dict.fromkeys(cover for way in ways(text, language) for cover in claims(way))
    return _settled([_one_reading(cover, asked, language) for cover in covers])


class _When(NamedTuple):
    """The fields of a Wanted that say when on the day."""

    earliest: time | None = None
    latest: time | None = None
    at: time | None = None
    part: str = ""


def _settled(readings: Sequence[tuple[Wanted, ...] | Unread]) -> Wanted | Unread:
    """What all ways to read an answer come to."""
    found = tuple(dict.fromkeys(one for reading in readings if isinstance(reading, tuple) for one in reading))
    if len(found) == 1:
        return found[0]
    if found:
        return Unread(Trouble.WHICH, tuple(sorted(found[:MOST_CANDIDATES], key=_in_order)))
    for trouble in _WORST_FIRST:
        for reading in readings:
            if isinstance(reading, Unread) and reading.trouble is trouble:
                return reading
    return Unread(Trouble.NOT_A_TIME)


def _in_order(wanted: Wanted) -> tuple[date, date, time]:
    return wanted.first, wanted.last, wanted.at or wanted.earliest or time(0)


def _one_reading(
    cover: Sequence[Claim], asked: Asked, language: Language | None
) -> tuple[Wanted, ...] | Unread:
    try:
        return tuple(_merged(cover, asked, language))
    except NotRead as way:
        return way.unread


def _merged(cover: Sequence[Claim], asked: Asked, language: Language | None) -> Iterator[Wanted]:
    """Every time that the claims of one reading mean together."""
    claimed = [claim for claim in cover if isinstance(claim, DAYS)]
    clocks = [claim for claim in cover if isinstance(claim, Clock)]
    parts = list(dict.fromkeys(claim.part for claim in cover if isinstance(claim, Part)))
    flags = {claim.name for claim in cover if isinstance(claim, Flag)}
    _refuse_what_is_no_answer(claimed, clocks, parts, flags)
    order, loose = (
        ("mdy", {}) if language is None else (language.dates.order, dict(language.times.loose_days))
    )
    days = days_meant(claimed, asked, order, loose) if claimed else ((asked.today, asked.last),)
    windows = language.times.windows if language else {}
    for (first, last), when in product(days, _when(clocks, parts, asked, windows)):
        yield Wanted(
            first,
            last,
            when.earliest,
            when.latest,
            at=when.at,
            part=when.part,
            soonest="soonest" in flags,
            any_day=not claimed,
        )


def _refuse_what_is_no_answer(
    days: Sequence[Claim], clocks: Sequence[Clock], parts: Sequence[str], flags: set[str]
) -> None:
    """Raises NotRead where a number alone is taken for what it can be only in company, or two times are said."""
    if not (days or clocks or parts or flags):
        raise NotRead(Trouble.NOT_A_TIME)
    # "March 3 2027" is a year, no time at 27 past eight.
    dated = any(isinstance(day, Day) and day.year is None for day in days)
    for clock in clocks:
        if clock.loose and any(isinstance(day, Month) for day in days):  # "December 1"
            raise NotRead(Trouble.NOT_A_TIME)
        if clock.bare and not (any(isinstance(day, _EXACT) for day in days) if days else parts):
            raise NotRead(Trouble.NOT_A_TIME)
        if clock.bare and dated and clock.hour == 20:
            raise NotRead(Trouble.NOT_A_TIME)
    roles = [clock.role for clock in clocks]
    if len(roles) > len(set(roles)) or ("at" in roles and len(roles) > 1):
        raise NotRead(Trouble.SEVERAL)
    for day in days:
        beside_weekday = any(isinstance(other, Weekday) for other in days)
        if isinstance(day, DayOfMonth) and day.bare and not beside_weekday:
            raise NotRead(Trouble.NOT_A_TIME)


def _when(
    clocks: Sequence[Clock], parts: Sequence[str], asked: Asked, windows: Mapping[str, tuple[int, int]]
) -> Iterator[_When]:
    """Every time of the day that may be meant."""
    if not clocks:
        yield _part(parts, asked, windows)
    elif clocks[0].role == "at":
        yield from (_at(at, asked) for at in times_meant(clocks[0], parts, asked))
    else:
        yield from _bounds(clocks, parts, asked)


def _at(at: time, asked: Asked) -> _When:
    return _When(shifted(at, -asked.around), shifted(at, asked.around), at)


def _part(parts: Sequence[str], asked: Asked, windows: Mapping[str, tuple[int, int]]) -> _When:
    if not parts:
        return _When()
    if len(parts) > 1:
        raise NotRead(Trouble.SEVERAL)
    if parts[0] in ON_THE_HOUR:
        return _at(ON_THE_HOUR[parts[0]], asked)
    start, end = windows.get(parts[0], (min(HOURS[parts[0]]), max(HOURS[parts[0]]) + 1))
    return _When(time(start), time(end) if end < 24 else time(23, 59), part=parts[0])


def _bounds(clocks: Sequence[Clock], parts: Sequence[str], asked: Asked) -> Iterator[_When]:
    found = False
    for combination in product(*(times_meant(clock, parts, asked) for clock in clocks)):
        bounds = {clock.role: one for clock, one in zip(clocks, combination, strict=True)}
        earliest, latest = bounds.get("after"), bounds.get("before")
        if earliest is None or latest is None or earliest < latest:
            found = True
            yield _When(earliest, latest)
    if not found:
        raise NotRead(Trouble.NO_SUCH_HOUR)
