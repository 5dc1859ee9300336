"""Finding listed words in what somebody wrote: between spaces, or where its people run words together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from languages.language import Language


def stands_in(phrase: str, said: str, language: Language) -> bool:
    """Do the words of `phrase` stand in `said`, both `bare`?"""
    if not language.runs_together:
        return f" {phrase} " in f" {said} "
    return _loose(phrase).search(said) is not None


def any_stands_in(phrases: Iterable[str], said: str, language: Language) -> bool:
    """Does one of them stand in `said`, in a question too ("chest pain?")?"""
    asked = said.replace("?", " ")
    return any(stands_in(phrase, asked, language) for phrase in phrases)


def taken_out(phrases: Iterable[str], said: str, language: Language) -> str:
    """`said` less every one of `phrases`, longest first; what is left, one space between words."""
    left = f" {said} "
    for phrase in sorted(phrases, key=len, reverse=True):
        if language.runs_together:
            left = _loose(phrase).sub(" ", left)
        elif f" {phrase} " in left:
            left = left.replace(f" {phrase} ", "  ")
    return " ".join(left.split())


def whole(said: str, language: Language) -> str:
    """`said` (bare) as whole answers are compared: without spaces where its people leave them out at will."""
    return said.replace(" ", "") if language.runs_together else said


@lru_cache(maxsize=8192)
def _loose(phrase: str) -> re.Pattern[str]:
    """The phrase with or without its spaces, at the start of a word; or solid, anywhere in one.

    It may begin inside a word only where it stays in it: "피가 많이" (much blood) stands in "저는피가많이",
    not in "커피가 많이" (much coffee). A word of one syllable, and one of figures or Latin letters, must
    stand alone: "네" (yes) is in too many others.
    """
    written = unicodedata.normalize("NFC", phrase).replace(" ", "")
    if len(written) < 2 or any(sign.isdigit() or sign.isascii() for sign in written):
        return re.compile(rf"(?<!\S){re.escape(phrase)}(?!\S)")
    letters = phrase.replace(" ", "")
    return re.compile(rf"(?<!\S){' ?'.join(map(re.escape, letters))}|{re.escape(letters)}")
