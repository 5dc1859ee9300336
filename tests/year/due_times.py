"""What is due when, said a second time and plainly: not one line of this is the code that is being checked.

It walks along the clock in steps of five minutes and asks of each whether she may be reached then. The figures are
those of care/rules/reminder_times.yaml as a person read them; whoever changes them there changes them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEP = 5 * MINUTE
FIRST_MINUTE, LAST_MINUTE = 8 * 60, 21 * 60
NEAR = 36 * HOUR
"""A visit so soon that somebody hears of it where nobody could be reminded."""
Hours = tuple[tuple[tuple[int, ...], int, int], ...]
"""Her own hours: weekdays (0 is Monday), from and until as minutes of the day. None at all: any hours."""


@dataclass(frozen=True)
class Due:
    """A reminder that is to go at `at` or, where it can't, before `until`."""

    offset: str
    at: datetime
    until: datetime


def may_be_reached(moment: datetime, zone: str, hours: Hours) -> bool:
    """Is it neither night where she is, nor outside of her own hours?"""
    local = moment.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    if not FIRST_MINUTE <= minute < LAST_MINUTE:
        return False
    return not hours or any(
        local.weekday() in days and begins <= minute < ends for days, begins, ends in hours
    )


@lru_cache(maxsize=4096)
def plan(
    start: datetime, zone: str, hours: Hours, offsets: Sequence[str], since: datetime
) -> tuple[Due, ...]:
    """The reminders of a visit at `start` that she last agreed to at `since`."""
    planned = []
    for offset in offsets:
        meant = _meant(start, zone, offset)
        at = _moved(meant, start, zone, hours)
        quiet = 12 * HOUR if offset.endswith("d") else 30 * MINUTE
        if at is not None and at >= since + quiet:
            planned.append((at, -length(offset), offset, meant))
    kept: list[tuple[datetime, timedelta, str, datetime]] = []
    for one in sorted(planned):
        while kept and _together(kept[-1], one):
            before = kept.pop()
            one = one if length(one[2]) < length(before[2]) else before
        kept.append(one)
    found = []
    for place, (at, _, offset, _) in enumerate(kept):
        until = min(at + min(length(offset) / 2, DAY), start - 30 * MINUTE)
        if place + 1 < len(kept):
            until = min(until, kept[place + 1][0])
        if at < until:
            found.append(Due(offset, at, until))
    return tuple(found)


def length(offset: str) -> timedelta:
    return int(offset[:-1]) * (DAY if offset.endswith("d") else HOUR)


def _meant(start: datetime, zone: str, offset: str) -> datetime:
    """Days before are days of the wall clock: what the clocks did in between is taken back."""
    moment = start - length(offset)
    if offset.endswith("h"):
        return moment
    there = ZoneInfo(zone)
    now, then = start.astimezone(there).utcoffset(), moment.astimezone(there).utcoffset()
    assert now is not None and then is not None
    return moment + (now - then)


def _moved(meant: datetime, start: datetime, zone: str, hours: Hours) -> datetime | None:
    """When she may be reached next; where that would be too late, the last two hours of the time before."""
    moment = meant
    while moment < start - 30 * MINUTE and moment < meant + 9 * DAY:
        if may_be_reached(moment, zone, hours):
            return moment
        moment += STEP
    if may_be_reached(meant, zone, hours):
        return meant
    moment = meant
    while not may_be_reached(moment, zone, hours):
        moment -= STEP
        if moment < meant - 9 * DAY:
            return None
    closes = moment + STEP
    while may_be_reached(moment, zone, hours) and moment > closes - 2 * HOUR:
        moment -= STEP
    return moment if may_be_reached(moment, zone, hours) else moment + STEP


def _together(
    first: tuple[datetime, timedelta, str, datetime], second: tuple[datetime, timedelta, str, datetime]
) -> bool:
    gap, meant = second[0] - first[0], abs(second[3] - first[3])
    return gap <= timedelta() or gap < min(6 * HOUR, meant)
