"""Where a text may be broken: after a sentence, else between words, never inside a number or an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# A line's end, a mark with space after it, or a mark of a script that writes without spaces.
_MARK = re.compile(r"\n+|(?<=[.!?…؟۔።])[\"')»”’]*\s+|(?<=[。！？।])")
_SPACE = re.compile(r"[ \n]+")  # never at a no-break space
_ABBREVIATIONS = frozenset(
    {"apt", "ave", "av", "dr", "dra", "ext", "jr", "mr", "mrs", "ms", "mt", "nro", "núm", "sr", "sra"}
    | {"srta", "st", "sta", "tel", "ud", "uds"}
)
"""Of English and Spanish, before a full stop. One more is one more break kept off a poor place."""
_DIGIT_ENDS = re.compile(r"[0-9)/–-]$")
_DIGIT_STARTS = re.compile(r"^[(+/]?[0-9]|^/$")
_JOINS = "\u200d"


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, in order, each without the space around it; the end of a line stays."""
    start = 0
    for found in _MARK.finditer(text):
        if _ends_sentence(text[start : found.start()], found.group()):
            if (sentence := text[start : found.end()].strip(" ")).strip():
                yield sentence
            start = found.end()
    if rest := text[start:].strip():
        yield rest


def words(sentence: str) -> Iterator[str]:
    """Its words; a number written with spaces ("617 555 0100", "120 / 80") is one word."""
    word = ""
    for part in _SPACE.split(sentence):
        if word and _DIGIT_ENDS.search(word) and _DIGIT_STARTS.search(part):
            word = f"{word} {part}"
            continue
        if word:
            yield word
        word = part
    if word:
        yield word


def characters(word: str) -> Iterator[str]:
    """Its characters as people see them: marks and joined emoji stay with what they belong to."""
    cluster = ""
    for character in word:
        if cluster and not _belongs(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _belongs(cluster: str, character: str) -> bool:
    return (
        cluster.endswith(_JOINS)
        or character == _JOINS
        or unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )


def _ends_sentence(before: str, gap: str) -> bool:
    """Whether the mark at the end of `before` ends a sentence: not in "1. Yes", "Dr. Lee", "p.m."."""
    if "\n" in gap or not before.endswith("."):
        return True
    last = before.split()[-1][:-1].lstrip("(¿¡\"'“«").casefold()
    return not (last.isdigit() or "." in last or len(last) == 1 or last in _ABBREVIATIONS)
