"""Who is it? A number finds candidates, never a person; a birth date tells one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_TRIES = 5
"""Wrong birth dates for one number, or one patient, in a day; then a person at the clinic helps."""


def match_birth_date(birth_date: Any, people: Sequence[Mapping[str, Any]]) -> int | str | None:
    """The id of the one candidate born that day, "several" where it fits more than one, or None."""
    iso = birth_date["iso"] if isinstance(birth_date, Mapping) else birth_date
    matches = {person["id"] for person in people if person["birth_date"] == iso}
    if len(matches) > 1:
        return "several"
    return matches.pop() if matches else None


def may_take_up(who: int | None, left: Mapping[str, Any] | None) -> bool:
    """May she go on with what was left? Only as the same person, where a person was confirmed there."""
    if not left or who is None:
        return False
    return left["vars"].get("who") in (None, who)
