"""Which time of the day is meant: "3" is three in the afternoon where the clinic is closed at three in the morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from languages.time_claims import Clock
from languages.wanted_times import Asked, NotRead, Trouble

HOURS = {
    "dawn": range(6),
    "morning": range(12),
    "noon": range(12, 13),
    "afternoon": range(12, 24),
    "evening": range(16, 24),
    "night": (*range(18, 24), *range(6)),
    "midnight": range(1),
}
"""The hours that people may mean beside the words of a part of the day: wider than when it begins and ends."""


def times_meant(clock: Clock, parts: Sequence[str], asked: Asked) -> tuple[time, ...]:
    """Every time that may be meant. Raises NotRead where there is none."""
    if clock.hour > 24 or (clock.hour == 24 and clock.minute) or clock.minute > 59:
        raise NotRead(Trouble.NO_SUCH_HOUR)
    hours = {clock.hour % 24} if not 1 <= clock.hour <= 12 else {clock.hour % 12, clock.hour % 12 + 12}
    hours = {hour for hour in hours if all(hour in HOURS[part] for part in parts)}
    if not hours:
        raise NotRead(Trouble.NO_SUCH_HOUR)
    found = sorted(time(hour, clock.minute) for hour in hours)
    if len(found) > 1 and asked.hours is not None:
        opens, closes = asked.hours
        found = [one for one in found if opens <= one <= closes] or found
    return tuple(found)


def shifted(at: time, minutes: int) -> time:
    """So many minutes before or after, within the same day."""
    moved = min(max(at.hour * 60 + at.minute + minutes, 0), 24 * 60 - 1)
    return time(*divmod(moved, 60))
