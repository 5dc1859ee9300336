"""How serious is a blood pressure? The levels are data with their source, in blood_pressure.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LEVELS = Path(__file__).with_suffix(".yaml")


@cache
def levels() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(LEVELS.read_text("utf-8"))
    return written


def level(reading: Mapping[str, int], limits: Mapping[str, Mapping[str, int]]) -> str:
    """`severe`, `high`, `low` or `normal` for systolic and diastolic mmHg; the worse of the two counts."""
    for name in ("severe", "high"):
        if any(reading[part] >= limit for part, limit in limits[name].items()):
            return name
    if any(reading[part] < limit for part, limit in limits["low"].items()):
        return "low"
    return "normal"


def level_for(reading: Mapping[str, int], who: int | None, people: Sequence[Mapping[str, Any]]) -> str:
    """The level for the person confirmed as `who`, by her programme and her own limits.

    Where nobody is confirmed, the limits of everyone at that number count, and the worst level is it.
    """
    meant = [person for person in people if who is None or person["id"] == who]
    found = [level(reading, limits_of(person)) for person in meant] + [level(reading, _programme(None))] * (
        not meant
    )
    return min(found, key=("severe", "high", "low", "normal").index)


def limits_of(person: Mapping[str, Any]) -> Mapping[str, Mapping[str, int]]:
    """Her programme's limits, with her own in place of those that she has."""
    own = person.get("limits") or {}
    return {
        name: {**limit, **own.get(name, {})} for name, limit in _programme(person.get("programme")).items()
    }


def _programme(name: str | None) -> Mapping[str, Mapping[str, int]]:
    written = levels()
    known = name if name and name in written and name != "unknown" else str(written["unknown"])
    return {part: written[known][part] for part in ("severe", "high", "low")}
