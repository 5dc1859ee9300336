"""When the visits of a series are: the same wall time every week, or on the same weekday of every month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care.rules.working_hours import to_utc

MOST = 52
"""Visits of one series."""
WEEK = timedelta(days=7)


def starts_of_series(first: datetime, timezone: str, every: str, times: int) -> list[datetime]:
    """Moments in UTC, `first` (aware) among them. Raises ValueError where `every` is neither *week* nor *month*.

    A monthly visit stays on its weekday: on the third Tuesday of each month, a fifth one on the last.
    """
    if every not in ("week", "month") or not 1 <= times <= MOST:
        raise ValueError(every, times)
    zone = ZoneInfo(timezone)
    local = first.astimezone(zone).replace(tzinfo=None, fold=0)
    days = [
        local.date() + place * WEEK if every == "week" else _later(local.date(), place)
        for place in range(times)
    ]
    return [to_utc(datetime.combine(day, local.time()), zone) for day in days]


def _later(day: date, months: int) -> date:
    which = (day.day - 1) // 7
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7) + which * WEEK
    return found if found.month == first.month else found - WEEK
