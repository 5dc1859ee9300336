"""Rows of pieces (see time_tokens) put together to what they claim: a weekday, a date, a clock, a part of the day.

A row may be put together in more than one way ("Tuesday 3": at three, or the third); every way is given, and
who merges them with the calendar knows which can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from languages.clock_phrases import Build, clock_patterns
from languages.time_claims import (
    YEARS,
    Calendar,
    Claim,
    Day,
    DayOfMonth,
    Figures,
    Flag,
    Month,
    Offset,
    Part,
    Span,
    Weekday,
)
from languages.time_lists import Token, Way

MOST_COVERS = 256
MOST_PIECES = 14


_UNITS = {"K": "week", "N": "month", "D": "day", "E": "weekend"}


def claims(way: Way) -> tuple[tuple[Claim, ...], ...]:
    """Every way to put a row of pieces together with nothing left over; none where there are too many."""
    if not way or len(way) > MOST_PIECES:
        return ()
    letters = "".join(token.letter for token in way)
    found = tuple(islice(_covers(letters, way, 0, ()), MOST_COVERS + 1))
    # All of them or none: the one left out might be the one that was meant.
    return found if len(found) <= MOST_COVERS else ()


def _covers(letters: str, way: Way, at: int, before: tuple[Claim, ...]) -> Iterator[tuple[Claim, ...]]:
    if at == len(way):
        yield before
        return
    for pattern, build in _patterns():
        if found := pattern.match(letters, at):
            built = build(found[0], tuple(token.value for token in way[at : found.end()]))
            if built:
                yield from _covers(letters, way, found.end(), before + built)
    if _says_nothing(way, at, letters):
        yield from _covers(letters, way, at + 1, before)


def _says_nothing(way: Way, at: int, letters: str) -> bool:
    """May this piece be passed over? Not a preposition where what it points at follows: "a las 3" is a time."""
    token: Token = way[at]
    following = letters[at + 1 : at + 2]
    if token.letter in "tL":
        return token.empty or following not in ("", *"#RHC")
    if token.letter == "I" and re.match("#(?![Mod])", letters[at + 1 :]):  # "en ocho" is a span
        return False
    if token.letter == "u" and letters[at - 1 : at] in (*"#Hh",):  # Creole's "mwen ka" is "I can" elsewhere
        return False
    return token.empty or (token.letter == "1" and following not in ("", *"KND"))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Build], ...]:
    written: list[tuple[str, Build]] = [
        ("S", lambda letters, values: (Flag("soonest"),)),
        ("A", lambda letters, values: (Flag("any"),)),
        ("P", lambda letters, values: (Part(values[0]),)),
        ("O", lambda letters, values: (Offset(values[0]),)),
        ("w", lambda letters, values: (Calendar("week", values[0]),)),
        ("[XT]W|W[XT]", _weekday),
        ("W", _weekday),
        ("[XT][KNE]|[KNE][XT]", _calendar),
        ("E", _calendar),
        ("I[1#]?[KND]F?|[1#][KND]F?|#dF|IsF?|sF", _span),
        ("ML?[#R]d?#", _day),
        ("ML?[#R]d?", _day),
        ("L?[#R]M#", _day),
        ("L?[#R]M", _day),
        ("#y(?:M|#o)(?:#d|R|#)", _marked_day),
        ("#o(?:#d|R|#)", _marked_day),
        ("I?M|I?#o", _month),
        ("G", lambda letters, values: (Figures(values[0]),)),
        ("L?#d|L[#R]|R", _day_of_month),
        ("#(?!P)", lambda letters, values: _bare_day(values[0])),
    ]
    written += clock_patterns()
    return tuple((re.compile(pattern), build) for pattern, build in written)


def _weekday(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return (Weekday(values[letters.index("W")], "X" in letters),)


def _calendar(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    unit = next(letter for letter in letters if letter in _UNITS)
    return (Calendar(_UNITS[unit], int("X" in letters)),)  # type: ignore[arg-type]


def _span(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    if "s" in letters:
        number, unit = values[letters.index("s")].split()
        return (Span(int(number), unit),)
    unit = next((_UNITS[letter] for letter in letters if letter in _UNITS), "day")
    number = values[letters.index("#")] if "#" in letters else "1"
    return (Span(int(number), unit),) if len(number) <= 3 else ()


def _day(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    month = values[letters.index("M")]
    numbers = [int(value) for letter, value in zip(letters, values, strict=True) if letter in "#R"]
    if len(numbers) == 1:
        return (Day(month, numbers[0]),)
    day, year = numbers
    return (Day(month, day, year),) if year in YEARS else ()


def _marked_day(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    numbers = [int(value) for value in values if value is not None]
    if "y" not in letters:
        return (Day(numbers[0], numbers[1]),)
    year = numbers[0] + 2000 if numbers[0] < 100 else numbers[0]
    return (Day(numbers[1], numbers[2], year),) if year in YEARS else ()


def _month(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    month = int(next(value for value in values if value is not None))
    return (Month(month),) if 1 <= month <= 12 else ()


def _day_of_month(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    day = int(next(value for value in values if value is not None))
    return (DayOfMonth(day),) if day < 100 else ()


def _bare_day(digits: str) -> tuple[Claim, ...]:
    return (DayOfMonth(int(digits), bare=True),) if len(digits) <= 2 else ()
