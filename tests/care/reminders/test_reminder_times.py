"""When a visit is reminded of: by the wall clock, within the hours at which she may be reached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.rules import safe_contact
from care.rules.gate import end_of_quiet
from care.rules.reminder_times import default, offsets_of, reminders_of
from care.rules.safe_contact import NO_RULES

BOSTON = "America/New_York"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = [BOSTON, "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns"]
MORNINGS = [{"days": ["tue", "thu"], "from": "09:00", "until": "11:30"}]


def at(local: str, zone: str = BOSTON) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def of(start: str, since: datetime = LONG_AGO, offsets: str = "7d 3d 1d 2h", **rules: object) -> list[str]:
    safe = safe_contact.read(rules)
    found = reminders_of(at(start), BOSTON, since, offsets_of(offsets), safe)
    return [f"{one.offset} {one.at.astimezone(ZoneInfo(BOSTON)):%a %d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("what", "start", "reminders"),
    [
        (
            "afternoon",
            "2026-12-10T14:30",
            "7d Thu 03 14:30, 3d Mon 07 14:30, 1d Wed 09 14:30, 2h Thu 10 12:30",
        ),
        (
            "clocks on",
            "2026-03-10T14:30",
            "7d Tue 03 14:30, 3d Sat 07 14:30, 1d Mon 09 14:30, 2h Tue 10 12:30",
        ),
        (
            "clocks back",
            "2026-11-03T14:30",
            "7d Tue 27 14:30, 3d Sat 31 14:30, 1d Mon 02 14:30, 2h Tue 03 12:30",
        ),
        (
            "one hour is enough",
            "2026-12-10T09:00",
            "7d Thu 03 09:00, 3d Mon 07 09:00, 1d Wed 09 09:00, 2h Thu 10 08:00",
        ),
        (
            "evening before",
            "2026-12-10T08:00",
            "7d Thu 03 08:00, 3d Mon 07 08:00, 1d Wed 09 08:00, 2h Wed 09 19:00",
        ),
        (
            "half past seven",
            "2026-12-10T07:30",
            "7d Thu 03 08:00, 3d Mon 07 08:00, 1d Wed 09 08:00, 2h Wed 09 19:00",
        ),
        (
            "eleven at night",
            "2026-12-10T23:00",
            "7d Fri 04 08:00, 3d Tue 08 08:00, 1d Thu 10 08:00, 2h Thu 10 19:00",
        ),
    ],
)
def test_by_default(what: str, start: str, reminders: str) -> None:
    assert ", ".join(of(start)) == reminders


@pytest.mark.parametrize(
    ("what", "since", "reminders"),
    [
        ("weeks ago", "2026-11-01T09:00", ["7d", "3d", "1d", "2h"]),
        ("five days before", "2026-12-05T10:00", ["3d", "1d", "2h"]),
        ("in the evening, and the day before would be the next morning", "2026-12-09T06:00", ["2h"]),
        ("on the day", "2026-12-10T09:00", ["2h"]),
        ("two hours before", "2026-12-10T12:10", []),
        ("right before", "2026-12-10T14:00", []),
    ],
)
def test_nobody_is_reminded_of_what_she_has_just_agreed_to(
    what: str, since: str, reminders: list[str]
) -> None:
    assert [one.split()[0] for one in of("2026-12-10T14:30", at(since))] == reminders


def test_in_her_own_hours() -> None:
    """She may be reached on Tuesdays and Thursdays before noon; the visit is on a Monday."""
    assert of("2026-12-14T14:30", windows=MORNINGS) == ["7d Tue 08 09:00", "2h Thu 10 09:30"], (
        "three of them would fall on Thursday"
    )


def test_two_that_fall_together_become_one() -> None:
    assert of("2026-12-10T14:30", offsets="3d 1d", windows=[{"days": ["tue"], "from": "10:00", "until": "12:00"}]) == [
        "1d Tue 08 10:00"
    ]  # fmt: skip
    assert of("2026-12-10T14:30", offsets="4h 2h 1h") == [
        "4h Thu 10 10:30",
        "2h Thu 10 12:30",
        "1h Thu 10 13:30",
    ]


def test_what_was_meant_at_the_same_time_is_one() -> None:
    assert len(of("2026-12-10T14:30", offsets="1d 24h")) == 1


def test_no_offsets_no_reminders() -> None:
    assert of("2026-12-10T14:30", offsets="") == []


@pytest.mark.parametrize(
    "written", ["7", "d", "0d", "-1d", "61d", "2m", "7d;2h", "1d 2d 3d 4d 5d 6d 7d 8d 9d"]
)
def test_what_is_no_offset_is_said(written: str) -> None:
    with pytest.raises(ValueError, match=r"before a visit|at most"):
        offsets_of(written)


def test_late_ones_are_worth_sending_for_a_while() -> None:
    found = reminders_of(at("2026-12-10T14:30"), BOSTON, LONG_AGO, default().offsets, NO_RULES)
    assert [one.until - one.at for one in found] == [timedelta(hours=hours) for hours in (24, 24, 12, 1)]


windows = st.lists(
    st.tuples(
        st.lists(st.sampled_from(safe_contact.DAYS), max_size=3, unique=True),
        st.integers(0, 22),
        st.integers(1, 8),
    ).map(
        lambda one: {
            "days": one[0],
            "from": f"{one[1]:02d}:15",
            "until": f"{min(one[1] + one[2], 23):02d}:45",
        }
    ),
    max_size=3,
)
starts = st.integers(0, 60 * 24 * 270).map(
    lambda minutes: datetime(2026, 2, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
several = st.lists(
    st.sampled_from(["30d", "7d", "5d", "3d", "2d", "1d", "48h", "24h", "6h", "4h", "2h", "1h"]),
    max_size=6,
    unique=True,
)


@given(starts, st.sampled_from(ZONES), several, windows, st.integers(0, 60 * 24 * 20))
def test_whatever_is_set(
    start: datetime, zone: str, offsets: list[str], windows: list[dict[str, object]], before: int
) -> None:
    safe = safe_contact.read({"windows": windows})
    since = start - timedelta(minutes=before)
    found = reminders_of(start, zone, since, offsets_of(" ".join(offsets)), safe)
    possible = any(str(one["until"]) > "08:00" and str(one["from"]) < "21:00" for one in windows)
    for one in found:
        assert since <= one.at < one.until < start
        assert one.offset in offsets
        if not windows or possible:
            assert end_of_quiet(one.at, zone) is None
            assert safe_contact.opens(safe, zone, one.at) is None
    for first, second in pairwise(found):
        assert first.at < first.until <= second.at
    assert len({one.offset for one in found}) == len(found)
