"""What is left to do on a translation, told to a translator: missing, stale, other placeholders, too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from languages.catalogues import SOURCE, hash_of, read_reviews
from languages.extract import BY_VOICE
from languages.language import Language, LanguageError, read_language
from languages.saying import SayingError, placeholders
from languages.template import extract_template, read_catalogue
from languages.time_words import missing

CountSegments = Callable[[str], int]
MOST_SEGMENTS = 3


@dataclass(frozen=True)
class Problem:
    """One thing to do. `tag` is the language's, or "" for the English side."""

    tag: str
    what: str

    def __str__(self) -> str:
        return f"{self.tag or SOURCE}: {self.what}"


def find_problems(root: Path, locales: Path, segments: CountSegments | None = None) -> list[Problem]:
    """Everything that is wrong with the catalogues in `locales` for the flows and code in `root`."""
    template = extract_template(root)
    problems = list(_check_template(template, locales))
    for folder in sorted(path.parent for path in locales.glob("*/language.toml")):
        try:
            language = read_language(folder)
        except LanguageError as error:
            problems.append(Problem(folder.name, str(error)))
            continue
        if folder.name != SOURCE:
            problems += _check_language(language, folder, template, segments)
    return problems


def stale(root: Path, locales: Path) -> list[Problem]:
    """Only what `flask languages update` mends: what a catalogue lacks of, or has beyond, the template."""
    template = extract_template(root)
    problems = list(_check_template(template, locales))
    for path in sorted(locales.glob("*/LC_MESSAGES/messages.po")):
        problems += _check_stale(path.parts[-3], read_catalogue(path), template)
    return problems


def _check_template(template: Catalog, locales: Path) -> Iterator[Problem]:
    path = locales / "messages.pot"
    if not path.exists() or _ids(read_catalogue(path)) != _ids(template):
        yield Problem("", "locales/messages.pot is not up to date; run `flask languages update`")
    for message in template:
        for text in _texts(message.id):
            if (wrong := _not_a_template(text)) is not None:
                yield Problem("", f"{wrong} ({_where(message)})")


def _check_stale(tag: str, catalogue: Catalog, template: Catalog) -> Iterator[Problem]:
    for key in sorted(_ids(template) - _ids(catalogue)):
        yield Problem(tag, f"{key!r} is not in the catalogue; run `flask languages update`")
    for key in sorted(_ids(catalogue) - _ids(template)):
        yield Problem(tag, f"{key!r} is no longer said anywhere; run `flask languages update`")


def _check_language(
    language: Language, folder: Path, template: Catalog, segments: CountSegments | None
) -> Iterator[Problem]:
    if lacks := missing(language.times):
        yield Problem(language.tag, f"[times] in language.toml has no {', '.join(lacks)} yet")
    path = folder / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        yield Problem(language.tag, f"{path.name} is missing; run `flask languages update`")
        return
    catalogue = read_catalogue(path)
    yield from _check_stale(language.tag, catalogue, template)
    reviewed = set(read_reviews(folder))
    for message in catalogue:
        if message.id and _key(message) in _ids(template):
            yield from _check_message(language, message, segments)
            reviewed.discard(hash_of(message))
    for lost in sorted(reviewed):
        yield Problem(
            language.tag, f"a review in reviews.toml ({lost[:12]}…) is of a text that has changed since"
        )


def _check_message(language: Language, message: Message, segments: CountSegments | None) -> Iterator[Problem]:
    where = f"{_key(message)!r} ({_where(message)})"
    forms = _texts(message.string)
    if not forms or not all(forms):
        yield Problem(language.tag, f"no {language.english_name} yet for {where}")
        return
    if message.fuzzy:
        yield Problem(language.tag, f"marked as fuzzy, so not used: {where}")
    wanted = frozenset(name for text in _texts(message.id) for name in placeholders(text))
    for form in forms:
        if (wrong := _not_a_template(form)) is not None:
            yield Problem(language.tag, f"{wrong}, in the translation of {where}")
        elif (given := placeholders(form)) != wanted:
            yield Problem(
                language.tag, f"{_names(wanted)} must stand in the translation, not {_names(given)}: {where}"
            )
        elif segments is not None and not _only_spoken(message) and (count := segments(form)) > MOST_SEGMENTS:
            yield Problem(
                language.tag, f"{count} segments as a text, at most {MOST_SEGMENTS} are read: {where}"
            )


def _only_spoken(message: Message) -> bool:
    return bool(message.auto_comments) and all(note.endswith(BY_VOICE) for note in message.auto_comments)


def _not_a_template(text: str) -> str | None:
    try:
        placeholders(text)
    except SayingError as error:
        return str(error)
    return None


def _names(names: frozenset[str]) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(names)) or "no {name}"


def _ids(catalogue: Catalog) -> set[str]:
    return {_key(message) for message in catalogue if message.id}


def _key(message: Message) -> str:
    return _texts(message.id)[0]


def _texts(text: object) -> tuple[str, ...]:
    if isinstance(text, str):
        return (text,) if text else ()
    return tuple(text) if isinstance(text, tuple | list) else ()


def _where(message: Message) -> str:
    return "; ".join(message.auto_comments or [str(place) for place, _ in message.locations])
