"""The days of transcripts: they are played today, and show a Monday, so that what is booked in them reads the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from dialogue.reply import Say
from languages import Language, load
from languages.calendar import coming_day

SHOWN_TODAY = date(2026, 3, 2)
"""A Monday: in transcripts it is always this day."""
DAYS_AHEAD = 120


def shown_days(words: str, today: date) -> str:
    """Words with the days to come as transcripts show them."""
    return _replaced(words, _days(today))


def meant_days(words: str, today: date) -> str:
    """What somebody does, with the days that are meant: days and weekdays written out, and a day that is keyed."""
    if keyed := re.fullmatch(r"keys (\d{4})#", words):
        shown = {f"{SHOWN_TODAY + ahead:%m%d}": today + ahead for ahead in map(timedelta, range(DAYS_AHEAD))}
        return f"keys {shown[keyed[1]]:%m%d}#" if keyed[1] in shown else words
    return _replaced(words, _weekdays(today)) if words.startswith("text ") else words


def composed_as_shown(compose: Callable[[Sequence[Say]], list[str]]) -> Callable[[Sequence[Say]], list[str]]:
    """Composes texts so that they break where they would on the shown Monday: a day's name has its own length.

    It is noon in the clinics of transcripts, so all of them have one date.
    """

    def as_shown(says: Sequence[Say]) -> list[str]:
        now = datetime.now(UTC)
        days = _days(now.astimezone(ZoneInfo(zone_with_hour(now, 12))).date())
        shown = [replace(say, text=_replaced(say.text, days)) for say in says]
        return [_replaced(text, {there: here for here, there in days.items()}) for text in compose(shown)]

    return as_shown


def zone_with_hour(now: datetime, hour: int) -> str:
    """A time zone where it is about `hour` o'clock now."""
    ahead = (hour - now.astimezone(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _replaced(words: str, pairs: Mapping[str, str]) -> str:
    if not pairs:
        return words
    longest_first = "|".join(re.escape(one) for one in sorted(pairs, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{longest_first})(?!\d)", lambda found: pairs[found[0]], words)


@cache
def _days(today: date) -> dict[str, str]:
    return {
        coming_day(today + ahead, language): coming_day(SHOWN_TODAY + ahead, language)
        for language in load().values()
        for ahead in (timedelta(days=days) for days in range(DAYS_AHEAD))
    }


@cache
def _weekdays(today: date) -> dict[str, str]:
    """The weekdays of the week that begins with the shown Monday, by name, and those that are meant."""
    return {
        _weekday(SHOWN_TODAY + ahead, language): _weekday(today + ahead, language)
        for language in load().values()
        for ahead in (timedelta(days=days) for days in range(7))
    }


def _weekday(day: date, language: Language) -> str:
    if language.calendar is not None:
        return language.calendar.weekdays[day.weekday()]
    return format_date(day, "EEEE", locale=language.locale)
