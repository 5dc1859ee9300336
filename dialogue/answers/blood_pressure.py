"""A blood pressure: two numbers, the top one (systolic) and the bottom one (diastolic), in mmHg."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.numbers import Reading, readings
from languages.spelling import plain

LIMITS = Path(__file__).with_name("limits.toml")

NONE_FOUND = N_("Sorry, I did not find a blood pressure. I need two numbers, like 120 over 80.")
ONLY_ONE = N_("I need two numbers: the top number and the bottom number, like 120 over 80.")
TOO_MANY = N_("I found more than two numbers. Please give only the top number and the bottom number.")
SWAPPED = N_("The top number is the higher one. Did you mean {reading}? Please give the top number first.")
EQUAL = N_("The top number must be higher than the bottom number. Please look at the cuff again.")
SHORTENED = N_("Did you mean {reading}? Please give both whole numbers.")
OUT_OF_RANGE = N_("I read {first} and {second}. That can't be right. Please look at the cuff again.")
SEVERAL = N_("I am not sure which two numbers you mean. Please give only the two, like 120 over 80.")

Pair = tuple[int, int]


@dataclass(frozen=True)
class Limits:
    """The least and the greatest that each number can be, in mmHg, both included."""

    systolic: Pair
    diastolic: Pair

    def hold(self, pair: Pair) -> bool:
        systolic, diastolic = pair
        return (
            self._within(systolic, self.systolic)
            and self._within(diastolic, self.diastolic)
            and systolic > diastolic
        )

    @staticmethod
    def _within(value: int, limits: Pair) -> bool:
        return limits[0] <= value <= limits[1]


class BloodPressure:
    """Options: `systolic` and `diastolic`, each `[least, most]`, instead of those in limits.toml.

    Keys: `120*80`, or `12080` without the star. Its value is
    `{"kind": "blood_pressure", "systolic": 120, "diastolic": 80}`.
    """

    name = "blood_pressure"
    zero_is_an_answer = True

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        problems = [
            f"blood_pressure takes no option {name!r}"
            for name in sorted(set(options) - {"systolic", "diastolic"})
        ]
        try:
            limits = _limits(options)
        except (TypeError, ValueError):
            return [*problems, "systolic and diastolic are each two numbers, the least and the most"]
        if any(least > most for least, most in (limits.systolic, limits.diastolic)):
            problems.append("the least of systolic or diastolic is above its most")
        return problems

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        limits = _limits(options)
        if said.keys:
            return _read_keys(said.keys, limits)
        ways = readings(_without_pulse(plain(said.words), language), language)
        pairs = _pairs(ways)
        if glued := _glued(ways):
            return _read_digits(glued, limits)
        held = [pair for pair in pairs if limits.hold(pair)]
        if len(held) > 1:
            return Unclear(SEVERAL)
        return _value(held[0]) if held else _why(ways, pairs, limits)

    def messages(self) -> list[str]:
        return [NONE_FOUND, ONLY_ONE, TOO_MANY, SWAPPED, EQUAL, SHORTENED, OUT_OF_RANGE, SEVERAL]


def _value(pair: Pair) -> Understood:
    return Understood(_as_json(pair))


def _as_json(pair: Pair) -> dict[str, Json]:
    return {"kind": "blood_pressure", "systolic": pair[0], "diastolic": pair[1]}


def _limits(options: Mapping[str, Json]) -> Limits:
    own = {**_default_limits(), **options}
    (low, high), (least, most) = own["systolic"], own["diastolic"]
    return Limits((int(low), int(high)), (int(least), int(most)))


@lru_cache(maxsize=1)
def _default_limits() -> Mapping[str, Json]:
    values = tomllib.loads(LIMITS.read_text(encoding="utf-8"))["blood_pressure"]
    return {name: values[name] for name in ("systolic", "diastolic")}


def _read_keys(keys: str, limits: Limits) -> Understood | Unclear:
    parts = [part for part in re.split(r"[*#]", keys) if part]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        return Unclear(NONE_FOUND)
    if len(parts) == 1:
        return _read_digits(parts[0], limits)
    if len(parts) > 2:
        return Unclear(TOO_MANY)
    return _read_pair((int(parts[0]), int(parts[1])), limits)


def _read_pair(pair: Pair, limits: Limits) -> Understood | Unclear:
    return _value(pair) if limits.hold(pair) else _why_pair(pair, limits)


def _read_digits(digits: str, limits: Limits) -> Understood | Unclear:
    """`12080`: cut where both halves can be; no row of digits can be cut in two ways that both can."""
    cuts = [(int(digits[:at]), int(digits[at:])) for at in (2, 3) if 2 <= len(digits) - at <= 3]
    held = [pair for pair in cuts if limits.hold(pair)]
    if len(held) == 1:
        return _value(held[0])
    swapped = [pair for pair in cuts if limits.hold(pair[::-1])]
    if len(swapped) == 1 and not held:
        return Unclear(SWAPPED, {"reading": _as_json(swapped[0][::-1])})
    return Unclear(SEVERAL if held else ONLY_ONE)


def _without_pulse(text: str, language: Language) -> str:
    """The text less a pulse that is named as one: "pulse 72", "72 bpm"."""
    for word in sorted((re.escape(plain(word)) for word in language.pulse), key=len, reverse=True):
        text = re.sub(
            rf"(?<!\w){word}(?!\w)\W{{0,3}}(?:(?:is|was|de|es|of)\W{{1,3}})?\d{{2,3}}(?!\d)", " ", text
        )
        text = re.sub(rf"(?<!\d)\d{{2,3}}\s?{word}(?!\w)", " ", text)
    return text


def _pairs(ways: tuple[Reading, ...]) -> list[Pair]:
    two = [way for way in ways if len(way) == 2 and all(number.value % 1 == 0 for number in way)]
    return list(dict.fromkeys((int(way[0].value), int(way[1].value)) for way in two))


def _glued(ways: tuple[Reading, ...]) -> str:
    """The digits of a text that is one number of four to six figures: "12080"."""
    single = {way[0].digits for way in ways if len(way) == 1}
    digits = single.pop() if len(single) == 1 else ""
    return digits if 4 <= len(digits) <= 6 and all(len(way) != 2 for way in ways) else ""


def _why(ways: tuple[Reading, ...], pairs: list[Pair], limits: Limits) -> Unclear:
    if not ways:
        return Unclear(TOO_MANY)
    fewest = min(len(way) for way in ways)
    if fewest == 0:
        return Unclear(NONE_FOUND)
    if fewest == 1 and not any("." in way[0].digits for way in ways):
        return Unclear(ONLY_ONE)
    return _why_pair(pairs[0], limits) if pairs else Unclear(TOO_MANY)


def _why_pair(pair: Pair, limits: Limits) -> Unclear:
    first, second = pair
    if first == second:
        return Unclear(EQUAL)
    if limits.hold((second, first)):
        return Unclear(SWAPPED, {"reading": _as_json((second, first))})
    if limits.hold((first * 10, second * 10)):
        # Many say "12 over 8" at home, where a cuff shows 120 over 80.
        return Unclear(SHORTENED, {"reading": _as_json((first * 10, second * 10))})
    return Unclear(OUT_OF_RANGE, {"first": first, "second": second})


KIND = BloodPressure()
