"""Reading words that steer: yes and no, stop, menu, a person, with the typos that people make.

Only what is surely meant is read: "not yes", "yes no" and "no sé" are neither yes nor no, and a typo counts
only for words of four letters and more, where nothing else is near.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from languages.language import Language
from languages.phrases import any_stands_in, taken_out, whole
from languages.spelling import bare, plain

NEAR = 80.0
"""Likeness (0 to 100) above which a word is another's typo: "junio" and "julio" are exactly 80 alike."""
SHORTEST_TYPO = 4
LONGEST = 200
"""Characters of an answer that can be a steering word; what is longer is a message."""


def is_word(text: str, language: Language, name: str, *, typos: bool = True) -> bool:
    """Is the whole answer one of the words that `language.toml` lists under `name`, politeness aside?

    Without `typos` where a wrong guess costs more than asking again: "안녕하세요" is near to a good-bye.
    """
    said = bare(text) if len(text) <= LONGEST else ""
    if not said:
        return False
    own = _words(language, name)
    return (
        whole(said, language) in _wholes(language, name)
        or _squeezed(said) in own
        or (typos and near(said, own))
        or _covered(said, language, name)
    )


def which(text: str, language: Language, names: Iterable[str]) -> str | None:
    """The one list of `names` that the answer belongs to, or None where none or several do.

    A word as listed wins over a typo of another: "no" is no, however near something else is.
    """
    names = tuple(names)
    said = bare(text) if len(text) <= LONGEST else ""
    exact = [name for name in names if said and whole(said, language) in _wholes(language, name)]
    found = exact or [name for name in names if is_word(text, language, name)]
    return found[0] if len(found) == 1 else None


def asks_to_stop(text: str, language: Language) -> bool:
    """Does she ask us to write or call no more, by a stop word alone or in her own sentence?"""
    if is_word(text, language, "stop"):
        return True
    return any_stands_in(_words(language, "stop_requests"), bare(text), language)


def is_listed(text: str, language: Language, name: str) -> bool:
    """Is the whole answer one of these words as they are listed, without typos? For a language that is not hers."""
    return len(text) <= LONGEST and whole(bare(text), language) in _wholes(language, name)


def requests_a_stop(text: str, language: Language) -> bool:
    """Does she ask us to stop, in a language that the talk is not in: by a listed word alone, or in a sentence?"""
    return is_listed(text, language, "stop") or any_stands_in(
        _words(language, "stop_requests"), bare(text), language
    )


def in_danger(text: str, language: Language) -> bool:
    """Does it hold words of danger, once what only sounds so ("not an emergency") is taken away?"""
    return any_stands_in(_words(language, "danger"), without(text, language, "not_danger"), language)


def yes_or_no(text: str, language: Language) -> bool | None:
    """True, False, or None where it is not surely one of them."""
    if whole(bare(text).replace("?", "").strip(), language) in _doubts(language):
        return None
    if (name := which(text, language, ("yes", "no"))) is not None:
        return name == "yes"
    if len(text) > LONGEST:
        return None
    first, rest = _first_and_rest(text)
    if not rest or _any_of(rest, language, ("not", "no", "doubt")):
        return None
    if first in _words(language, "yes"):
        return True
    # "No, I feel fine" is no; "no idea" is not: only a pause after "no" tells them apart.
    paused = re.match(r"\s*[^\W\d_]+\s*[,.;!]", plain(text)) is not None
    if paused and first in _words(language, "no") and not _any_of(rest, language, ("yes",)):
        return False
    return None


def has_negation(text: str, language: Language) -> bool:
    """Does a "not" stand in it? What follows it must then not be taken at its word."""
    return _any_of(bare(text), language, ("not",))


def without(text: str, language: Language, *names: str) -> str:
    """`bare(text)` less every listed word, longest first: what is left once politeness is taken away."""
    return taken_out((word for name in names for word in _words(language, name)), bare(text), language)


@lru_cache(maxsize=1024)
def _words(language: Language, name: str) -> frozenset[str]:
    return frozenset(bare(word) for word in language.words[name] if bare(word))


@lru_cache(maxsize=1024)
def _wholes(language: Language, name: str) -> frozenset[str]:
    return frozenset(whole(word, language) for word in _words(language, name))


@lru_cache(maxsize=64)
def _doubts(language: Language) -> frozenset[str]:
    """Words of doubt, none of which is a typo of yes or no ("맞습니까" is "is it right?", "맞습니다" "it is")."""
    return _wholes(language, "doubt") - _wholes(language, "yes") - _wholes(language, "no")


def _squeezed(said: str) -> str:
    """ "yesss" → "yes", "noooo" → "no"."""
    return re.sub(r"(.)\1+", r"\1", said)


def near(said: str, words: Iterable[str]) -> bool:
    """Is `said` (bare) a typo of one of `words` (bare)?"""
    # The first letter must stand: people seldom miss it, and "incierto" is no typo of "cierto".
    # Only single words: "of course not" is 82 alike to "of course".
    return (
        _long_enough(said)
        and " " not in said
        and any(
            _long_enough(word) and " " not in word and word[0] == said[0] and fuzz.ratio(said, word) > NEAR
            for word in words
        )
    )


def _long_enough(word: str) -> bool:
    # Korean letters come composed as syllables here: two or three of them are too few to tell a typo by.
    return len(unicodedata.normalize("NFC", word)) >= SHORTEST_TYPO


def _covered(said: str, language: Language, name: str) -> bool:
    """Is it made of words of this list and politeness alone ("yes yes thank you")?"""
    left = without(said, language, name)
    return left != said and not without(left, language, name, "polite")


def _first_and_rest(text: str) -> tuple[str, str]:
    first, _, rest = bare(text).partition(" ")
    return first, rest


def _any_of(said: str, language: Language, names: Iterable[str]) -> bool:
    return any(any_stands_in(_words(language, name), said, language) for name in names)
