"""Every language and its catalogue: what a string is in a language, and who has reviewed it."""

from __future__ import annotations

import gettext
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from languages.language import Language, LanguageError, read_language

SOURCE = "en"
"""The language that flows and code are written in, and the end of every chain."""

HOME = Path(__file__).resolve().parent.parent / "locales"

State = Literal["source", "draft", "reviewed"]
Snapshot = Mapping[str, Mapping[str, str]]
"""The strings of an old flow version as they were: tag → English → translation."""


@dataclass(frozen=True)
class Entry:
    """A translated string: one form, or as many as its language has for plurals."""

    forms: tuple[str, ...]
    state: State


@dataclass(frozen=True)
class Catalogue:
    """One language's strings by their English (of a plural: by its singular)."""

    entries: Mapping[str, Entry]
    plural_form: Callable[[int], int]
    """Which form a number takes, as the catalogue's header says."""


class Languages(Mapping[str, Language]):
    """Tag → language, with the text of every string in each; made by `load`."""

    def __init__(self, languages: Mapping[str, Language], catalogues: Mapping[str, Catalogue]) -> None:
        self._languages = MappingProxyType(dict(languages))
        self._catalogues = MappingProxyType(dict(catalogues))
        self._chains = {tag: self._find_chain(tag) for tag in languages}

    def __getitem__(self, tag: str) -> Language:
        return self._languages[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def chain(self, tag: str) -> tuple[str, ...]:
        """The tags to try for one string, `tag` first, English last. KeyError for an unknown tag."""
        return self._chains[tag]

    def text(
        self, msgid: str, tag: str, snapshot: Snapshot | None = None, *, reviewed_only: bool = False
    ) -> tuple[str, str]:
        """The string in the first language of the chain that has it, and that language's tag.

        `snapshot` holds the translations of an old flow version: it is asked where a current catalogue
        does not know `msgid`. With `reviewed_only` a draft counts as not translated (and so does a
        snapshot, whose review is not known).
        """
        for candidate in self._chains[tag]:
            entry = self._catalogues[candidate].entries.get(msgid)
            if entry is not None:
                if entry.state != "draft" or not reviewed_only:
                    return entry.forms[0], candidate
            elif snapshot is not None and not reviewed_only and msgid in snapshot.get(candidate, {}):
                return snapshot[candidate][msgid], candidate
        return msgid, SOURCE

    def plural(self, singular: str, plural: str, number: int, tag: str) -> tuple[str, str]:
        """The string's form for `number` (English: "1 try", "2 tries"), and the tag of its language."""
        for candidate in self._chains[tag]:
            catalogue = self._catalogues[candidate]
            entry = catalogue.entries.get(singular)
            if entry is not None:
                return entry.forms[min(catalogue.plural_form(number), len(entry.forms) - 1)], candidate
        return (singular if number == 1 else plural), SOURCE

    def states(self, tag: str) -> Mapping[str, State]:
        """English string → its state, for all that `tag`'s own catalogue translates."""
        return MappingProxyType(
            {msgid: entry.state for msgid, entry in self._catalogues[tag].entries.items()}
        )

    def state(self, msgid: str, tag: str) -> State | None:
        """The state of one string in `tag` itself: English is "source"; None where not translated."""
        entry = self._catalogues[tag].entries.get(msgid)
        if entry is not None:
            return entry.state
        return "source" if tag == SOURCE else None

    def _find_chain(self, tag: str) -> tuple[str, ...]:
        chain = dict.fromkeys([tag, *self._languages[tag].fallback, SOURCE])
        if unknown := [step for step in chain if step not in self._languages]:
            raise LanguageError(f"{tag} falls back to {', '.join(unknown)}, which has no folder")
        return tuple(chain)


@lru_cache(maxsize=8)
def load(folder: Path = HOME) -> Languages:
    """Every language with a folder in `folder`, read once a process. Raises LanguageError."""
    folders = sorted(path.parent for path in folder.glob("*/language.toml"))
    languages = {path.name: read_language(path) for path in folders}
    return Languages(languages, {path.name: _catalogue(path) for path in folders})


def _catalogue(folder: Path) -> Catalogue:
    path = folder / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalogue({}, lambda number: int(number != 1))
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    reviews = read_reviews(folder)
    entries = {_key(message): _entry(message, reviews) for message in catalogue if is_translated(message)}
    return Catalogue(entries, gettext.c2py(catalogue.plural_expr))


def read_reviews(folder: Path) -> Mapping[str, Mapping[str, object]]:
    """Review hash → who and when, from `reviews.toml`; empty where nobody has reviewed yet."""
    path = folder / "reviews.toml"
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LanguageError(f"{path}: {error}") from error


def is_translated(message: Message) -> bool:
    """Is this entry of a catalogue used? A fuzzy one, or one with a form missing, is not."""
    return bool(message.id) and not message.fuzzy and all(_forms(message))


def _key(message: Message) -> str:
    source = _source(message)
    return source if isinstance(source, str) else source[0]


def _source(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _entry(message: Message, reviews: Mapping[str, object]) -> Entry:
    return Entry(_forms(message), "reviewed" if hash_of(message) in reviews else "draft")


def hash_of(message: Message) -> str:
    """What a review is bound to: SHA-256 of the source, a zero byte, and the translation."""
    source = _source(message)
    texts = (source, *_forms(message)) if isinstance(source, str) else (*source, *_forms(message))
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
