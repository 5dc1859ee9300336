"""From a clinician's hours, extra hours and days off to the starts that can be offered. Figures: working_hours.yaml.

Hours are wall times of the zone in which she works; what comes out is UTC. A start that a clock change skips does not
exist, one that comes twice is the first of the two, and how long hours are is counted in real minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import yaml

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Span = tuple[datetime, datetime]
"""Wall times of one day, without a zone, half-open."""


class Hours(Protocol):
    """Every week on one weekday (0 is Monday); extra hours of one day are from and until that day."""

    weekday: int
    starts: str
    ends: str
    step_minutes: int
    visit_kinds: Sequence[str]
    place_id: int | None
    from_on: date
    until_on: date | None


class Off(Protocol):
    """Days without hours, or a part of each; of the whole clinic where no clinician is named."""

    clinician_id: int | None
    from_on: date
    until_on: date
    starts: str | None
    ends: str | None


@dataclass(frozen=True)
class Start:
    """A visit may begin at `starts_at` and goes on no longer than `ends_at`, both UTC."""

    starts_at: datetime
    ends_at: datetime
    place_id: int | None
    visit_kinds: frozenset[str]


@cache
def limits() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written


def starts(
    hours: Sequence[Hours], off: Sequence[Off], first_day: date, last_day: date, timezone: str
) -> list[Start]:
    """Every start from `first_day` to `last_day` (both included, local), in order, each moment once.

    Where hours overlap, the start from which a visit may be longer counts.
    """
    zone, found = ZoneInfo(timezone), dict[datetime, Start]()
    day = first_day
    while day <= last_day:
        of_day = [one for one in off if one.from_on <= day <= one.until_on]
        for row in hours:
            if _is_on(row, day):
                for start in _starts_of(row, day, _off_for(row, of_day), zone):
                    known = found.get(start.starts_at)
                    if known is None or known.ends_at < start.ends_at:
                        found[start.starts_at] = start
        day += DAY
    return [found[moment] for moment in sorted(found)]


def day_begins(day: date, timezone: str) -> datetime:
    """The first moment of a local day, in UTC."""
    return to_utc(datetime.combine(day, time()), ZoneInfo(timezone))


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment with this wall time; where the clock skips it, the moment at which the clock goes on."""
    while not _exists(wall, zone):
        wall += MINUTE
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _is_on(row: Hours, day: date) -> bool:
    return (
        row.weekday == day.weekday() and row.from_on <= day and (row.until_on is None or day <= row.until_on)
    )


def _off_for(row: Hours, of_day: Sequence[Off]) -> Sequence[Off]:
    """Extra hours of one day hold against a holiday of the clinic, never against a clinician's own day off."""
    if row.from_on == row.until_on:
        return [one for one in of_day if one.clinician_id is not None]
    return of_day


def _starts_of(row: Hours, day: date, off: Sequence[Off], zone: ZoneInfo) -> Iterator[Start]:
    whole = _wall(day, row.starts), _wall(day, row.ends)
    mark = limits()["mark_minutes"]
    step = _full(row.step_minutes, mark) * MINUTE
    first = whole[0].replace(minute=0) + _full(whole[0].minute, mark) * MINUTE
    kinds = frozenset(row.visit_kinds)
    changes = _offset(day, zone) != _offset(day + DAY, zone)
    for begins, ends in _without(whole, [_span(one, day) for one in off]):
        until = to_utc(ends, zone)
        wall = first
        while wall < ends:
            if wall >= begins and (not changes or _exists(wall, zone)):
                moment = wall.replace(tzinfo=zone).astimezone(UTC)
                if moment < until:
                    yield Start(moment, until, row.place_id, kinds)
            wall += step


def _without(whole: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """What is left of a span."""
    begins, ends = whole
    for off_begins, off_ends in sorted(taken):
        if off_begins >= ends or off_ends <= begins:
            continue
        if off_begins > begins:
            yield begins, off_begins
        begins = off_ends
    if begins < ends:
        yield begins, ends


def _span(off: Off, day: date) -> Span:
    midnight = datetime.combine(day, time())
    begins = _wall(day, off.starts) if off.starts else midnight
    return begins, _wall(day, off.ends) if off.ends else midnight + DAY


def _wall(day: date, written: str) -> datetime:
    """`24:00` is the end of the day."""
    if written == "24:00":
        return datetime.combine(day, time()) + DAY
    return datetime.combine(day, time.fromisoformat(written))


def _full(minutes: int, mark: int) -> int:
    return max(-(-minutes // mark) * mark, 0)


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(), zone).utcoffset()


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    there = wall.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
