"""Dates whose parts say what they are: "1990년 1월 30일", where each number has a word behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from languages.date_figures import Triple, years
from languages.language import Language
from languages.numbers import Number, readings
from languages.spelling import bare, plain


def marked(text: str, months: Mapping[str, int], language: Language) -> Iterator[Triple]:
    """The triples that `text` can mean, if year, month and day stand in it with their marks.

    `months` are the names of months, `bare`. A short year has two.
    """
    if len(language.dates.marks) != 3:
        return
    # The day goes to the last of its marks: in "삼십일일" (the 31st) the first of them is a figure.
    parts = re.search("(.*?){}(.*?){}(.*){}".format(*map(re.escape, language.dates.marks)), plain(text))
    if parts is None:
        return
    month = _month(parts[2], months, language)
    day = _one(parts[3], language)
    year = _one(parts[1], language)
    if month and day and year:
        for known in years((year,)):
            yield known, month, int(day.value)


def _month(said: str, months: Mapping[str, int], language: Language) -> int:
    number = _one(said, language)
    named = months.get(bare(f"{said.strip()}{language.dates.marks[1]}"))
    return named or (int(number.value) if number else 0)


def _one(said: str, language: Language) -> Number | None:
    found = {reading[0] for reading in readings(said, language) if len(reading) == 1}
    return found.pop() if len(found) == 1 else None
