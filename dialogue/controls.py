"""What she can ask for at any point: a person, again, back, the menu, help, another language, to stop."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue.said import AnswerKind, Json, Said
from languages import Language
from languages.spelling import bare
from languages.words import asks_to_stop, in_danger, is_word

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

BY_WORD = (HELP, MENU, BACK, LANGUAGE, PERSON, AGAIN, START)
BEFORE_ANYTHING = (STOP, HELP, DANGER)
"""Followed even where they open a talk: nobody is asked for her language before a stop is honoured."""
PART_OF_A_MESSAGE = (PERSON, AGAIN, LANGUAGE, HELP)
"""Said in a message to the clinic, they are the message: "please call me"."""
HERS_FIRST = (BACK, MENU, AGAIN, PERSON, START)
"""Where a choice has the same word, the choice is meant."""


def asked_for(said: Said, language: Language) -> str | None:
    """The control that words ask for: a word alone, or danger and a stop anywhere in a sentence.

    Danger is looked for first, and never missed for being wrapped in a sentence; the price is that
    a person is now and then offered help that she did not need.
    """
    words = said.words
    if not words.strip():
        return None
    if in_danger(words, language):
        return DANGER
    if asks_to_stop(words, language):
        return STOP
    return next((control for control in BY_WORD if is_word(words, language, control)), None)


def pressed(keys: str, kind: AnswerKind) -> str | None:
    """The control that keys ask for. Where 0 can be an answer, a person is `*0`."""
    if keys == ("*0" if kind.zero_is_an_answer else "0"):
        return PERSON
    return AGAIN if keys == "*" else None


def read(said: Said, kind: AnswerKind, language: Language, options: Mapping[str, Json]) -> str | None:
    """The control in an answer to a question, or None where it is an answer."""
    if said.keys:
        return pressed(said.keys, kind)
    asked = asked_for(said, language)
    own = {bare(word) for choice in options.get("choices", ()) for word in choice.get("words", ())}
    is_answer = (
        asked == START
        or (kind.name == "message" and asked in PART_OF_A_MESSAGE)
        or (asked in HERS_FIRST and bare(said.words) in own)
    )
    return None if is_answer else asked
