"""What is past its time: the figures, their sources and reviewer stand in retention.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def limits() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written


def cutoff(kind: str, now: datetime) -> datetime:
    """What is older is past its time."""
    return now - timedelta(days=int(limits()[kind]["days"]))


def closed_before(now: datetime) -> datetime:
    """Nobody closed later is past her time, whatever her age."""
    return _birthday_moment(now, -int(limits()["patients"]["years"]))


def is_past(birth_date: str, closed_at: datetime, now: datetime) -> bool:
    """Is a closed patient's time over?"""
    if closed_at > closed_before(now):
        return False
    rules, born = limits()["patients"], date.fromisoformat(birth_date)
    was_minor = closed_at.date() < birthday(born, int(rules["of_age"]))
    return not was_minor or now.date() >= birthday(born, int(rules["minors_until"]))


def birthday(born: date, age: int) -> date:
    """Of a person born on 29 February, in other years: 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def _birthday_moment(moment: datetime, years: int) -> datetime:
    return datetime.combine(birthday(moment.date(), years), moment.timetz())
