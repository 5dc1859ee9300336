"""One number, whole or not, with or without a unit: a weight, a glucose reading, a scale from 0 to 10."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.numbers import Number, readings
from languages.spelling import bare, plain
from languages.words import has_negation

NONE_FOUND = N_("Sorry, I did not find a number. Please give one number.")
SEVERAL = N_("I found more than one number. Please give only one.")
EITHER = N_("Did you mean {numbers}? Please give one number.")
NOT_WHOLE = N_("Please give a whole number, with no decimal point.")
OUT_OF_RANGE = N_("I read {number}. It should be from {least} to {most}.")
WHICH_UNIT = N_("I read {number}, but not the unit. Please add one of these: {units}.")
OTHER_UNIT = N_("I can't use that unit. Please use one of these: {units}.")
OPTIONS = {"min", "max", "decimals", "unit", "units"}


class NumberKind:
    """Options: `min` and `max` (both needed, both allowed values), `decimals: yes`, and either `unit` (one
    unit, taken as said) or `units`: `{unit: {min: …, max: …}}`, where a bare number that fits several is
    asked again.

    Its value is a number; with a unit `{"kind": "quantity", "number": …, "unit": …}`. The key `*` is the
    decimal point.
    """

    name = "number"
    zero_is_an_answer = True

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        problems = [f"number takes no option {name!r}" for name in sorted(set(options) - OPTIONS)]
        try:
            ranges = _ranges(options)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
            return [*problems, "a number needs `min` and `max`, both numbers, for each of its units"]
        problems += [f"min {least} is above max {most}" for least, most in ranges.values() if least > most]
        return problems

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        ranges = _ranges(options)
        units = set(ranges) if said.keys else _units_said(said.words, ranges, language)
        if not units:
            return Unclear(OTHER_UNIT, {"units": _either(sorted(str(unit) for unit in ranges))})
        values = _keyed(said.keys) if said.keys else _found(said.words, language)
        if isinstance(values, Unclear):
            return values
        if options.get("decimals") in (None, False, "no") and all(value % 1 for value in values):
            return Unclear(NOT_WHOLE)
        fitting = sorted(
            (value, unit)
            for value in values
            for unit in units
            if ranges[unit][0] <= value <= ranges[unit][1] and (_decimals(options) or not value % 1)
        )
        return _choose(fitting, values, {unit: ranges[unit] for unit in units})

    def messages(self) -> list[str]:
        return [NONE_FOUND, SEVERAL, EITHER, NOT_WHOLE, OUT_OF_RANGE, WHICH_UNIT, OTHER_UNIT]


def _choose(
    fitting: list[tuple[Decimal, str]], values: set[Decimal], ranges: Mapping[str, tuple[Decimal, Decimal]]
) -> Understood | Unclear:
    if len({value for value, _ in fitting}) > 1:
        return Unclear(EITHER, {"numbers": _either([_plain(value) for value, _ in fitting])})
    if len(fitting) > 1:
        units = _either([unit for _, unit in fitting])
        return Unclear(WHICH_UNIT, {"number": _plain(fitting[0][0]), "units": units})
    if not fitting:
        least, most = next(iter(ranges.values()))
        shown = {"number": _plain(min(values)), "least": _plain(least), "most": _plain(most)}
        return Unclear(OUT_OF_RANGE, shown)
    value, unit = fitting[0]
    number = _plain(value)
    return Understood({"kind": "quantity", "number": number, "unit": unit} if unit else number)


def _keyed(keys: str) -> set[Decimal] | Unclear:
    match = re.fullmatch(r"(\d{1,9})(?:\*(\d{1,4}))?\*?", keys, re.ASCII)
    return {Decimal(f"{match[1]}.{match[2] or 0}")} if match else Unclear(NONE_FOUND)


def _found(words: str, language: Language) -> set[Decimal] | Unclear:
    ways = readings(words, language)
    alone = {way[0].value for way in ways if len(way) == 1 and not _denied(words, way[0], language)}
    if alone:
        return alone
    return Unclear(NONE_FOUND if ways and any(len(way) < 2 for way in ways) else SEVERAL)


def _denied(words: str, number: Number, language: Language) -> bool:
    """Does a "not" stand right before it?"""
    before = re.search(r"([^\W\d_]\S*)\s+$", plain(words)[: number.start])
    return before is not None and has_negation(bare(before[1]), language) and before[1][-1].isalpha()


def _units_said(words: str, ranges: Mapping[str, Any], language: Language) -> set[str]:
    """The units that the words leave open: those named, or all where none is; empty for another one."""
    flat = plain(words)
    named = {
        unit for unit, ways in language.units.items() if any(_stands(way, flat, language) for way in ways)
    }
    return named & ranges.keys() if named and set(ranges) != {""} else set(ranges)


def _stands(way: str, flat: str, language: Language) -> bool:
    unit = re.escape(plain(way))
    end = "" if language.runs_together and not unit.isascii() else r"(?!\w)"
    return re.search(rf"(?<=\d)\s*{unit}{end}|(?<!\w){unit}{end}", flat) is not None


def _ranges(options: Mapping[str, Json]) -> dict[str, tuple[Decimal, Decimal]]:
    units: Mapping[str, Json] = options.get("units") or {str(options.get("unit") or ""): options}
    return {unit: (Decimal(str(own["min"])), Decimal(str(own["max"]))) for unit, own in units.items()}


def _decimals(options: Mapping[str, Json]) -> bool:
    return options.get("decimals") in (True, "yes")


def _plain(value: Decimal) -> int | float:
    return int(value) if value % 1 == 0 else float(value)


def _either(items: list[Any]) -> dict[str, Json]:
    return {"kind": "list", "style": "or", "items": list(dict.fromkeys(items))}


KIND = NumberKind()
