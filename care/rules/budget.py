"""A clinic's budget for a month: when it warns, when it holds what is not clinical, and until when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

EAST, WEST = timedelta(hours=14), timedelta(hours=-12)
"""The ends of the world's clocks, from UTC."""


@cache
def rules() -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written


def month_of(moment: datetime, zone: str) -> date:
    """The month in which a moment falls at a clinic, by its first day."""
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)


def months_now(moment: datetime) -> tuple[date, date]:
    """The months, or the one, in which it is this moment somewhere on earth."""
    return (moment + WEST).date().replace(day=1), (moment + EAST).date().replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def end_of_month(moment: datetime, zone: str) -> datetime:
    """When the next month begins at a clinic."""
    return datetime.combine(next_month(month_of(moment, zone)), time(), ZoneInfo(zone))


def is_spent(budget: int | None, spent: int) -> bool:
    """Both in micro-dollars; without a budget it never is."""
    return budget is not None and spent >= budget


def is_time_to_warn(budget: int | None, spent: int) -> bool:
    return budget is not None and spent * 100 >= budget * rules()["warns_at_percent"]


def look_again(budget: int | None, spent: int, now: datetime, zone: str) -> datetime | None:
    """When what the budget holds now is looked at again; None where it holds nothing.

    Soon, and not only at the month's end: staff may raise it before.
    """
    if not is_spent(budget, spent):
        return None
    return min(now + timedelta(minutes=rules()["look_again_minutes"]), end_of_month(now, zone))
