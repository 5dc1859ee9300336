"""When she wants to come: a day, a time, a part of the day, or as soon as possible; by keys the month and the day."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.coming_times import read_coming, read_coming_keys
from languages.wanted_times import Asked, Trouble, Unread, Wanted

LIMITS = Path(__file__).with_name("limits.toml")

BY_KEYS = N_("I need four numbers: two for the month and two for the day.")
BY_WORDS = N_("Please give a day, a time, or both, like Tuesday at 3 in the afternoon.")
REASONS = {
    Trouble.NO_SUCH_DAY: N_("There is no such day in the calendar."),
    Trouble.NO_SUCH_HOUR: N_("There is no such time of the day."),
    Trouble.PAST: N_("That day is past. Please give a day from today on."),
    Trouble.SEVERAL: N_("I read more than one day or time. Please give only one."),
}
TOO_FAR = N_("That is too far ahead. The last day that you can choose is {last}.")
WRONG_WEEKDAY = N_("That date is another weekday: it is {day}. Please give only the date.")
WHICH = N_("Do you mean {first} or {second}? Please give the whole day and time.")
WHICH_OF_MANY = N_("That can be more than one day. Please give the month and the day.")


def _now() -> datetime:
    return datetime.now(UTC)


class VisitTime:
    """Options: from the engine `today` ("2026-11-25", the date where the visit is) and `hours`; from a flow
    `days_ahead` and `hours` (`["08:00", "17:30"]`, from and to when visits begin).

    Its value is `{"kind": "wanted_time", "first": "2026-12-01", "last": "2026-12-01", "earliest": "14:00",
    "latest": "16:00", "at": "15:00", "part": "", "soonest": false, "any_day": false, "exact_day": true,
    "exact_hour": true}`, with null where nothing was said of it. See languages/wanted_times.py.
    """

    name = "visit_time"
    zero_is_an_answer = True

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        known = {"today", "hours", "days_ahead"}
        problems = [f"visit_time takes no option {name!r}" for name in sorted(set(options) - known)]
        try:
            opens, closes = _hours(options) or (time(0), time(1))
            ahead = int(options.get("days_ahead", 1))
        except (TypeError, ValueError):
            return [*problems, 'hours are two times ("08:00"), and days_ahead a number']
        if opens >= closes:
            problems.append("hours begin after they end")
        return [*problems, "days_ahead is 1 to 730"] if not 1 <= ahead <= 730 else problems

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        asked = self._asked(options)
        found = read_coming_keys(said.keys, asked) if said.keys else read_coming(said.words, language, asked)
        if isinstance(found, Wanted):
            return Understood(_as_json(found))
        return _why(found, asked, bool(said.keys))

    def messages(self) -> list[str]:
        return [BY_KEYS, BY_WORDS, *REASONS.values(), TOO_FAR, WRONG_WEEKDAY, WHICH, WHICH_OF_MANY]

    def _asked(self, options: Mapping[str, Json]) -> Asked:
        today = date.fromisoformat(options["today"]) if "today" in options else self._now().date()
        limits = _limits()
        last = today + timedelta(days=int(options.get("days_ahead", limits["days_ahead"])))
        return Asked(today, last, _hours(options), limits["around"])


def _hours(options: Mapping[str, Json]) -> tuple[time, time] | None:
    if not options.get("hours"):
        return None
    opens, closes = options["hours"]
    return time.fromisoformat(opens), time.fromisoformat(closes)


@lru_cache(maxsize=1)
def _limits() -> Mapping[str, int]:
    limits: Mapping[str, int] = tomllib.loads(LIMITS.read_text(encoding="utf-8"))["visit_time"]
    return limits


def _why(unread: Unread, asked: Asked, keys: bool) -> Unclear:
    candidates = unread.candidates
    if unread.trouble is Trouble.WHICH and len(candidates) > 2:
        return Unclear(WHICH_OF_MANY)
    if unread.trouble is Trouble.WHICH:
        return Unclear(WHICH, {"first": _as_json(candidates[0]), "second": _as_json(candidates[1])})
    if unread.trouble is Trouble.WRONG_WEEKDAY:
        return Unclear(WRONG_WEEKDAY, {"day": _as_json(candidates[0])})
    if unread.trouble is Trouble.TOO_FAR:
        return Unclear(TOO_FAR, {"last": {"kind": "day", "iso": asked.last.isoformat()}})
    if unread.trouble in REASONS:
        return Unclear(REASONS[unread.trouble])
    return Unclear(BY_KEYS if keys else BY_WORDS)


def _as_json(wanted: Wanted) -> dict[str, Json]:
    times = {name: getattr(wanted, name) for name in ("earliest", "latest", "at")}
    return {
        "kind": "wanted_time",
        "first": wanted.first.isoformat(),
        "last": wanted.last.isoformat(),
        **{name: one and one.isoformat("minutes") for name, one in times.items()},
        "part": wanted.part,
        "soonest": wanted.soonest,
        "any_day": wanted.any_day,
        "exact_day": wanted.exact_day,
        "exact_hour": wanted.exact_hour,
    }


KIND = VisitTime()
