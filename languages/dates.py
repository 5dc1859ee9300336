"""Reading a date: figures in the order that a language's people write them, month names, words.

A figure date can be two days ("3/2/1994"), a short year two centuries: such a date is not read but given
back with every day that it may be. A day outside the bounds that the caller sets is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from languages.language import Language
from languages.numbers import Number, readings
from languages.spelling import bare

Order = Literal["mdy", "dmy", "ymd", "either"]
Triple = tuple[int, int, int]
"""Year, month, day as said; not yet known to be a day."""

LONGEST = 100
"""Characters of an answer that is a date; what is longer is prose."""
SURE_MONTH = 85.0
"""Likeness (0 to 100) from which a misspelt month is read, if no other month is as near."""


class Trouble(StrEnum):
    """Why a date was not read."""

    NOT_A_DATE = "not a date"
    NO_SUCH_DAY = "no such day"
    TOO_EARLY = "too early"
    TOO_LATE = "too late"
    DAY_OR_MONTH = "day or month"
    WHICH_CENTURY = "which century"


@dataclass(frozen=True)
class Unread:
    """A date that was not read, and the days that it may be (two or more only where it is doubtful)."""

    trouble: Trouble
    days: tuple[date, ...] = ()


def read_keys(keys: str, earliest: date, latest: date) -> date | Unread:
    """Eight keys, month, day, year ("03021994"), or with stars between ("3*2*1994").

    Keys that cannot be month first are read in the one other order that makes a day.
    """
    parts = [part for part in re.split(r"[*#]", keys) if part]
    numbers = tuple(Number(_value(part), 0, 0, part) for part in parts if part.isascii() and part.isdigit())
    if len(numbers) != len(parts):
        return Unread(Trouble.NOT_A_DATE)
    return _choose(list(_of_figures(numbers, "mdy")), "mdy", earliest, latest)


def read_date(text: str, language: Language, earliest: date, latest: date) -> date | Unread:
    """The one day between `earliest` and `latest`, both included, that `text` can mean."""
    if len(text) > LONGEST:
        return Unread(Trouble.NOT_A_DATE)
    said = _ordinals_as_figures(bare(text), language)
    months, rest = _months(said, language)
    triples: list[Triple] = []
    if len(months) <= 1:
        for reading in readings(rest, language):
            if months:
                triples += _with_month(reading, months[0])
            else:
                triples += _of_figures(reading, language.dates.order)
    return _choose(triples, "mdy" if months else language.dates.order, earliest, latest)


def _choose(triples: list[Triple], order: Order, earliest: date, latest: date) -> date | Unread:
    if not triples:
        return Unread(Trouble.NOT_A_DATE)
    days = list(dict.fromkeys(day for triple in triples if (day := _day(*triple)) is not None))
    if order != "either":
        # Its people have one order: the other is read only where that one makes no day at all, not
        # where the day is out of bounds (the first of December must not turn into the twelfth of January).
        days = list({day.year: day for day in reversed(days)}.values())
    possible = sorted(day for day in days if earliest <= day <= latest)
    if not days:
        return Unread(Trouble.NO_SUCH_DAY)
    if not possible:
        return Unread(Trouble.TOO_LATE if max(days) > latest else Trouble.TOO_EARLY)
    if len({day.year for day in possible}) > 1:
        return Unread(Trouble.WHICH_CENTURY, tuple(possible))
    return possible[0] if len(possible) == 1 else Unread(Trouble.DAY_OR_MONTH, tuple(possible))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _of_figures(numbers: tuple[Number, ...], order: Order) -> Iterator[Triple]:
    """The triples that figures can mean, the language's own order first."""
    if len(numbers) == 1 and len(numbers[0].digits) == 8:
        digits = numbers[0].digits
        numbers = tuple(_piece(digits[a:b]) for a, b in ((0, 2), (2, 4), (4, 8)))
        yield from _ordered(numbers, order)
        yield int(digits[:4]), int(digits[4:6]), int(digits[6:])
    elif len(numbers) >= 3 and _is_long_year(numbers[0]) and len(numbers) == 3:
        yield int(numbers[0].value), int(numbers[1].value), int(numbers[2].value)
    elif len(numbers) >= 3:
        yield from _ordered(numbers, order)


