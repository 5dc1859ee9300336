"""May two patients be one person? Only a person decides; the threshold stands in likeness.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from care.rules.name_words import words_of
from care.rules.record_numbers import bare


@dataclass(frozen=True)
class Likeness:
    """What is compared of a patient. Numbers (hers, and those of whoever speaks for her) only as equal or not."""

    name: str
    birth_date: str
    numbers: frozenset[str]
    record_number: str | None = None


def why_one(one: Likeness, other: Likeness) -> list[str]:
    """`record_number`, `name`, `number`: why the two may be one; nothing where they hardly are."""
    found = []
    if one.record_number and other.record_number and bare(one.record_number) == bare(other.record_number):
        found.append("record_number")
    if one.birth_date == other.birth_date:
        found += ["name"] * are_like(one.name, other.name) + ["number"] * bool(one.numbers & other.numbers)
    return found


def are_like(one: str, other: str) -> bool:
    """Accents, order and missing words aside, but for a letter or two."""
    first, second = (" ".join(words_of(name)) for name in (one, other))
    return fuzz.token_set_ratio(first, second) >= _threshold()


def is_same(one: Likeness, other: Likeness) -> bool:
    """Surely one person: the same name, birth date and number."""
    return (
        one.birth_date == other.birth_date
        and words_of(one.name) == words_of(other.name)
        and bool(one.numbers & other.numbers)
    )


@cache
def _threshold() -> float:
    return float(yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))["name"])
