"""What staff choose from in forms: choices.yaml, and words of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml
from babel import Locale
from babel.dates import get_timezone as zone_of
from babel.dates import get_timezone_name

import care.rules

CHOICES = Path(__file__).with_suffix(".yaml")
TOPICS = Path(care.rules.__file__).with_name("topics.yaml")
ENGLISH = Locale("en", "US")


@cache
def _choices() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(CHOICES.read_text("utf-8"))
    return written


def timezones(now_kept: str = "") -> Mapping[str, str]:
    """Eastern Time (New York), by the zone's name; with the one that is kept now, wherever it is."""
    zones: list[str] = [*_choices()["timezones"]]
    if now_kept in available_timezones():
        zones.append(now_kept)
    return {zone: _zone_in_words(zone) for zone in dict.fromkeys(zones)}


def states() -> Mapping[str, str]:
    known: Mapping[str, str] = _choices()["states"]
    return known


@cache
def topics() -> Mapping[str, str]:
    """What may be written and spoken of, in words, by topic."""
    written: Mapping[str, Any] = yaml.safe_load(TOPICS.read_text("utf-8"))
    return {topic: str(row["name"]) for topic, row in written.items()}


def spoken(tags: Iterable[str]) -> Mapping[str, str]:
    """The languages that Careline speaks, by tag, in the order of their English names."""
    names = {tag: ENGLISH.languages.get(tag.replace("-", "_"), tag) for tag in tags}
    return dict(sorted(names.items(), key=lambda pair: pair[1]))


def every_language() -> Sequence[str]:
    """English names, for fields that take any language."""
    return sorted({name for code, name in ENGLISH.languages.items() if "_" not in code})


def _zone_in_words(zone: str) -> str:
    name = get_timezone_name(zone_of(zone), locale=ENGLISH)
    return f"{name} ({zone.rpartition('/')[2].replace('_', ' ')})"
