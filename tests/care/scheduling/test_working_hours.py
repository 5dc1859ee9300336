"""From hours and days off to starts, on ordinary days and on those on which the clock changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.rules.working_hours import limits, starts
from records.scheduling import UNIT_MINUTES

BOSTON = "America/New_York"
MONDAY = date(2026, 11, 23)
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)
"""Sundays on which clocks there change at two in the morning."""


@dataclass(frozen=True)
class Hours:
    starts: str
    ends: str
    weekday: int = 0
    step_minutes: int = 60
    visit_kinds: list[str] = field(default_factory=lambda: ["audio"])
    place_id: int | None = None
    from_on: date = date(2026, 1, 1)
    until_on: date | None = None


@dataclass(frozen=True)
class Off:
    from_on: date
    until_on: date
    starts: str | None = None
    ends: str | None = None
    clinician_id: int | None = 1


NINE = Hours("09:00", "12:00")
EXTRA = Hours("15:00", "17:00", from_on=MONDAY, until_on=MONDAY)
HOLIDAY = Off(MONDAY, MONDAY, clinician_id=None)


def _wall(hours: list[Hours], off: list[Off], first: date, last: date | None = None) -> list[str]:
    """Starts by the clock of Boston, each with the real minutes until these hours end."""
    zone = ZoneInfo(BOSTON)
    return [
        f"{one.starts_at.astimezone(zone):%d %H:%M} {(one.ends_at - one.starts_at) // timedelta(minutes=1)}"
        for one in starts(hours, off, first, last or first, BOSTON)
    ]


@pytest.mark.parametrize(
    ("hours", "off", "found"),
    [
        ([NINE], [], ["23 09:00 180", "23 10:00 120", "23 11:00 60"]),
        ([NINE, EXTRA], [], ["23 09:00 180", "23 10:00 120", "23 11:00 60", "23 15:00 120", "23 16:00 60"]),
        ([Hours("09:00", "12:00", weekday=1)], [], []),
        ([Hours("09:00", "12:00", from_on=date(2026, 11, 24))], [], []),
        ([Hours("09:00", "12:00", until_on=date(2026, 11, 22))], [], []),
        ([Hours("09:02", "10:00", step_minutes=17)], [], ["23 09:05 55", "23 09:25 35", "23 09:45 15"]),
        ([Hours("22:00", "24:00")], [], ["23 22:00 120", "23 23:00 60"]),
        # Where hours overlap, the start from which a visit may be longer.
        ([NINE, Hours("11:00", "14:00")], [], [
            "23 09:00 180", "23 10:00 120", "23 11:00 180", "23 12:00 120", "23 13:00 60",
        ]),
        # A clinic's holiday; extra hours of that day hold against it, and not against her own day off.
        ([NINE, EXTRA], [HOLIDAY], ["23 15:00 120", "23 16:00 60"]),
        ([NINE, EXTRA], [Off(MONDAY, MONDAY)], []),
        ([NINE], [Off(date(2026, 11, 20), date(2026, 11, 30))], []),
        ([NINE], [Off(date(2026, 11, 20), date(2026, 11, 22))], ["23 09:00 180", "23 10:00 120", "23 11:00 60"]),
        # A part of a day: nothing goes on into it, and nothing begins in it. Half-open at both ends.
        ([NINE], [Off(MONDAY, MONDAY, "10:30", "11:00")], ["23 09:00 90", "23 10:00 30", "23 11:00 60"]),
        ([NINE], [Off(MONDAY, MONDAY, "10:00", "10:30")], ["23 09:00 60", "23 11:00 60"]),
        ([NINE], [Off(MONDAY, MONDAY, "08:00", "09:00")], ["23 09:00 180", "23 10:00 120", "23 11:00 60"]),
        ([NINE], [Off(MONDAY, MONDAY, "08:00", "10:00"), Off(MONDAY, MONDAY, "09:00", "09:30")], [
            "23 10:00 120", "23 11:00 60",
        ]),
        ([NINE], [Off(MONDAY, MONDAY, "11:00", None)], ["23 09:00 120", "23 10:00 60"]),
    ],
)  # fmt: skip
def test_hours_without_what_is_off(hours: list[Hours], off: list[Off], found: list[str]) -> None:
    assert _wall(hours, off, MONDAY) == found


@pytest.mark.parametrize(
    ("day", "begins", "ends", "found"),
    [
        # Spring: from 02:00 to 03:00 there is no time.
        (SPRING, "00:00", "05:00", ["00:00 240", "01:00 180", "03:00 120", "04:00 60"]),
        (SPRING, "02:00", "04:00", ["03:00 60"]),
        (SPRING, "02:00", "03:00", []),
        (SPRING, "00:30", "02:30", ["00:30 90", "01:30 30"]),
        (SPRING, "09:00", "11:00", ["09:00 120", "10:00 60"]),
        # Autumn: from 01:00 to 02:00 comes twice, and a start is the first of the two.
        (AUTUMN, "00:00", "03:00", ["00:00 240", "01:00 180", "02:00 60"]),
        (AUTUMN, "01:00", "02:00", ["01:00 120"]),
        (AUTUMN, "00:00", "01:00", ["00:00 60"]),
        (AUTUMN, "09:00", "11:00", ["09:00 120", "10:00 60"]),
    ],
)
def test_the_days_on_which_the_clock_changes(day: date, begins: str, ends: str, found: list[str]) -> None:
    hours = [Hours(begins, ends, weekday=6)]
    assert _wall(hours, [], day) == [f"{day:%d} {one}" for one in found]


def test_hours_are_of_the_zone_in_which_she_works() -> None:
    (first, *_) = starts([NINE], [], MONDAY, MONDAY, "America/Los_Angeles")
    assert first.starts_at == datetime(2026, 11, 23, 17, tzinfo=UTC)


def test_a_visit_begins_on_a_full_unit() -> None:
    assert limits()["mark_minutes"] == UNIT_MINUTES


TIMES = st.integers(0, 287).map(lambda five: f"{five // 12:02}:{five % 12 * 5:02}")


@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    zone=st.sampled_from(
        [BOSTON, "America/Phoenix", "Pacific/Auckland", "Australia/Lord_Howe", "America/St_Johns"]
    ),
    span=st.tuples(TIMES, TIMES).map(sorted),
    step=st.sampled_from([5, 10, 15, 20, 30, 60]),
)
def test_on_any_day_anywhere(day: date, zone: str, span: list[str], step: int) -> None:
    hours = Hours(span[0], span[1], weekday=day.weekday(), step_minutes=step)
    found = starts([hours], [], day, day, zone)
    walls = [one.starts_at.astimezone(ZoneInfo(zone)) for one in found]
    moments = [one.starts_at for one in found]
    assert moments == sorted(set(moments))
    assert all(one.starts_at < one.ends_at for one in found)
    assert all(
        span[0] <= f"{wall:%H:%M}" < span[1] and wall.date() == day and not wall.fold for wall in walls
    )
    assert all(moment.timestamp() % 300 == 0 for moment in moments)
