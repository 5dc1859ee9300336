"""Rows of pieces (see time_tokens) put together to what they claim: a weekday, a date, a clock, a part of the day.

A row may be put together in more than one way ("Tuesday 3": at three, or the third); every way is given, and
who merges them with the calendar knows which can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from languages.time_tokens import Token, Way

MOST_COVERS = 48
MOST_PIECES = 14
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


@dataclass(frozen=True)
class Part:
    part: str


@dataclass(frozen=True)
class Flag:
    """ "soonest" or "any"."""

    name: str


DAYS = (Weekday, Offset, Calendar, Span, DayOfMonth, Day, Figures, Month)
Claim = Weekday | Offset | Calendar | Span | DayOfMonth | Day | Figures | Month | Clock | Part | Flag
Build = Callable[[str, tuple[Any, ...]], tuple[Claim, ...]]

_UNITS = {"K": "week", "N": "month", "D": "day", "E": "weekend"}
_PAST = {"U": 30, "Q": 15, "u": -15}


def claims(way: Way) -> Iterator[tuple[Claim, ...]]:
    """Every way to put a row of pieces together with nothing left over."""
    if not way or len(way) > MOST_PIECES:
        return
    letters = "".join(token.letter for token in way)
    for count, cover in enumerate(_covers(letters, way, 0, ())):
        if count == MOST_COVERS:
            return
        yield cover


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
        ("I[1#]?[KND]F?|[1#][KND]F|#dF|IsF?|sF", _span),
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
    core = ("C", "[UQu]t?[#H]h?", "[#H]h?[UQu]", "[#H]h?#m?", "[#H]h?")
    for one in core:
        written += [
            (f"t?{one}", _at),
            (f"ft?{one}", _after),
            (f"{one}v", _after),
            (f"bt?{one}", _before),
            (f"{one}q", _before),
        ]
        for other in core:
            written += [(f"(?:Bt?{one}P?r?|t?{one}P?r|{one}v)t?{other}q?", _between(one, other))]
    written += [("bt?P", _before_noon)]
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


def _clock(letters: str, values: tuple[Any, ...]) -> tuple[Clock, ...]:
    """The clock that a `core` tells; none where its figures tell none."""
    pairs = list(zip(letters, values, strict=True))
    past = sum(_PAST.get(letter, 0) for letter in letters)
    if letters[0] == "C":
        hour, minute = map(int, values[0])
    else:
        numbers = [(letter, value) for letter, value in pairs if letter in "#H"]
        digits = str(numbers[0][1])
        if len(numbers) == 2 and (len(digits) > 2 or not re.fullmatch(r"[0-5]\d|\d(?=$)", numbers[1][1])):
            return ()
        if len(numbers) == 2 and len(numbers[1][1]) == 1 and "m" not in letters:
            return ()
        if len(digits) in (3, 4):
            hour, minute = int(digits[:-2]), int(digits[-2:])
        else:
            hour, minute = int(digits), int(numbers[1][1]) if len(numbers) == 2 else 0
    total = hour * 60 + minute + past
    if len(letters) == 1 and letters == "#":
        return (Clock(*divmod(total, 60), bare=True),)
    return (Clock(*divmod(max(total, 0), 60)),)


def _at(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    core = letters.removeprefix("t")
    found = _clock(core, values[-len(core) :])
    long = core == "#" and len(str(values[-1])) > 2
    if core == "#" and letters != core and not long:  # "at 3" is a time by itself, "at 1530" beside a day
        return tuple(Clock(one.hour, one.minute) for one in found)
    if core in ("##", "H#") and found:
        return tuple(Clock(one.hour, one.minute, bare=core == "##" and letters == core) for one in found)
    return found


def _after(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return _bound(letters, values, "fv", "after")


def _before(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return _bound(letters, values, "bq", "before")


def _bound(
    letters: str, values: tuple[Any, ...], marks: str, role: Literal["after", "before"]
) -> tuple[Claim, ...]:
    start = len(letters) - len(letters.lstrip(f"{marks}t"))
    end = len(letters.rstrip(marks))
    found = _clock(letters[start:end], values[start:end])
    return tuple(Clock(one.hour, one.minute, role) for one in found)


def _between(one: str, other: str) -> Build:
    shape = re.compile(f"B?t?({one})v?P?r?t?({other})q?")

    def build(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
        found = shape.fullmatch(letters)
        if found is None:
            return ()
        spans = [found.span(1), found.span(2)]
        clocks = [_clock(letters[start:end], values[start:end]) for start, end in spans]
        if not all(clocks):
            return ()
        (first,), (last,) = clocks
        return Clock(first.hour, first.minute, "after"), Clock(last.hour, last.minute, "before")

    return build


def _before_noon(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return (Clock(12, 0, "before"), Part("noon")) if values[-1] == "noon" else ()
