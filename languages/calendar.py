"""Days and times in words: as CLDR writes them, or in the language's own words where CLDR has none."""

from __future__ import annotations

import re
from datetime import date, time

from babel.dates import format_date, format_time

from languages.language import Language


def birth_day(day: date, language: Language) -> str:
    """Its day, month and year: "March 2, 1994"."""
    own = language.calendar
    if own is None:
        return format_date(day, "long", locale=language.locale)
    return own.date.format(day=day.day, month=own.months[day.month - 1], year=day.year)


def coming_day(day: date, language: Language) -> str:
    """A day soon to come: its weekday, day and month, no year."""
    own = language.calendar
    if own is not None:
        return own.day.format(
            weekday=own.weekdays[day.weekday()], day=day.day, month=own.months[day.month - 1]
        )
    short: str = language.locale.datetime_skeletons["MMMEd"].pattern
    pattern = re.sub("E+", "EEEE", re.sub("MMM(?!M)", "MMMM", short, count=1), count=1)
    return format_date(day, pattern, locale=language.locale)


def spoken_time(clock: time, language: Language) -> str:
    """ "2:30 in the afternoon", a whole hour without its zeros."""
    own = language.calendar
    if own is None:
        skeletons = language.locale.datetime_skeletons
        pattern = skeletons["Bhm" if clock.minute else "Bh"].pattern
        return format_time(clock, pattern, locale=language.locale)
    if (clock.hour, clock.minute) == (12, 0):
        return own.noon
    template = own.spoken_time if clock.minute else own.spoken_hour
    return template.format(
        hour=own.hours[(clock.hour - 1) % 12], minute=clock.minute, period=_period(clock, language)
    )


def written_time(clock: time, language: Language) -> str:
    """ "2:30 PM"."""
    own = language.calendar
    if own is None:
        return format_time(clock, language.saying.written_time or "short", locale=language.locale)
    hour = (clock.hour - 1) % 12 + 1
    return own.written_time.format(hour=hour, minute=f"{clock.minute:02}", period=_period(clock, language))


def _period(clock: time, language: Language) -> str:
    assert language.calendar is not None
    return [words for start, words in language.calendar.periods if start <= clock.hour][-1]
