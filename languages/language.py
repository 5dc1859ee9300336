"""One language as its folder describes it: `locales/<tag>/language.toml`."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from babel import Locale

from languages.language_parts import CalendarWords, DateWords, NumberWords, SayingWords, read_calendar
from languages.time_words import TimeWords, read_times

WORD_LISTS = (
    "yes", "no", "stop", "start", "help", "back", "menu", "leave", "language", "person", "again", "none", "skip",
    "wrong_person", "stop_requests", "greetings", "not", "polite", "doubt", "choosing",
    "danger", "not_danger", "common",
)  # fmt: skip
"""The lists that every language gives under `[words]`; an empty list says "we have none"."""

NumberValue = Callable[[str], int | None]
"""The value of a run of words as one number, or None where it is not one number."""

InWords = Callable[[int], str]
"""A number in words; ValueError where it is too large."""

WordParts = Callable[[str, bool], Sequence[str]]
"""The parts of a written word that holds numbers ("백이십에" → 백, 이, 십, 에), in order; none where it holds
no number. The second argument: does it stand right behind figures?"""


class LanguageError(ValueError):
    """A language's folder is wrong; the message names the file and what to write there."""


@dataclass(frozen=True, eq=False)
class Language:
    """A language; one object a folder, so it is its own identity (and can key a cache)."""

    tag: str
    """As people's records and the folder name it: "es"."""
    english_name: str
    own_name: str
    other_names: tuple[str, ...]
    """What else its people call it: "kreyol"."""
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
    numbers: NumberWords
    dates: DateWords
    saying: SayingWords
    times: TimeWords
    calendar: CalendarWords | None = None
    runs_together: bool = False
    """Do people write words with and without spaces between them, and endings on them? Words are then
    looked for inside others too."""
    own_numbers: NumberValue | None = None
    """`value` of the folder's `numbers.py`, where a library does not know the language's numbers."""
    own_parts: WordParts | None = None
    """`parts` of the same file, where number words are written together, with endings on them."""

    own_words: InWords | None = None
    """`words` of the same file, where a local voice does not know the language's numbers."""

    @property
    def has_voice(self) -> bool:
        """Can a call be held in it? Where the carrier does not speak it (its default voice would read the words
        as if they were English), our own voice prepares its prompts."""
        return self.carrier_language is not None or self.is_prepared

    @property
    def is_prepared(self) -> bool:
        """Are its prompts sounds that we make, since the carrier has no voice for it?"""
        return self.carrier_language is None and self.local_voice is not None

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
    own = _own_functions(folder / "numbers.py")
    return Language(
        tag=folder.name,
        english_name=raw["english_name"],
        own_name=raw["own_name"],
        other_names=tuple(raw.get("other_names", ())),
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
        times=read_times(raw.get("times", {})),
        calendar=read_calendar(raw["calendar"]) if "calendar" in raw else None,
        runs_together=bool(raw.get("runs_together", False)),
        own_numbers=getattr(own, "value", None),
        own_parts=getattr(own, "parts", None),
        own_words=getattr(own, "words", None),
    )


def _word_lists(raw: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    if missing := [name for name in WORD_LISTS if name not in raw]:
        raise ValueError(f"[words] lacks {', '.join(missing)} (an empty list says: we have none)")
    if unknown := [name for name in raw if name not in WORD_LISTS]:
        raise ValueError(f"[words] has {', '.join(unknown)}, which nothing reads")
    return MappingProxyType({name: tuple(raw[name]) for name in WORD_LISTS})


def _frozen(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}


def _own_functions(path: Path) -> ModuleType | None:
    """A language's own numbers.py, if it has one: `value`, and `parts` or `words` where it needs them."""
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"locales_{path.parent.name}_numbers", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
