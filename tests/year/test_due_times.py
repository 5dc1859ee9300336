"""The oracle's own reckoning, held to what a person works out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.year.due_times import Hours, plan

BOSTON, PHOENIX = "America/New_York", "America/Phoenix"
DEFAULT = ("7d", "3d", "1d", "2h")
TUESDAYS: Hours = (((1,), 9 * 60, 11 * 60),)


def of(start: str, zone: str = BOSTON, hours: Hours = (), since: str = "2026-01-01T12:00") -> list[str]:
    there = ZoneInfo(zone)
    moments = [datetime.fromisoformat(one).replace(tzinfo=there).astimezone(UTC) for one in (start, since)]
    found = plan(moments[0], zone, hours, DEFAULT, moments[1])
    return [f"{due.offset} {due.at.astimezone(there):%a %d %H:%M}" for due in found]


@pytest.mark.parametrize(
    ("start", "zone", "reminders"),
    [
        (
            "2026-03-10T14:30",
            BOSTON,
            ["7d Tue 03 14:30", "3d Sat 07 14:30", "1d Mon 09 14:30", "2h Tue 10 12:30"],
        ),
        (
            "2026-11-03T14:30",
            BOSTON,
            ["7d Tue 27 14:30", "3d Sat 31 14:30", "1d Mon 02 14:30", "2h Tue 03 12:30"],
        ),
        (
            "2026-03-10T14:30",
            PHOENIX,
            ["7d Tue 03 14:30", "3d Sat 07 14:30", "1d Mon 09 14:30", "2h Tue 10 12:30"],
        ),
        (
            "2026-12-10T07:30",
            BOSTON,
            ["7d Thu 03 08:00", "3d Mon 07 08:00", "1d Wed 09 08:00", "2h Wed 09 19:00"],
        ),
    ],
)
def test_by_the_wall_clock_and_never_at_night(start: str, zone: str, reminders: list[str]) -> None:
    assert of(start, zone) == reminders


def test_not_what_she_has_just_agreed_to() -> None:
    assert of("2026-12-10T14:30", since="2026-12-09T06:00") == ["2h Thu 10 12:30"]


def test_in_her_own_hours_those_that_fall_together_are_one() -> None:
    assert of("2026-12-11T14:30", hours=TUESDAYS) == ["7d Tue 08 09:00"] or of(
        "2026-12-11T14:30", hours=TUESDAYS
    ) == ["2h Tue 08 09:00"]
