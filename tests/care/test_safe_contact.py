"""Rules for safe contact: what may stand in them, and when a window opens, through changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.rules.safe_contact import DAYS, NO_RULES, UNREADABLE, opens, problems, read

ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ({}, 0),
        ({"number": "+16175550101", "name": "Ana", "never_text": True, "no_voicemail": True}, 0),
        (
            {
                "windows": [
                    {"days": ["mon"], "from": "09:00", "until": "15:00"},
                    {"from": "17:00", "until": "18:00"},
                ]
            },
            0,
        ),
        ({"never_text": "yes"}, 1),
        ({"names": "Ana"}, 1),
        ({"name": "A" * 41}, 1),
        ({"name": "{clinic_number}"}, 1),
        ({"windows": [{"from": "15:00", "until": "09:00"}]}, 1),
        ({"windows": [{"days": ["noday"], "from": "09:00", "until": "15:00"}]}, 1),
        ({"windows": [{"from": "9", "until": "15:00"}]}, 1),
        ({"windows": ["mornings"]}, 1),
        ("always", 1),
    ],
)
def test_what_may_stand_in_them(written: Any, wrong: int) -> None:
    assert len(problems(written)) == wrong
    assert (read(written) == UNREADABLE) is bool(wrong)


def test_no_rules_are_no_rules() -> None:
    assert read(None) == read({}) == NO_RULES
    assert opens(NO_RULES, ZONE, datetime.fromisoformat("2026-11-21T17:00+00:00")) is None


@given(
    st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
    st.integers(0, 22),
    st.integers(0, 366 * 24 * 60),
)
def test_when_it_opens_it_is_open_and_just_before_it_is_not(days: list[str], hour: int, minutes: int) -> None:
    rules = read({"windows": [{"days": days, "from": f"{hour:02d}:00", "until": f"{hour + 1:02d}:00"}]})
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opening = opens(rules, ZONE, now)
    if opening is not None:
        assert now < opening <= now + timedelta(days=8)
        if opening.utcoffset() == (opening - timedelta(minutes=1)).utcoffset() and hour != 2:
            assert opens(rules, ZONE, opening) is None
