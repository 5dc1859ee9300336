"""One language as its folder describes it: `locales/<tag>/language.toml`."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from babel import Locale

WORD_LISTS = (
    "yes", "no", "stop", "start", "help", "back", "menu", "language", "person", "again", "none", "skip",
    "wrong_person", "stop_requests", "greetings", "not", "polite", "doubt", "choosing",
    "danger", "not_danger", "common",
)  # fmt: skip
"""The lists that every language gives under `[words]`; an empty list says "we have none"."""

NumberValue = Callable[[str], int | None]
"""The value of a run of words as one number, or None where it is not one number."""


class LanguageError(ValueError):
    """A language's folder is wrong; the message names the file and what to write there."""


@dataclass(frozen=True)
class NumberWords:
    """What a language adds to a library's reading of its numbers; all words are lower-case."""

    library: str | None = None
    """The language as text2num calls it, or None where it does not know it."""
    zero: tuple[str, ...] = ()
    """Words for zero besides the library's: "oh"."""
    ones: tuple[str, ...] = ()
    """Words that are one only before a hundred or a thousand: "a"."""
    scales: tuple[str, ...] = ()
    """Words that begin no number but the first of a breath: "hundred"."""
    never_alone: tuple[str, ...] = ()
    """Articles that the library takes for one: "una" in "una persona" counts nothing."""
    joiners: tuple[str, ...] = ()
    """Words inside a number: "and", "y"."""
    point: tuple[str, ...] = ()
    """Words for the decimal sign."""
    half: tuple[str, ...] = ()
    """Words that add a half: "half" in "ninety and a half"."""
    minus: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    """How people write it → how the library knows it: "veintidos" → "veintidós", "diez y seis" → …"""
    bare_hundreds: bool = False
    """Do people say "one twenty" for 120?"""
    decimal_sign: Literal[".", ","] = "."
    doubtful_thousands: bool = False
    """Are both signs in use among its people, so that "1.200" and "1,200" each read two ways?"""


@dataclass(frozen=True)
class DateWords:
    """How a language's people write dates."""

    order: Literal["mdy", "dmy", "ymd", "either"] = "either"
    """Of a date in figures; "either": month and day may come first, so a doubtful date is asked again."""
    ordinals: Mapping[str, int] = field(default_factory=dict)
    """Day words: "second" → 2."""
    months: Mapping[str, int] = field(default_factory=dict)
    """Month words besides the library's: "sept" → 9."""
    fillers: tuple[str, ...] = ()
    """Words that say nothing in a date: "of", "the", "de"."""


@dataclass(frozen=True)
class SayingWords:
    """How values are said: templates with the names of their parts."""

    blood_pressure: str = "{systolic}/{diastolic}"


@dataclass(frozen=True, eq=False)
class Language:
    """A language; one object a folder, so it is its own identity (and can key a cache)."""

    tag: str
    """As people's records and the folder name it: "es"."""
    english_name: str
    own_name: str
    script: str
    """ISO 15924: "Latn"."""
    direction: Literal["ltr", "rtl"]
    fallback: tuple[str, ...]
    """Tags to try for a string that this language lacks, best first."""
    carrier_language: str | None
    """The carrier's Say language, "es-MX"; None where it cannot speak this one."""
    carrier_voice: str | None
    local_voice: str | None
    """The espeak-ng voice id, or None where there is none."""
    vosk_model: str | None
    format_locale: str
    """The CLDR locale that writes its numbers and dates."""
    words: Mapping[str, tuple[str, ...]]
    units: Mapping[str, tuple[str, ...]]
    """A unit as flows write it → as people write it after a number; empty where none is known."""
    pulse: tuple[str, ...]
    """Words beside a pulse."""
    numbers: NumberWords = NumberWords()
    dates: DateWords = DateWords()
    saying: SayingWords = SayingWords()
    own_numbers: NumberValue | None = None
    """`value` of the folder's `numbers.py`, where a library does not know the language's numbers."""

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.format_locale)


def read_language(folder: Path) -> Language:
    """The language that `folder` describes. Raises LanguageError where its description is wrong."""
    path = folder / "language.toml"
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LanguageError(f"{path}: {error}") from error
    try:
        return _language(folder, raw)
    except (KeyError, TypeError, ValueError) as error:
        wrong = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise LanguageError(f"{path}: {wrong}") from error


def _language(folder: Path, raw: dict[str, Any]) -> Language:
    direction = raw["direction"]
    if direction not in ("ltr", "rtl"):
        raise ValueError('direction is "ltr" or "rtl"')
    locale = raw.get("format_locale", folder.name.replace("-", "_"))
    Locale.parse(locale)
    return Language(
        tag=folder.name,
        english_name=raw["english_name"],
        own_name=raw["own_name"],
        script=raw["script"],
        direction=direction,
        fallback=tuple(raw["fallback"]),
        carrier_language=raw.get("carrier_language"),
        carrier_voice=raw.get("carrier_voice"),
        local_voice=raw.get("local_voice"),
        vosk_model=raw.get("vosk_model"),
        format_locale=locale,
        words=_word_lists(raw["words"]),
        units=MappingProxyType(_frozen(raw.get("units", {}))),
        pulse=tuple(raw.get("readings", {}).get("pulse", ())),
        numbers=NumberWords(**_frozen(raw.get("numbers", {}))),
        dates=DateWords(**_frozen(raw.get("dates", {}))),
        saying=SayingWords(**_frozen(raw.get("saying", {}))),
        own_numbers=_own_numbers(folder / "numbers.py"),
    )


def _word_lists(raw: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    if missing := [name for name in WORD_LISTS if name not in raw]:
        raise ValueError(f"[words] lacks {', '.join(missing)} (an empty list says: we have none)")
    if unknown := [name for name in raw if name not in WORD_LISTS]:
        raise ValueError(f"[words] has {', '.join(unknown)}, which nothing reads")
    return MappingProxyType({name: tuple(raw[name]) for name in WORD_LISTS})


def _frozen(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}


def _own_numbers(path: Path) -> NumberValue | None:
    """The function `value(words: str) -> int | None` of a language's own numbers.py, if it has one."""
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"locales_{path.parent.name}_numbers", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    value: NumberValue = module.value
    return value
