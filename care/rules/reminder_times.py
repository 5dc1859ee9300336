"""When a visit is reminded of, and until when a reminder is worth sending: reminder_times.yaml has the figures.

By the patient's wall clock: seven days before 14:30 is 14:30 of that day, whatever the clocks did in between.
Nothing falls into the quiet hours or outside of her own hours, after the start, or right after she has booked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from care.rules.gate import EARLIEST, LATEST
from care.rules.safe_contact import SafeContact

OFFSET = re.compile(r"([1-9]\d{0,2})([dh])")
LONGEST = timedelta(days=60)
MOST_OFFSETS = 8
CHANNELS = {"text": ("text", "call"), "call": ("call", "text")}
"""What is wished first, and what stands in for it."""
LOOK = 8
"""Days in which her next hours are looked for: her windows come back every week."""


@dataclass(frozen=True)
class Offset:
    """How long before the start: `days` by the wall clock, or else `hours`."""

    days: int
    hours: int

    @property
    def word(self) -> str:
        return f"{self.days}d" if self.days else f"{self.hours}h"

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.days, hours=self.hours)


@dataclass(frozen=True)
class Due:
    """`at` is when it is due, `until` when it is no longer worth sending: both UTC, and before the start."""

    offset: str
    at: datetime
    until: datetime


@dataclass(frozen=True)
class Setting:
    """What a clinic, or a patient, wishes. No offsets: no reminders."""

    offsets: tuple[Offset, ...]
    channels: str


@dataclass(frozen=True)
class _Planned:
    offset: Offset
    meant: datetime
    at: datetime


def reminders_of(
    starts_at: datetime, timezone: str, since: datetime, offsets: Sequence[Offset], safe: SafeContact
) -> tuple[Due, ...]:
    """The reminders of a visit, in the order in which they are due.

    `timezone` is the patient's; `since` is when she booked, moved or confirmed it last.
    """
    zone = ZoneInfo(timezone)
    planned = [
        _plan(starts_at, zone, offset, safe) for offset in sorted(set(offsets), key=lambda one: one.word)
    ]
    wanted = [one for one in planned if one is not None and _is_news(one, since)]
    kept = _one_of_those_together(sorted(wanted, key=lambda one: one.at))
    last = starts_at.astimezone(UTC) - _minutes("least_minutes")
    return tuple(
        Due(one.offset.word, one.at, until)
        for place, one in enumerate(kept)
        if (
            until := min(one.at + _late(one.offset), last, *(next.at for next in kept[place + 1 : place + 2]))
        )
        > one.at
    )


def default() -> Setting:
    table = _table()
    return Setting(offsets_of(" ".join(table["offsets"])), table["channels"])


def offsets_of(written: str) -> tuple[Offset, ...]:
    """ "7d 3d 2h" as offsets. Raises ValueError, with a sentence, where it says something else."""
    words = written.replace(",", " ").split()
    if len(words) > MOST_OFFSETS:
        raise ValueError(f"at most {MOST_OFFSETS} reminders of one visit")
    return tuple(_offset(word) for word in words)


def written(offsets: Sequence[Offset]) -> str:
    return " ".join(offset.word for offset in offsets)


def is_near(starts_at: datetime, now: datetime) -> bool:
    """Is a visit so soon that somebody calls her where no reminder reached her?"""
    return starts_at - now <= timedelta(hours=_table()["near"])


def _offset(word: str) -> Offset:
    found = OFFSET.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is not a time before a visit: 7d is seven days, 2h two hours")
    many = int(found[1])
    offset = Offset(many, 0) if found[2] == "d" else Offset(0, many)
    if offset.length > LONGEST:
        raise ValueError(f"{word!r} is more than {LONGEST.days} days before a visit")
    return offset


def _plan(starts_at: datetime, zone: ZoneInfo, offset: Offset, safe: SafeContact) -> _Planned | None:
    meant = _before(starts_at, zone, offset)
    spans = list(_open_spans(meant, zone, safe))
    if not spans or any(begins <= meant < ends for begins, ends in spans):
        return _Planned(offset, meant, meant)  # without any hours of hers it is the gate that says so
    last = starts_at - _minutes("least_minutes")
    later = min((begins for begins, _ in spans if begins > meant), default=None)
    if later is not None and later < last:
        return _Planned(offset, meant, later)
    earlier = [span for span in spans if span[1] <= meant]
    if not earlier:
        return None
    begins, ends = max(earlier)
    return _Planned(offset, meant, max(begins, ends - _minutes("before_closing")))


def _before(starts_at: datetime, zone: ZoneInfo, offset: Offset) -> datetime:
    """A wall time that a clock change skips is the one to which the clock has gone on."""
    if offset.hours:
        return starts_at.astimezone(UTC) - timedelta(hours=offset.hours)
    local = starts_at.astimezone(zone)
    day = local.date() - timedelta(days=offset.days)
    return datetime.combine(day, local.time(), zone).replace(fold=local.fold).astimezone(UTC)


def _open_spans(about: datetime, zone: ZoneInfo, safe: SafeContact) -> Iterator[tuple[datetime, datetime]]:
    """The hours at which she may be reached, some days before and after a moment."""
    today = about.astimezone(zone).date()
    for ahead in range(-LOOK, LOOK + 1):
        day = today + timedelta(days=ahead)
        for begins, ends in _of_day(day, safe):
            yield (
                datetime.combine(day, begins, zone).astimezone(UTC),
                datetime.combine(day, ends, zone).astimezone(UTC),
            )


def _of_day(day: date, safe: SafeContact) -> Iterator[tuple[time, time]]:
    if not safe.windows:
        yield EARLIEST, LATEST
    for window in safe.windows:
        begins, ends = max(window.begins, EARLIEST), min(window.ends, LATEST)
        if day.weekday() in window.days and begins < ends:
            yield begins, ends


def _is_news(planned: _Planned, since: datetime) -> bool:
    """Not what she has only just agreed to."""
    by_days = timedelta(hours=_table()["quiet_after_booking"])
    return planned.at >= since + (by_days if planned.offset.days else _minutes("soon_after_booking"))


def _one_of_those_together(planned: Sequence[_Planned]) -> list[_Planned]:
    """Of two that were moved together the one that was meant for later stays."""
    together = timedelta(hours=_table()["together"])
    kept: list[_Planned] = []
    for one in planned:
        while kept and _fell_together(kept[-1], one, together):
            one = min(one, kept.pop(), key=lambda either: either.offset.length)
        kept.append(one)
    return kept


def _fell_together(first: _Planned, second: _Planned, together: timedelta) -> bool:
    gap = second.at - first.at
    return gap <= timedelta() or gap < min(together, abs(second.meant - first.meant))


def _late(offset: Offset) -> timedelta:
    late = _table()["late"]
    return min(offset.length * float(late["part"]), timedelta(hours=late["most"]))


def _minutes(name: str) -> timedelta:
    return timedelta(minutes=_table()[name])


@cache
def _table() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return read
