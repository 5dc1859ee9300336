"""What a language's folder says of its numbers, its dates and how it says them: `language.toml`, by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class NumberWords:
    """What a language adds to a library's reading of its numbers; all words are lower-case."""

    library: str | None = None
    """The language as text2num calls it, or None where it does not know it."""
    zero: tuple[str, ...] = ()
    """Words for zero besides the library's: "oh"."""
    ones: tuple[str, ...] = ()
    """Words that are one only before a hundred or a thousand: "a"."""
    scales: tuple[str, ...] = ()
    """Words that begin no number but the first of a breath: "hundred"."""
    never_alone: tuple[str, ...] = ()
    """Articles that the library takes for one: "una" in "una persona" counts nothing."""
    only_alone: tuple[str, ...] = ()
    """Words that are a number only as the whole answer: "이" (two) is in a sentence "this"."""
    joiners: tuple[str, ...] = ()
    """Words inside a number: "and", "y"."""
    point: tuple[str, ...] = ()
    """Words for the decimal sign."""
    half: tuple[str, ...] = ()
    """Words that add a half: "half" in "ninety and a half"."""
    minus: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    """How people write it → how the library knows it: "veintidos" → "veintidós", "diez y seis" → …"""
    bare_hundreds: bool = False
    """Do people say "one twenty" for 120?"""
    decimal_sign: Literal[".", ","] = "."
    doubtful_thousands: bool = False
    """Are both signs in use among its people, so that "1.200" and "1,200" each read two ways?"""


@dataclass(frozen=True)
class DateWords:
    """How a language's people write dates."""

    order: Literal["mdy", "dmy", "ymd", "either"] = "either"
    """Of a date in figures; "either": month and day may come first, so a doubtful date is asked again."""
    ordinals: Mapping[str, int] = field(default_factory=dict)
    """Day words: "second" → 2."""
    months: Mapping[str, int] = field(default_factory=dict)
    """Month words besides the library's: "sept" → 9."""
    fillers: tuple[str, ...] = ()
    """Words that say nothing in a date: "of", "the", "de"."""
    marks: tuple[str, ...] = ()
    """What follows year, month and day, in this order, where that tells them apart: "년", "월", "일"."""


@dataclass(frozen=True)
class CalendarWords:
    """Days and times in words of the language, for one that CLDR does not have."""

    months: tuple[str, ...]
    """January first."""
    weekdays: tuple[str, ...]
    """Monday first."""
    date: str
    """Of a birth: a template of `day`, `month`, `year`."""
    day: str
    """Of a visit: a template of `weekday`, `day`, `month`."""
    hours: tuple[str, ...]
    """What a voice says for one o'clock to twelve o'clock."""
    spoken_time: str
    """A template of `hour` (one of `hours`), `minute`, `period`."""
    spoken_hour: str
    """The same without a minute."""
    written_time: str
    """A template of `hour` and `minute` in figures, and `period`."""
    periods: tuple[tuple[int, str], ...]
    """From which hour on (0 to 23) which words: "in the afternoon"."""
    noon: str


@dataclass(frozen=True)
class SayingWords:
    """How values are said: templates with the names of their parts."""

    blood_pressure: str = "{systolic}/{diastolic}"
    lists: Mapping[str, str] = field(default_factory=dict)
    """The word before the last of several, "standard" and "or", where CLDR does not have the language."""
    units: Mapping[str, str] = field(default_factory=dict)
    """A unit as flows write it → a template of `number`, likewise. Texts keep to the sign ("lb") where it is
    one; minutes, hours and days have none."""
    written_time: str | None = None
    """A CLDR pattern, where its short time is not how people write one."""


def read_calendar(raw: Mapping[str, Any]) -> CalendarWords:
    """[calendar] as it stands. Raises TypeError or ValueError where something is missing or too much."""
    lists: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
    }
    periods = tuple((int(hour), str(words)) for hour, words in raw["periods"])
    calendar = CalendarWords(**{**lists, "periods": periods})
    for name, count in (("months", 12), ("weekdays", 7), ("hours", 12)):
        if len(getattr(calendar, name)) != count:
            raise ValueError(f"[calendar] {name} has {count} words")
    return calendar
