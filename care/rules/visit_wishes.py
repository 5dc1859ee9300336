"""What somebody wants of a visit, as flows keep it: from a text or an answer, and parts of what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from care.rules.working_hours import limits
from dialogue.answers import kinds
from dialogue.said import Said, Understood
from languages import Language

Wish = Mapping[str, Any]
"""As the answer kind `visit_time` gives it: days, times of day, and how sure they are."""
PARTS = {"morning": ("00:00", "11:59"), "afternoon": ("12:00", "23:59")}


def as_soon_as_possible(today: str) -> Wish:
    """Any day from `today` (ISO 8601) for which starts are made."""
    first = date.fromisoformat(today)
    last = first + timedelta(days=int(limits()["days_ahead"]))
    nothing_said = {"earliest": None, "latest": None, "at": None, "part": ""}
    days = {"first": first.isoformat(), "last": last.isoformat()}
    how = {"soonest": True, "any_day": True, "exact_day": False, "exact_hour": False}
    return {"kind": "wanted_time", **days, **nothing_said, **how}


def between_days(wanted: Mapping[str, Any]) -> Wish:
    """The days between which a clinician wants to see her, at any time."""
    return {**as_soon_as_possible(wanted["first"]), "last": wanted["last"], "soonest": False}


def in_part_of_day(wish: Wish, part: str) -> Wish:
    """The same days, in the morning or the afternoon; any other word leaves the wish as it is."""
    if part not in PARTS:
        return wish
    earliest, latest = PARTS[part]
    return {**wish, "part": part, "earliest": earliest, "latest": latest, "at": None}


def wish_in_text(words: str | None, today: str, hours: Any, language: Language) -> Wish | None:
    """When somebody wants to come, where the text says so by itself; None where it does not, or could mean two."""
    if not words:
        return None
    options = {"today": today, "days_ahead": limits()["days_ahead"], **({"hours": hours} if hours else {})}
    result = kinds()["visit_time"].read(Said(text=words), language, options)
    return result.value if isinstance(result, Understood) else None


def how_many(found: Sequence[Any] | None) -> str | None:
    """*one*, *several*, or nothing, which flows read as *none*."""
    if not found:
        return None
    return "one" if len(found) == 1 else "several"


def first_of(found: Sequence[Any] | None) -> Any:
    return found[0] if found else None


def last_start(found: Sequence[Mapping[str, Any]] | None) -> str | None:
    """When the last of some times begins: the next page comes after it."""
    return str(found[-1]["at"]) if found else None


def part_of(whole: Mapping[str, Any] | None, part: str) -> Any:
    """One part of what was found, such as with whom a visit is."""
    return whole.get(part) if whole else None
