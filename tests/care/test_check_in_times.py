"""When a programme asks: every time once, whatever the clocks do and however the beat falls."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from care.rules.check_in_times import ANSWER_WITHIN, due_times

NEW_YORK = "America/New_York"


def utc(written: str) -> datetime:
    return datetime.fromisoformat(written + ":00+00:00")


def due(first: str, last: str, ask_at: list[str], zone: str, after: str, before: str) -> dict[str, str]:
    """Key → moment in UTC of all that is due from `after` up to `before`."""
    found = due_times(
        date.fromisoformat(first), date.fromisoformat(last), ask_at, zone, utc(after), utc(before)
    )
    return {key: f"{moment:%Y-%m-%dT%H:%M}" for key, moment in found}


@pytest.mark.parametrize(
    ("what", "ask_at", "day", "moments"),
    [
        ("an ordinary day", ["09:00", "19:00"], "2026-11-21", ["2026-11-21T14:00", "2026-11-22T00:00"]),
        ("the day before an hour is lost", ["09:00", "19:00"], "2026-03-07", ["2026-03-07T14:00", "2026-03-08T00:00"]),
        ("the day on which it is lost", ["09:00", "19:00"], "2026-03-08", ["2026-03-08T13:00", "2026-03-08T23:00"]),
        ("a time that is skipped, when the clock has gone on", ["02:30"], "2026-03-08", ["2026-03-08T07:30"]),
        ("the edges of the skipped hour", ["01:59", "02:00", "03:00"], "2026-03-08",
         ["2026-03-08T06:59", "2026-03-08T07:00", "2026-03-08T07:00"]),
        ("a time that comes twice, at the first", ["01:30"], "2026-11-01", ["2026-11-01T05:30"]),
        ("around the doubled hour", ["00:59", "01:00", "02:00"], "2026-11-01",
         ["2026-11-01T04:59", "2026-11-01T05:00", "2026-11-01T07:00"]),
        ("the day on which an hour is doubled", ["09:00", "19:00"], "2026-11-01",
         ["2026-11-01T14:00", "2026-11-02T00:00"]),
    ],
)  # fmt: skip
def test_a_day_in_boston(what: str, ask_at: list[str], day: str, moments: list[str]) -> None:
    found = due(day, day, ask_at, NEW_YORK, "2026-01-01T00:00", "2026-12-31T00:00")
    assert found == {f"{day}:{written}": moment for written, moment in zip(ask_at, moments, strict=True)}


@pytest.mark.parametrize(
    ("after", "before", "found"),
    [
        ("2026-11-21T14:00", "2026-11-21T14:01", 1),
        ("2026-11-21T13:59", "2026-11-21T14:00", 0),
        ("2026-11-21T14:01", "2026-11-21T14:30", 0),
        ("2026-11-19T00:00", "2026-11-20T23:00", 0),
        ("2026-11-23T05:00", "2026-11-30T00:00", 0),
        ("2026-11-21T00:00", "2026-11-23T05:00", 4),
    ],
)
def test_from_a_moment_up_to_another(after: str, before: str, found: int) -> None:
    assert len(due("2026-11-21", "2026-11-22", ["09:00", "19:00"], NEW_YORK, after, before)) == found


@pytest.mark.parametrize("zone", [NEW_YORK, "America/Phoenix", "Pacific/Auckland", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("change", ["2026-03-08", "2026-11-01", "2026-04-05", "2026-09-27"])
@pytest.mark.parametrize("minutes", [7, 60, 61])
def test_beats_of_any_length_find_each_time_exactly_once(zone: str, change: str, minutes: int) -> None:
    """Five days around a clock change, many times asked: none doubled, none lost."""
    first, last = (date.fromisoformat(change) + timedelta(days=days) for days in (-2, 2))
    ask_at = sorted(
        {f"{hour:02}:{minute:02}" for hour in range(0, 24, 3) for minute in (0, 30)} | {"01:30", "02:30"}
    )
    now, found = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1), Counter[str]()
    while now.date() <= last + timedelta(days=1):
        following = now + timedelta(minutes=minutes)
        found.update(key for key, _ in due_times(first, last, ask_at, zone, now, following))
        now = following
    assert set(found.values()) == {1}
    assert len(found) == 5 * len(ask_at)


@pytest.mark.parametrize("asked", ["01:30", "00:30"])
@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_an_answer_has_as_long_in_the_night_of_a_clock_change(asked: str, day: str) -> None:
    """Two hours are two hours: moments are in UTC, where nothing jumps."""
    ((_, moment),) = due_times(
        date.fromisoformat(day),
        date.fromisoformat(day),
        [asked],
        NEW_YORK,
        utc(f"{day}T00:00"),
        utc(f"{day}T23:00"),
    )
    assert (moment + ANSWER_WITHIN).timestamp() - moment.timestamp() == 7200


def test_a_beat_may_tell_the_time_in_the_patients_own_zone() -> None:
    zone = ZoneInfo(NEW_YORK)
    after, before = utc("2026-11-01T05:15").astimezone(zone), utc("2026-11-01T06:15").astimezone(zone)
    day = date(2026, 11, 1)
    assert [key for key, _ in due_times(day, day, ["01:30"], NEW_YORK, after, before)] == ["2026-11-01:01:30"]
    assert not list(due_times(day, day, ["01:30"], NEW_YORK, before, before + timedelta(hours=1)))
