"""Whom a freed time is offered to: whoever waits longest and whom it fits, or everyone at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from care.rules.wait_list import ALL, ONE_BY_ONE, Freed, Wish, answer_until, asked_now, fits

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
FREED = Freed(3, NOW + timedelta(days=2), 30, frozenset({"audio", "in_person"}), "America/New_York")
WISH = Wish(1, 11, None, "audio", 20, date(2026, 4, 1), NOW - timedelta(days=5))


@pytest.mark.parametrize(
    ("differs", "does"),
    [
        ({}, True),
        ({"minutes": 30}, True),
        ({"minutes": 45}, False),
        ({"visit_kind": "video"}, False),
        ({"clinician_id": 3}, True),
        ({"clinician_id": 4}, False),
        ({"until_on": date(2026, 3, 4)}, True),
        ({"until_on": date(2026, 3, 3)}, False),
        ({"visit_at": FREED.starts_at + timedelta(days=1)}, True),
        ({"visit_at": FREED.starts_at}, False),
    ],
)
def test_a_time_fits_a_wish(differs: dict[str, object], does: bool) -> None:
    assert fits(FREED, replace(WISH, **differs)) is does  # type: ignore[arg-type]


def test_the_day_is_that_of_the_place() -> None:
    late = replace(FREED, starts_at=datetime(2026, 3, 5, 2, 0, tzinfo=UTC))  # the evening before, in Boston
    assert fits(late, replace(WISH, until_on=date(2026, 3, 4)))


def test_one_by_one_the_longest_waiting_is_asked_and_then_the_next() -> None:
    wishes = [replace(WISH, id=n, since=NOW - timedelta(days=n)) for n in (1, 2, 3)]
    assert [wish.id for wish in asked_now(FREED, wishes, (), ONE_BY_ONE, NOW)] == [3]
    assert [wish.id for wish in asked_now(FREED, wishes, (3,), ONE_BY_ONE, NOW)] == [2]
    assert [wish.id for wish in asked_now(FREED, wishes, (), ALL, NOW)] == [3, 2, 1]
    assert asked_now(FREED, wishes, (1, 2, 3), ALL, NOW) == []


@pytest.mark.parametrize(
    ("hours", "minutes"), [(48, 120), (8, 120), (6, 90), (4, 60), (2.9, None), (-1, None)]
)
def test_an_offer_is_shorter_where_the_visit_is_near(hours: float, minutes: int | None) -> None:
    near = replace(FREED, starts_at=NOW + timedelta(hours=hours))
    until = answer_until(near, NOW)
    assert until == (None if minutes is None else NOW + timedelta(minutes=minutes))


@given(
    some.lists(some.tuples(some.integers(1, 60), some.integers(0, 20)), max_size=12), some.integers(-5, 99)
)
def test_nobody_is_asked_twice_or_too_late(wishes: list[tuple[int, int]], hours: int) -> None:
    freed = replace(FREED, starts_at=NOW + timedelta(hours=hours))
    waiting = [
        replace(WISH, id=n, minutes=minutes, since=NOW - timedelta(days=days))
        for n, (minutes, days) in enumerate(wishes)
    ]
    asked: list[int] = []
    while found := asked_now(freed, waiting, asked, ONE_BY_ONE, NOW):
        asked += [wish.id for wish in found]
        until = answer_until(freed, NOW)
        assert until is not None and NOW < until < freed.starts_at
    assert len(set(asked)) == len(asked)
    assert not asked or hours >= 3
    assert set(asked) == ({wish.id for wish in waiting if wish.minutes <= 30} if hours >= 3 else set())
