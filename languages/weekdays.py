"""The names of weekdays, as each language's people write them."""

from __future__ import annotations

from functools import lru_cache

from languages.language import Language


@lru_cache(maxsize=64)
def weekday_names(language: Language) -> dict[str, int]:
    """Every name of a weekday as written, Monday 0: the language's own, CLDR's long and short ones.

    A short name of one letter is left out: Korean's are numbers and months too.
    """
    names = dict(language.times.weekdays)
    own = language.calendar.weekdays if language.calendar else ()
    names |= {word: day for day, word in enumerate(own)}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for day, name in language.locale.days[context][width].items():
                if len(name) > 1:
                    names.setdefault(name, day)
    return names
