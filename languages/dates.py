"""Reading a date: figures in the order that a language's people write them, month names, words.

A figure date can be two days ("3/2/1994"), a short year two centuries: such a date is not read but given
back with every day that it may be. A day outside the bounds that the caller sets is no reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from languages.date_figures import Order, Triple, of_figures, piece, with_month
from languages.date_words import misspelt_month, month_names, ordinals
from languages.language import Language
from languages.marked_dates import marked
from languages.numbers import readings
from languages.spelling import bare

LONGEST = 100
"""Characters of an answer that is a date; what is longer is prose."""


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
    numbers = tuple(piece(part) for part in parts if part.isascii() and part.isdigit())
    if len(numbers) != len(parts):
        return Unread(Trouble.NOT_A_DATE)
    return _choose(list(of_figures(numbers, "mdy")), "mdy", earliest, latest)


def read_date(text: str, language: Language, earliest: date, latest: date) -> date | Unread:
    """The one day between `earliest` and `latest`, both included, that `text` can mean."""
    if len(text) > LONGEST:
        return Unread(Trouble.NOT_A_DATE)
    said = _ordinals_as_figures(bare(text), language)
    months, rest = _months(said, language)
    triples: list[Triple] = list(marked(text, month_names(language), language))
    if len(months) <= 1 and not triples:
        for reading in readings(rest, language):
            if months:
                triples += with_month(reading, months[0], language.dates.order)
            else:
                triples += of_figures(reading, language.dates.order)
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


def _ordinals_as_figures(said: str, language: Language) -> str:
    """ "march second" → "march 2"; "21st", "1ro" → their figures."""
    for words, value in ordinals(language):
        said = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", str(value), said)
    return re.sub(r"(?<!\w)(\d{1,2})(?:st|nd|rd|th|ro|er|[ºª])(?!\w)", r"\1", said)


def _months(said: str, language: Language) -> tuple[list[int], str]:
    """The months named, and what is left without them and without filling words."""
    names, fillers = month_names(language), _fillers(language)
    found, rest = [], []
    for word in said.split():
        month = names.get(word) or misspelt_month(word, language)
        if month is not None:
            found.append(month)
        # What is left out leaves a pause: "dos de marzo de mil" is not "dos mil".
        rest.append("," if month is not None or word in fillers else word)
    return found, " ".join(rest)


@lru_cache(maxsize=64)
def _fillers(language: Language) -> frozenset[str]:
    return frozenset(bare(word) for word in language.dates.fillers)
