"""Whom a time that became free is offered to, and until when it is theirs to take. Figures are in wait_list.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ONE_BY_ONE, ALL = "one_by_one", "all"


@dataclass(frozen=True)
class Freed:
    """A time of a clinician that a visit may begin at, `minutes` long at most, of one of these kinds."""

    clinician_id: int
    starts_at: datetime
    minutes: int
    visit_kinds: frozenset[str]
    timezone: str


@dataclass(frozen=True)
class Wish:
    """Somebody who waits. `visit_id` is the visit that she has and would move, at `visit_at`: only an earlier
    one helps her. `interpreter`: the language for which she and the clinician need one."""

    id: int
    patient_id: int
    clinician_id: int | None
    visit_kind: str
    minutes: int
    until_on: date
    since: datetime
    visit_id: int | None = None
    visit_at: datetime | None = None
    interpreter: str | None = None


def fits(freed: Freed, wish: Wish) -> bool:
    """Is this the time that she waits for? Whether the clinician may see her is another rule's (eligibility)."""
    day = freed.starts_at.astimezone(ZoneInfo(freed.timezone)).date()
    return (
        wish.minutes <= freed.minutes
        and wish.visit_kind in freed.visit_kinds
        and wish.clinician_id in (None, freed.clinician_id)
        and day <= wish.until_on
        and (wish.visit_at is None or freed.starts_at < wish.visit_at)
    )


def asked_now(
    freed: Freed, wishes: Sequence[Wish], asked: Collection[int], way: str, now: datetime
) -> list[Wish]:
    """Who is asked now: the one who waits longest, or all. `asked` are wishes to which it was offered before."""
    if answer_until(freed, now) is None:
        return []
    waiting = [wish for wish in wishes if wish.id not in asked and fits(freed, wish)]
    most = 1 if way == ONE_BY_ONE else int(_figures()["most_at_once"])
    return sorted(waiting, key=lambda wish: (wish.since, wish.id))[:most]


def answer_until(freed: Freed, now: datetime) -> datetime | None:
    """Until when an offer made now can be taken; None where the visit is too near to be offered."""
    left = freed.starts_at - now
    if left < timedelta(minutes=_figures()["notice_minutes"]):
        return None
    answer = timedelta(minutes=int(_figures()["answer_minutes"]))
    return now + min(answer, left * float(_figures()["share_of_time_left"]))


def last_day(today: date) -> date:
    """Until when somebody waits who named no day."""
    return today + timedelta(days=_figures()["wait_days"])


def follow_up_waits(told: int) -> timedelta | None:
    """How long she has, once told so many times, to book what a clinician asked for; None: a person looks now."""
    waits = _table()["follow_up"]["waits_days"]
    return timedelta(days=waits[told - 1]) if told <= len(waits) else None


def _figures() -> Mapping[str, Any]:
    figures: Mapping[str, Any] = _table()["wait_list"]
    return figures


@cache
def _table() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written
