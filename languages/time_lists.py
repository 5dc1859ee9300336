"""Every phrase that a language lists for times to come, with what it may mean, each kind of meaning by a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from languages.date_words import month_names
from languages.language import Language
from languages.number_words import is_part
from languages.spelling import plain, unaccented
from languages.weekdays import weekday_names
from languages.words import NEAR, SHORTEST_TYPO

LISTS: Mapping[str, str] = {
    "soonest": "S", "any": "A", "next": "X", "this": "T", "week": "K", "weekend": "E", "month": "N", "day": "D",
    "within": "I", "later": "F", "one": "1", "day_of_month": "L", "day_mark": "d", "month_mark": "o",
    "year_mark": "y", "at": "t", "hour_mark": "h", "minute_mark": "m", "half": "U", "quarter": "Q",
    "quarter_to": "u", "after": "f", "before": "b", "after_behind": "v", "before_behind": "q", "between": "B",
    "to": "r",
}  # fmt: skip
"""A list of [times] → the letter of its words."""
TABLES: Mapping[str, str] = {
    "days": "O", "weeks": "w", "spans": "s", "hours": "H", "day_numbers": "R",
}  # fmt: skip
"""A table of [times] → the letter of its words, which have values."""
# Besides, W M P R H G C #: weekday, month, part of the day, ordinal, figure date, clock, number.

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_INITIALS = re.compile(r"(?<![^\W\d_])([ap])\. ?m\b\.?|(?<![^\W\d_])([ap]) m\b\.?")


@dataclass(frozen=True)
class Token:
    letter: str
    value: Any = None
    empty: bool = False
    """May it also say nothing?"""


Way = tuple[Token, ...]
"""One way to understand a stretch of words."""


def without_points(text: str) -> str:
    """`plain` text with "a.m." and "p. m." written "am" and "pm"."""
    return _INITIALS.sub(lambda found: f"{found[1] or found[2]}m", plain(text))


@lru_cache(maxsize=64)
def phrases(language: Language) -> Mapping[str, tuple[Way, ...]]:
    """Every listed phrase, as texts are compared → what it may mean."""
    meant: dict[str, dict[tuple[str, Any], None]] = {}
    for phrase, letter, value in _listed(language):
        meant.setdefault(_key(phrase, language), {})[letter, value] = None
    found: dict[str, tuple[Way, ...]] = {}
    for key, meanings in meant.items():
        empty = ("", None) in meanings
        tokens = [Token(letter, value, empty) for letter, value in meanings if letter]
        if {token.letter for token in tokens} == {"O", "P"}:  # "tonight" says the day and the part of it
            found[key] = (tuple(tokens),)
        else:
            found[key] = tuple((token,) for token in tokens) or ((),)
    found.pop("", None)
    return found


def _listed(language: Language) -> Iterator[tuple[str, str, Any]]:
    times = language.times
    for name, letter in LISTS.items():
        yield from ((phrase, letter, None) for phrase in getattr(times, name))
    for name, letter in TABLES.items():
        yield from ((phrase, letter, value) for phrase, value in getattr(times, name).items())
    yield from ((name, "W", day) for name, day in weekday_names(language).items())
    yield from ((name, "M", month) for name, month in month_names(language).items())
    yield from ((phrase, "R", value) for phrase, value in language.dates.ordinals.items())
    yield from ((phrase, "P", part) for part, words in times.parts.items() for phrase in words)
    own = language.calendar.hours if language.calendar else ()
    yield from ((phrase, "H", hour) for hour, phrase in enumerate(own, 1))
    known = (*times.fillers, *language.words["polite"], *language.words["greetings"])
    yield from (
        (phrase, "", None) for phrase in known if not is_part(phrase, language) or phrase in times.fillers
    )


def _key(phrase: str, language: Language) -> str:
    said = unaccented(without_points(phrase))
    if language.runs_together:
        return said.replace(" ", "")
    return " ".join(WORD.findall(said)) if not any(sign.isdigit() for sign in said) else ""


@lru_cache(maxsize=4096)
def misspelt(word: str, language: Language) -> tuple[Way, ...]:
    """What a word is a typo of, where all that is near to it means the same."""
    if len(word) < SHORTEST_TYPO:
        return ()
    near = {
        phrase: likeness
        for phrase in phrases(language)
        if len(phrase) >= SHORTEST_TYPO and phrase[0] == word[0] and " " not in phrase
        if (likeness := fuzz.ratio(word, phrase)) > NEAR
    }
    best = max(near.values(), default=0.0)
    meant = {phrases(language)[phrase] for phrase, likeness in near.items() if likeness >= best - 5}
    return meant.pop() if len(meant) == 1 else ()


@lru_cache(maxsize=4096)
def is_not(word: str, language: Language) -> bool:
    """Is it a word that turns a sentence round, and none that the language lists for times?"""
    return word not in phrases(language) and word in {unaccented(one) for one in language.words["not"]}
