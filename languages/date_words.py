"""The words that dates are made of, as every reader of dates needs them: months and ordinals."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz

from languages.language import Language
from languages.spelling import bare

SURE_MONTH = 85.0
"""Likeness (0 to 100) from which a misspelt month is read, if no other month is as near."""


@lru_cache(maxsize=64)
def month_names(language: Language) -> dict[str, int]:
    """Every name of a month, `bare`: the language's own, and CLDR's long and short ones."""
    names = {bare(word): month for word, month in language.dates.months.items()}
    own = language.calendar.months if language.calendar else ()
    names |= {bare(word): month for month, word in enumerate(own, 1)}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in language.locale.months[context][width].items():
                names.setdefault(bare(name), month)
    return names


@lru_cache(maxsize=64)
def ordinals(language: Language) -> tuple[tuple[str, int], ...]:
    """Day words, `bare`, and their values; the longest first."""
    pairs = [(bare(words), value) for words, value in language.dates.ordinals.items()]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def misspelt_month(word: str, language: Language) -> int | None:
    """The month that a word (`bare`) is a typo of, where it can be no other's."""
    if len(word) < 5 or not word.isalpha():
        return None
    names = month_names(language)
    likeness = {name: fuzz.ratio(word, name) for name in names if len(name) >= 4}
    best = max(likeness.values(), default=0.0)
    months = {names[name] for name, score in likeness.items() if score >= best - 5}
    return months.pop() if best >= SURE_MONTH and len(months) == 1 else None
