"""What a language's folder says of times to come: [times] in `language.toml`, all of it words and templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PARTS = ("dawn", "morning", "noon", "afternoon", "evening", "night", "midnight")
"""The parts of a day that a language may have words for."""
LIST = "tuple[str, ...]"
"""The type of those fields below that are lists of words; the others are tables."""
NEEDED = ("soonest", "days", "next", "this", "week", "month", "parts", "windows")
"""What no language is without: where one of these is empty, somebody has yet to write it."""


@dataclass(frozen=True)
class TimeWords:
    """How a language's people say when they want to come, and how we say it back. Words as people write them;
    accents and case do not matter. Numbers in words stand in [numbers], months and ordinals in [dates]."""

    soonest: tuple[str, ...] = ()
    """ "as soon as possible"."""
    any: tuple[str, ...] = ()
    """ "any day", "whenever"."""
    days: Mapping[str, int] = field(default_factory=dict)
    """Words of a day → how many days from today: "tomorrow" → 1."""
    weekdays: Mapping[str, int] = field(default_factory=dict)
    """Weekdays besides the library's, Monday 0: "weds" → 2."""
    day_numbers: Mapping[str, int] = field(default_factory=dict)
    """Days of the month, where they are words of their own: "삼일" → 3."""
    next: tuple[str, ...] = ()
    this: tuple[str, ...] = ()
    week: tuple[str, ...] = ()
    weekend: tuple[str, ...] = ()
    month: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    weeks: Mapping[str, int] = field(default_factory=dict)
    """A week as one phrase → how many weeks after this one: "the week after next" → 2."""
    within: tuple[str, ...] = ()
    """Before a span of time: "in" (two weeks), "dentro de"."""
    later: tuple[str, ...] = ()
    """Behind one: "from now", "뒤"."""
    one: tuple[str, ...] = ()
    """A one that only counts before a week, a month, a day: "a"."""
    spans: Mapping[str, str] = field(default_factory=dict)
    """A span as one phrase → its number and unit ("1 week", "3 day", "1 month"): "일주일" → "1 week"."""
    loose_days: Mapping[int, int] = field(default_factory=dict)
    """Numbers of days that stand for weeks: "15" days → 2."""
    day_of_month: tuple[str, ...] = ()
    """Before the bare number of a day: "el" (15), "the"."""
    day_mark: tuple[str, ...] = ()
    """Behind it: "일"."""
    month_mark: tuple[str, ...] = ()
    year_mark: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    """Before a time: "at", "a las"."""
    hours: Mapping[str, int] = field(default_factory=dict)
    """An hour as one word, besides [calendar] `hours`: "두시" → 2."""
    hour_mark: tuple[str, ...] = ()
    """Behind an hour: "o'clock", "시"."""
    minute_mark: tuple[str, ...] = ()
    half: tuple[str, ...] = ()
    """Half an hour past: "half past", "y media"."""
    quarter: tuple[str, ...] = ()
    quarter_to: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """Before the time from which on: "after"."""
    before: tuple[str, ...] = ()
    after_behind: tuple[str, ...] = ()
    """The same where it stands behind the time: "이후"."""
    before_behind: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    """Between two times: "2 to 4"."""
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A part of the day (one of PARTS) → its words: "morning" → "in the morning", "am"."""
    windows: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """A part → the hours from and to which it goes, where no time is said: "morning" → 6, 12."""
    fillers: tuple[str, ...] = ()
    """Words that say nothing in an answer to "when": "please", "appointment"."""
    said: Mapping[str, str] = field(default_factory=dict)
    """How a wanted time is said: a template for each of SAID that the language words in its own way."""
    zones: Mapping[str, str] = field(default_factory=dict)
    """The name of a time zone ("America/New_York"), where CLDR has not the language."""


SAID: Mapping[str, str] = {
    "clock": "{time}",
    "clock_one": "",
    "at": "{day}, {time}",
    "zone": "{time} ({zone})",
    "range": "{first} – {last}",
    "part": "{day}, {part}",
    "after": "{day}, {time} –",
    "before": "{day}, – {time}",
    "between": "{day}, {first} – {last}",
    "soonest": "as soon as possible",
    "any": "any time",
    "any_day": "any day",
    "dawn": "early in the morning",
    "morning": "in the morning",
    "noon": "at noon",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
    "night": "at night",
    "midnight": "at midnight",
}
"""Every template of [times.said], and what is said where a language has none yet: English, the last of all chains.

`clock_one` is `clock` at one o'clock, where that is worded otherwise ("las 2", "la 1"). A part stands behind a day.
"""


def missing(times: TimeWords) -> list[str]:
    """What of [times] is still to be written for a language."""
    lists = [name for name in NEEDED if not getattr(times, name)]
    spoken = {*times.parts, *(name for name in SAID if name not in (*PARTS, "clock", "clock_one"))}
    return [*lists, *(f"said.{name}" for name in SAID if name in spoken and name not in times.said)]


def read_times(raw: Mapping[str, Any]) -> TimeWords:
    """[times] as it stands. Raises TypeError or ValueError where there is something that nothing reads."""
    known = {one.name for one in fields(TimeWords)}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"[times] has {', '.join(unknown)}, which nothing reads")
    for name, allowed in (("parts", PARTS), ("windows", PARTS), ("said", SAID)):
        if wrong := sorted(set(raw.get(name, {})) - set(allowed)):
            raise ValueError(f"[times.{name}] has {', '.join(wrong)}, which nothing reads")
    for name, least, most in (("weekdays", 0, 6), ("day_numbers", 1, 31), ("hours", 0, 23)):
        if wrong := [word for word, value in raw.get(name, {}).items() if not least <= value <= most]:
            raise ValueError(f"[times.{name}] goes from {least} to {most}, and {', '.join(wrong)} does not")
    for span in raw.get("spans", {}).values():
        number, _, unit = str(span).partition(" ")
        if not number.isdecimal() or unit not in ("week", "month", "day"):
            raise ValueError(f'[times.spans] is a number and week, month or day ("2 week"), not {span!r}')
    loose = {int(days): int(weeks) for days, weeks in raw.get("loose_days", {}).items()}
    return TimeWords(**{name: _frozen(value) for name, value in raw.items()} | {"loose_days": loose})


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return {name: _frozen(one) for name, one in value.items()} if isinstance(value, dict) else value
