"""The words of a name as they are compared: accents, capitals and hyphens aside."""

from __future__ import annotations

import unicodedata

SHORTEST, LONGEST = 3, 12
"""Letters of a beginning by which a name is found. A shorter word counts whole; what follows the twelfth letter not."""
SYLLABLES = ("HANGUL", "CJK", "HIRAGANA", "KATAKANA")
"""Scripts in which one sign is a syllable or a word, and enough to look for."""
UNDECOMPOSED = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode has no decomposition for, and their place on a keyboard without them."""


def folded(text: str) -> str:
    """Lower case, without accents: "Lucía" and "LUCIA" are "lucia"."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c)).translate(UNDECOMPOSED)
    return unicodedata.normalize("NFC", plain)


def words_of(name: str) -> list[str]:
    """Its words in order: "Kim Min-ji" is kim, min, ji."""
    return "".join(c if c.isalnum() else " " for c in folded(name)).split()


def joined_words(name: str) -> list[str]:
    """What stands between spaces, its hyphens and apostrophes left out: kim, minji."""
    return ["".join(c for c in word if c.isalnum()) for word in folded(name).split()]


def beginnings(name: str) -> set[str]:
    """Everything by which this name is found: "Li Delgado" by li, del, delg, delga, delgad, delgado."""
    return {
        word[:length]
        for word in {*words_of(name), *filter(None, joined_words(name))}
        for length in range(min(_shortest(word), len(word)), min(len(word), LONGEST) + 1)
    }


def sought(words: str) -> set[str]:
    """What a name must have among its beginnings to be found by `words`."""
    return {word[:LONGEST] for word in words_of(words)}


def _shortest(word: str) -> int:
    return 1 if unicodedata.name(word[0], "").startswith(SYLLABLES) else SHORTEST
