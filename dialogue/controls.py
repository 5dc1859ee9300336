"""What she can ask for at any point: a person, again, back, the menu, help, another language, to stop."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from dialogue.said import AnswerKind, Json, Said
from languages import Language

PERSON, AGAIN, BACK, MENU, HELP, LANGUAGE, STOP, START, DANGER = (
    "person",
    "again",
    "back",
    "menu",
    "help",
    "language",
    "stop",
    "start",
    "danger",
)

BY_WORD = (STOP, HELP, MENU, BACK, LANGUAGE, PERSON, AGAIN)
PHRASES = {STOP: "stop_requests", DANGER: "danger"}
BEFORE_ANYTHING = (STOP, HELP, DANGER)
"""Followed even where they open a talk: nobody is asked for her language before a stop is honoured."""


def asked_for(said: Said, language: Language) -> str | None:
    """The control that words ask for: a word alone, or a whole request anywhere in the text.

    Danger is looked for first, and never missed for being wrapped in a sentence; the price is that
    a person is now and then offered help that she did not need.
    """
    plain = plainly(said.words)
    if not plain:
        return None
    for control in (DANGER, STOP):
        if any(f" {plainly(phrase)} " in f" {plain} " for phrase in language.words.get(PHRASES[control], ())):
            return control
    for control in (*BY_WORD, START):
        if plain in {plainly(word) for word in language.words.get(control, ())}:
            return control
    return None


def pressed(keys: str, kind: AnswerKind) -> str | None:
    """The control that keys ask for. Where 0 can be an answer, a person is `*0`."""
    if keys == ("*0" if kind.zero_is_an_answer else "0"):
        return PERSON
    return AGAIN if keys == "*" else None


def read(said: Said, kind: AnswerKind, language: Language, options: Mapping[str, Json]) -> str | None:
    """The control in an answer to a question, or None where it is an answer."""
    if said.keys:
        return pressed(said.keys, kind)
    own = {plainly(word) for choice in options.get("choices", ()) for word in choice.get("words", ())}
    asked = asked_for(said, language)
    is_answer = asked == START or (asked in (BACK, MENU, AGAIN, PERSON) and plainly(said.words) in own)
    return None if is_answer else asked


def plainly(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces: how words are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w]+", " ", kept).split())
