"""Guessing the language of a first text, to be confirmed by her: known words, then statistics."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from languages.catalogues import SOURCE, Languages
from languages.language import Language
from languages.spelling import WORD, bare, plain

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE_LETTERS = 12
"""Fewer letters than this, and statistics are not asked."""
SURE_CHANCE = 0.95

SCRIPTS = {
    "Latn": "LATIN",
    "Cyrl": "CYRILLIC",
    "Arab": "ARABIC",
    "Deva": "DEVANAGARI",
    "Ethi": "ETHIOPIC",
    "Khmr": "KHMER",
    "Kore": "HANGUL",
    "Hang": "HANGUL",
    "Hans": "CJK",
    "Hant": "CJK",
}
"""ISO 15924 → how Unicode's names of its letters begin."""


def guess(text: str, languages: Languages) -> tuple[str, bool]:
    """The tag of the likeliest language, and whether it is sure. Nothing to go by: English, not sure."""
    candidates = _same_script(text, languages)
    if not candidates:
        return SOURCE, False
    if len(candidates) == 1 and languages[candidates[0]].script != "Latn":
        return candidates[0], True
    common = _most_common(text, languages, candidates)
    known = _known_words(text, languages, candidates)
    if common and known:
        # "Hi, quiero una cita": the sentence tells more than its greeting, but ask.
        return common, common == known
    if known or common:
        return (known or common or SOURCE), True
    if (spelled := _greeted_as_spelled(text, languages, candidates)) is not None:
        return spelled, False
    return _by_statistics(text, candidates)


def _same_script(text: str, languages: Languages) -> tuple[str, ...]:
    """The languages that are written in the letters most used in `text`."""
    letters = Counter(unicodedata.name(sign, "").split(" ")[0] for sign in text[:200] if sign.isalpha())
    if not letters:
        return ()
    script = letters.most_common(1)[0][0]
    return tuple(tag for tag in languages if SCRIPTS.get(languages[tag].script) == script)


def _known_words(text: str, languages: Languages, candidates: tuple[str, ...]) -> str | None:
    """The one language with this greeting anywhere, or with this steering word as the whole text."""
    said = f" {bare(text).replace('?', ' ')} "
    greeted = [tag for tag in candidates if any(f" {w} " in said for w in _bare(languages[tag], "greetings"))]
    steered = [tag for tag in candidates if said.strip() in _every_word(languages[tag])]
    return next((found[0] for found in (greeted, steered) if len(found) == 1), None)


def _greeted_as_spelled(text: str, languages: Languages, candidates: tuple[str, ...]) -> str | None:
    """Of languages that share a greeting, the one that spells it so: "alo" is Haitian, "aló" Spanish."""
    said = f" {' '.join(re.findall(WORD, plain(text)))} "
    greeted = [tag for tag in candidates if any(f" {w} " in said for w in languages[tag].words["greetings"])]
    return greeted[0] if len(greeted) == 1 else None


def _most_common(text: str, languages: Languages, candidates: tuple[str, ...]) -> str | None:
    """The language with two small words more of its own in the text than any other has."""
    said = bare(text).split()
    counts = {tag: len(_bare(languages[tag], "common").intersection(said)) for tag in candidates}
    best, *others = sorted(candidates, key=lambda tag: -counts[tag])
    return best if counts[best] >= 2 + max((counts[tag] for tag in others), default=0) else None


@lru_cache(maxsize=256)
def _bare(language: Language, name: str) -> frozenset[str]:
    return frozenset(bare(word) for word in language.words[name])


@lru_cache(maxsize=64)
def _every_word(language: Language) -> frozenset[str]:
    return frozenset().union(*(_bare(language, name) for name in language.words))


def _by_statistics(text: str, candidates: tuple[str, ...]) -> tuple[str, bool]:
    identifier = _identifier()
    tags = {tag.split("-")[0]: tag for tag in reversed(candidates)}
    known = tags.keys() & set(identifier.labels)
    if not known:
        return SOURCE, False
    chances = {label: chance for label, chance in identifier.rank(plain(text)[:400]) if label in known}
    best = max(chances, key=lambda label: chances[label])
    letters = sum(sign.isalpha() for sign in text)
    if letters < SURE_LETTERS:
        return SOURCE, False  # "bp 118/76 pulse 80" is as good as any language to statistics
    return tags[best], chances[best] >= SURE_CHANCE * sum(chances.values())


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    # Loaded at the first text that needs it: 0.8 s and 50 MB that most processes never spend.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
