"""A date of birth: eight keys, figures or words; never in the future, never more than 120 years ago."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.dates import Trouble, Unread, read_date, read_keys

OLDEST = 120
"""Years: the age of the oldest person whose birth date we take."""
OTHER_ZONES = timedelta(hours=14)
"""A child born today is born today wherever the clinic is: no zone is further ahead of UTC."""

BY_KEYS = N_("I need eight numbers: two for the month, two for the day and four for the year.")
BY_WORDS = N_("Please give the month, the day and the year, like March 25, 1990.")
REASONS = {
    Trouble.NO_SUCH_DAY: N_("There is no such day in the calendar."),
    Trouble.TOO_LATE: N_("That day has not come yet."),
    Trouble.TOO_EARLY: N_("That is more than 120 years ago."),
    Trouble.WHICH_CENTURY: N_("Please give the year with all four numbers."),
}
DAY_OR_MONTH = N_("Is that {first} or {second}? Please give the month as a word.")


def _now() -> datetime:
    return datetime.now(UTC)


class BirthDate:
    """Options, from the engine and not from a flow: `today` ("2026-11-21"), the clinic's date.

    Without it the clock given to the kind tells, at the zone furthest ahead. Its value is
    `{"kind": "birth_date", "iso": "1994-03-02"}`.
    """

    name = "birth_date"
    zero_is_an_answer = True

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return 8

    def check(self, options: Mapping[str, Json]) -> list[str]:
        return [f"birth_date takes no option {name!r}" for name in sorted(options) if name != "today"]

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        latest = self._today(options)
        earliest = latest.replace(year=latest.year - OLDEST, day=min(latest.day, 28))
        if said.keys:
            found = read_keys(said.keys, earliest, latest)
        else:
            found = read_date(said.words, language, earliest, latest)
        if isinstance(found, date):
            return Understood(_as_json(found))
        return _why(found, bool(said.keys))

    def messages(self) -> list[str]:
        return [BY_KEYS, BY_WORDS, *REASONS.values(), DAY_OR_MONTH]

    def _today(self, options: Mapping[str, Json]) -> date:
        if "today" in options:
            return date.fromisoformat(options["today"])
        return (self._now() + OTHER_ZONES).date()


def _why(unread: Unread, keys: bool) -> Unclear:
    if unread.trouble is Trouble.DAY_OR_MONTH and not keys:
        first, second = unread.days[:2]
        return Unclear(DAY_OR_MONTH, {"first": _as_json(first), "second": _as_json(second)})
    if unread.trouble in REASONS:
        return Unclear(REASONS[unread.trouble])
    return Unclear(BY_KEYS if keys else BY_WORDS)


def _as_json(day: date) -> dict[str, Json]:
    return {"kind": "birth_date", "iso": day.isoformat()}


KIND = BirthDate()
