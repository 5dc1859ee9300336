"""Saying when a visit is, and when somebody wants one: "Tuesday, March 2 at 2:30 PM", "in the morning"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name

from languages.calendar import coming_day, spoken_time, written_time
from languages.language import Language
from languages.time_words import SAID

Channel = Literal["voice", "text"]


def visit_time(value: Mapping[str, Any], language: Language, channel: Channel) -> str:
    """`{"kind": "visit_time", "at": "2027-03-02T19:30:00+00:00", "zone": "America/New_York"}` by the wall clock
    of its zone; with the zone's name where `names_zone` is true."""
    at = datetime.fromisoformat(value["at"])
    if at.tzinfo is None:
        raise ValueError("a visit's time has no zone")
    local = at.astimezone(ZoneInfo(value["zone"]))
    clock = _clock(local.time(), language, channel)
    if value.get("names_zone"):
        clock = _said("zone", language).format(time=clock, zone=zone_name(local, value["zone"], language))
    return _said("at", language).format(day=coming_day(local.date(), language), time=clock)


def zone_name(local: datetime, zone: str, language: Language) -> str:
    """The name of the zone at that moment: "Eastern Standard Time", which tells apart an hour that comes twice."""
    if language.calendar is None:
        return get_timezone_name(local, width="long", locale=language.locale)
    return language.times.zones.get(zone) or zone.rpartition("/")[2].replace("_", " ")


def wanted_time(value: Mapping[str, Any], language: Language, channel: Channel) -> str:
    """A time that somebody asked for, as the answer kind `visit_time` gives it."""
    day = _wanted_day(value, language)
    at, earliest, latest = (_time(value.get(name)) for name in ("at", "earliest", "latest"))
    if at is not None:
        return _said("at", language).format(day=day, time=_clock(at, language, channel))
    if value.get("part"):
        return _said("part", language).format(day=day, part=_said(value["part"], language))
    said = {
        name: _clock(one, language, channel) for name, one in (("first", earliest), ("last", latest)) if one
    }
    if len(said) == 2:
        return _said("between", language).format(day=day, **said)
    if said:
        name, clock = next(iter(said.items()))
        return _said("after" if name == "first" else "before", language).format(day=day, time=clock)
    if value.get("any_day") and not value.get("soonest"):
        return _said("any", language)
    return day


def _wanted_day(value: Mapping[str, Any], language: Language) -> str:
    if value.get("any_day"):
        return _said("soonest" if value.get("soonest") else "any_day", language)
    first, last = date.fromisoformat(value["first"]), date.fromisoformat(value["last"])
    if first == last:
        return coming_day(first, language)
    days = {"first": coming_day(first, language), "last": coming_day(last, language)}
    return _said("range", language).format(**days)


def _time(iso: str | None) -> time | None:
    return time.fromisoformat(iso) if iso else None


def _clock(clock: time, language: Language, channel: Channel) -> str:
    """ "2:30 PM", with its article where the language has one ("las 2:30 p.m.", "la 1:30 p.m.")."""
    said = written_time(clock, language) if channel == "text" else spoken_time(clock, language)
    template = _said("clock_one" if clock.hour % 12 == 1 else "clock", language) or _said("clock", language)
    return template.format(time=said)


def _said(name: str, language: Language) -> str:
    return language.times.said.get(name, SAID[name])
