"""When something comes back (RFC 5545, 3.8.5): wall times of a rule, within a horizon, never more than are bearable.

dateutil works the rules out. What it would do without end, or second by second, is refused before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr

MOST_TIMES = 1000
"""Of one event within the horizon: every day for a year, twice."""
MOST_COUNTED = 20_000
"""A rule that counts is counted from its beginning: every day for half a century."""
EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 a wall time
MOST_WORK = 5_000_000
"""Days that the rules of one file may have worked out: some ten seconds."""
TO_THE_END = 2_900_000
"""Days up to the last year that there is."""
LONGEST_LIST = 60
FREQUENCIES = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 0, "YEARLY": 0}
"""Days of the period, where each has the same."""
PARTS = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYSETPOS",
}  # fmt: skip


class RuleProblem(ValueError):
    """A rule can't be followed; the message is a sentence."""


@dataclass
class Work:
    """What the rules of one file have cost, in days that were looked at one by one."""

    days: float = 0

    def add(self, days: float) -> None:
        self.days += max(days, 0)
        if self.days > MOST_WORK:
            raise RuleProblem("The rules (RRULE) of this file begin too long ago: let them begin this year.")


def wall_times(
    rule: Mapping[str, Any], start: datetime, begins: datetime, ends: datetime, work: Work
) -> list[datetime]:
    """The wall times of `rule` from `begins` to `ends` (naive, as `start`, its first). Raises RuleProblem."""
    parts = {
        part.upper(): [*values] if isinstance(values, list) else [values] for part, values in rule.items()
    }
    _check(parts)
    if start < EARLIEST:
        raise RuleProblem("It begins before 1970 and comes back: let it begin later.")
    last = min([ends, *(_until(one) for one in parts.pop("UNTIL", []))])
    counted = int(parts.pop("COUNT", [MOST_COUNTED])[0])
    first = start if "COUNT" in rule else _later_start(parts, start, begins)
    if first > last:
        return []
    weight = 1 if _frequency(parts) == "DAILY" else 0.15
    work.add((last - first).days * weight)
    written = ";".join(f"{part}={','.join(map(str, values))}" for part, values in parts.items())
    try:
        found = [*islice(rrulestr(f"{written};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=first), counted)]
    except (ValueError, TypeError, OverflowError, IndexError):
        raise RuleProblem("Its rule (RRULE) can't be understood: write each time as an event.") from None
    if not found:  # a rule that fits no day is followed to the year 9999: a file may hold one or two
        work.add(TO_THE_END * weight)
    times = [one for one in found if one >= begins]
    if len(times) > MOST_TIMES:
        raise RuleProblem(f"It comes back more than {MOST_TIMES:,} times: make several events of it.")
    return times


def _check(parts: Mapping[str, list[Any]]) -> None:
    if _frequency(parts) not in FREQUENCIES or not parts.keys() <= PARTS:
        raise RuleProblem(
            "It comes back by the hour, or at several times of a day: make one event for each time of day."
        )
    if any(len(values) > LONGEST_LIST for values in parts.values()):
        raise RuleProblem("Its rule (RRULE) is too long: make several events of it.")
    if any(not 1 <= int(count) <= MOST_COUNTED for count in parts.get("COUNT", [])):
        raise RuleProblem(f"It comes back more than {MOST_COUNTED:,} times: say until when (UNTIL) instead.")
    if any(not 1 <= int(count) <= 1000 for count in parts.get("INTERVAL", [])):
        raise RuleProblem("Its INTERVAL is not between 1 and 1000.")


def _frequency(parts: Mapping[str, list[Any]]) -> str:
    return str(parts.get("FREQ", [""])[0]).upper()


def _until(until: date | datetime) -> datetime:
    if not isinstance(until, datetime):
        return datetime.combine(until, time(23, 59, 59))
    return until.replace(tzinfo=None)


def _later_start(parts: Mapping[str, list[Any]], start: datetime, begins: datetime) -> datetime:
    """A rule of days or weeks that does not count is the same from each of its periods on."""
    days = FREQUENCIES[_frequency(parts)] * int(parts.get("INTERVAL", [1])[0])
    if not days or begins <= start:
        return start
    periods = (begins - start).days // days - 1
    return start + timedelta(days=days * periods) if periods > 0 else start