def _ordered(numbers: tuple[Number, ...], order: Order) -> Iterator[Triple]:
    first, second = int(numbers[0].value), int(numbers[1].value)
    for year in _years(numbers[2:]):
        month_first, day_first = (year, first, second), (year, second, first)
        yield from (day_first, month_first) if order == "dmy" else (month_first, day_first)


def _with_month(numbers: tuple[Number, ...], month: int) -> Iterator[Triple]:
    if len(numbers) == 2 and _is_long_year(numbers[0]):
        yield int(numbers[0].value), month, int(numbers[1].value)
    elif len(numbers) >= 2:
        for year in _years(numbers[1:]):
            yield year, month, int(numbers[0].value)


def _years(numbers: tuple[Number, ...]) -> Iterator[int]:
    """What may be the year: 1994; 94; "nineteen | ninety four"; "twenty | oh | three"."""
    values = [int(number.value) for number in numbers]
    if len(values) == 1 and _is_long_year(numbers[0]):
        yield values[0]
    elif len(values) == 1 and (
        len(numbers[0].digits) == 2 or (not numbers[0].digits and 10 <= values[0] <= 99)
    ):
        yield 1900 + values[0]
        yield 2000 + values[0]
    elif len(values) == 2 and values[0] in (19, 20) and 10 <= values[1] <= 99:
        yield values[0] * 100 + values[1]
    elif len(values) == 3 and values[0] in (19, 20) and values[1] == 0 and 0 <= values[2] <= 9:
        yield values[0] * 100 + values[2]


def _is_long_year(number: Number) -> bool:
    return 1000 <= number.value <= 9999 and number.value % 1 == 0


def _piece(digits: str) -> Number:
    return Number(_value(digits), 0, 0, digits)


def _value(digits: str) -> Decimal:
    return Decimal(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else Decimal(-1)


def _ordinals_as_figures(said: str, language: Language) -> str:
    """ "march second" → "march 2"; "21st", "1ro" → their figures."""
    for words, value in _ordinals(language):
        said = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", str(value), said)
    return re.sub(r"(?<!\w)(\d{1,2})(?:st|nd|rd|th|ro|er|[ºª])(?!\w)", r"\1", said)


@lru_cache(maxsize=64)
def _ordinals(language: Language) -> tuple[tuple[str, int], ...]:
    pairs = [(bare(words), value) for words, value in language.dates.ordinals.items()]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _months(said: str, language: Language) -> tuple[list[int], str]:
    """The months named, and what is left without them and without filling words."""
    names, fillers = _month_names(language), _fillers(language)
    found, rest = [], []
    for word in said.split():
        month = names.get(word) or _misspelt_month(word, language)
        if month is not None:
            found.append(month)
        # What is left out leaves a pause: "dos de marzo de mil" is not "dos mil".
        rest.append("," if month is not None or word in fillers else word)
    return found, " ".join(rest)


@lru_cache(maxsize=64)
def _month_names(language: Language) -> dict[str, int]:
    names = {bare(word): month for word, month in language.dates.months.items()}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in language.locale.months[context][width].items():
                names.setdefault(bare(name), month)
    return names


@lru_cache(maxsize=64)
def _fillers(language: Language) -> frozenset[str]:
    return frozenset(bare(word) for word in language.dates.fillers)


def _misspelt_month(word: str, language: Language) -> int | None:
    if len(word) < 5 or not word.isalpha():
        return None
    likeness = {name: fuzz.ratio(word, name) for name in _month_names(language) if len(name) >= 4}
    best = max(likeness.values(), default=0.0)
    months = {_month_names(language)[name] for name, score in likeness.items() if score >= best - 5}
    return months.pop() if best >= SURE_MONTH and len(months) == 1 else None
