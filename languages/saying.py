"""Saying a value as people say it: "120 over 80" in the ear, "120/80" on a screen.

A value is a number, a string, or a mapping with a `"kind"`; each kind has its function below. Text on a
screen keeps to ordinary spaces: CLDR's narrow ones would turn a whole text message into UCS-2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from string import Formatter
from typing import Any, Literal

import phonenumbers
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import UnknownUnitError, format_unit

from languages.calendar import birth_day, coming_day, spoken_time, written_time
from languages.language import Language
from languages.saying_times import Channel, visit_time, wanted_time

Value = Any
"""A JSON value as an answer kind made it, or a number, date or time of our own."""

UNITS = {
    "lb": "mass-pound",
    "kg": "mass-kilogram",
    "mg/dL": "concentr-milligram-ofglucose-per-deciliter",
    "mmol/L": "concentr-millimole-per-liter",
    "mmHg": "pressure-millimeter-ofhg",
    "°F": "temperature-fahrenheit",
    "°C": "temperature-celsius",
    "%": "concentr-percent",
    "minute": "duration-minute",
    "hour": "duration-hour",
    "day": "duration-day",
}
"""How flows write a unit → CLDR's name for it."""


class SayingError(ValueError):
    """A template or a value cannot be said; the message names the placeholder or the kind, not the value."""


def fill(template: str, values: Mapping[str, Value], language: Language, channel: Channel) -> str:
    """`template` with each `{name}` said in `language`; `{{` and `}}` stand for braces.

    Raises SayingError for a name that `values` lacks, or anything but a plain name in braces.
    """
    said = []
    for literal, name in _parts(template):
        said.append(literal)
        if name is not None:
            if name not in values:
                raise SayingError(f"nothing fills {{{name}}} in {template!r}")
            said.append(say(values[name], language, channel))
    return "".join(said)


@lru_cache(maxsize=4096)
def placeholders(template: str) -> frozenset[str]:
    """The names in `template`. Raises SayingError where it is not a template."""
    return frozenset(name for _, name in _parts(template) if name is not None)


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    try:
        fields = list(Formatter().parse(template))
    except ValueError as error:
        raise SayingError(f"{error} in {template!r}") from error
    for _, name, spec, conversion in fields:
        if name is not None and (not name.isidentifier() or spec or conversion):
            raise SayingError(f"only plain names go into braces, not {{{name}}}, in {template!r}")
    return tuple((literal, name) for literal, name, _, _ in fields)


def say(value: Value, language: Language, channel: Channel) -> str:
    """`value` in words or figures for the ear ("voice") or the screen ("text").

    Raises SayingError for a value of no known kind.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _plain(_number(value, language, channel))
    if isinstance(value, Mapping) and (kind := KINDS.get(str(value.get("kind")))) is not None:
        try:
            return _plain(kind(value, language, channel))
        except (KeyError, TypeError, ValueError, phonenumbers.NumberParseException) as error:
            raise SayingError(f"a {value['kind']} cannot be said: {type(error).__name__}") from error
    raise SayingError(f"nothing says a {type(value).__name__} of this kind")


def _plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def _number(value: float | Decimal, language: Language, channel: Channel) -> str:
    # A voice reads "1200" rightly in every language, but not every voice reads "1,200".
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return format_decimal(
        exact, locale=language.locale, group_separator=channel == "text", decimal_quantization=False
    )


def _blood_pressure(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    template = language.saying.blood_pressure if channel == "voice" else "{systolic}/{diastolic}"
    return template.format(systolic=int(value["systolic"]), diastolic=int(value["diastolic"]))


def _date(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    return birth_day(date.fromisoformat(value["iso"][:10]), language)


def _day(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    return coming_day(date.fromisoformat(value["iso"][:10]), language)


def _time(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    clock = _clock(value["iso"])
    return written_time(clock, language) if channel == "text" else spoken_time(clock, language)


def _clock(iso: str) -> time:
    """The wall clock of "14:30" or of a date with time; in the zone it is written in."""
    return datetime.fromisoformat(iso).time() if "T" in iso else time.fromisoformat(iso)


def _digits(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    return " ".join(value["digits"]) if channel == "voice" else str(value["digits"])


def _phone(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    """In its country's own grouping; the ear gets each digit, and a pause after a group."""
    number = phonenumbers.parse(value["e164"])
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    if channel == "text":
        return national
    spaced = "".join(sign if sign.isdigit() else " " for sign in national)
    return ", ".join(" ".join(group) for group in spaced.split())


def _quantity(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    number = Decimal(str(value["number"]))
    unit = str(value["unit"])
    in_words = channel == "voice" or UNITS.get(unit, "").startswith("duration")
    if in_words and unit in language.saying.units:
        return language.saying.units[unit].format(number=_number(number, language, channel))
    if language.calendar is not None:
        return f"{_number(number, language, channel)} {unit}"
    length: Literal["long", "short"] = "long" if channel == "voice" else "short"
    try:
        return format_unit(number, UNITS[unit], length=length, locale=language.locale)
    except (KeyError, UnknownUnitError):
        return f"{_number(number, language, channel)} {unit}"


def _list(value: Mapping[str, Value], language: Language, channel: Channel) -> str:
    items = [say(item, language, channel) for item in value["items"]]
    style = value.get("style", "standard")
    if language.saying.lists and len(items) > 1:
        return f"{', '.join(items[:-1])} {language.saying.lists[style]} {items[-1]}"
    return format_list(items, style, locale=language.locale)


KINDS: Mapping[str, Callable[[Mapping[str, Value], Language, Channel], str]] = {
    "blood_pressure": _blood_pressure,
    "birth_date": _date,
    "date": _date,
    "day": _day,
    "time": _time,
    "digits": _digits,
    "phone": _phone,
    "quantity": _quantity,
    "list": _list,
    "visit_time": visit_time,
    "wanted_time": wanted_time,
}
