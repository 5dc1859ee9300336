"""What she can ask for at any point: a person, again, back, the menu, help, another language, to stop, to leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialogue.said import AnswerKind, Json, Said
from languages import Language
from languages.spelling import bare
from languages.words import asks_to_stop, in_danger, is_listed, is_word, requests_a_stop

PERSON, AGAIN, BACK, MENU, HELP, LANGUAGE, STOP, START, DANGER, LEAVE, WRONG_PERSON = (
    "person",
    "again",
    "back",
    "menu",
    "help",
    "language",
    "stop",
    "start",
    "danger",
    "leave",
    "wrong_person",
)

BY_WORD = (HELP, MENU, BACK, LANGUAGE, PERSON, AGAIN, START, LEAVE)
BEFORE_ANYTHING = (STOP, HELP, DANGER, LEAVE)
"""Followed even where they open a talk: nobody is asked for her language before a stop is honoured."""
PART_OF_A_MESSAGE = (PERSON, AGAIN, LANGUAGE, HELP)
"""Said in a message to the clinic, they are the message: "please call me"."""
HERS_FIRST = (BACK, MENU, AGAIN, PERSON, START)
"""Where a choice has the same word, the choice is meant."""
ASKS_WHO = ("birth_date", "pin")
"""Questions to which "wrong number" is no answer: whoever says so is not the one whom we look for."""


def asked_for(said: Said, language: Language, others: Iterable[Language] = ()) -> str | None:
    """The control that words ask for: a word alone, or danger and a stop anywhere in a sentence.

    Danger, a stop, and a start after it, count in `others` as well: whoever is in need, or has had enough, uses
    her own words.

    Danger is looked for first, and never missed for being wrapped in a sentence; the price is that
    a person is now and then offered help that she did not need.
    """
    words = said.words
    if not words.strip():
        return None
    others = tuple(others)
    if any(in_danger(words, one) for one in (language, *others)):
        return DANGER
    if asks_to_stop(words, language):
        return STOP
    own = next((one for one in BY_WORD if is_word(words, language, one, typos=one != LEAVE)), None)
    if own is None:
        own = STOP if any(requests_a_stop(words, other) for other in others) else None
    if own is None:
        own = START if any(is_listed(words, other, START) for other in others) else None
    return own


def pressed(keys: str, kind: AnswerKind) -> str | None:
    """The control that keys ask for. Where digits can be an answer, a person is `*0` and leaving is `*9`."""
    before = "*" if kind.zero_is_an_answer else ""
    return {f"{before}0": PERSON, f"{before}9": LEAVE, "*": AGAIN}.get(keys)


def read(
    said: Said,
    kind: AnswerKind,
    language: Language,
    options: Mapping[str, Json],
    others: Iterable[Language] = (),
) -> str | None:
    """The control in an answer to a question, or None where it is an answer."""
    if said.keys:
        is_choice = any(str(choice["key"]) == said.keys for choice in options.get("choices", ()))
        return None if is_choice else pressed(said.keys, kind)
    if kind.name in ASKS_WHO and is_word(said.words, language, WRONG_PERSON):
        return WRONG_PERSON
    asked = asked_for(said, language, others)
    own = {bare(word) for choice in options.get("choices", ()) for word in choice.get("words", ())}
    is_answer = (
        asked == START
        or (
            kind.name == "message"
            and asked in PART_OF_A_MESSAGE
            and not _is_no_name(said, asked, language, options)
        )
        or (asked in HERS_FIRST and bare(said.words) in own)
    )
    return None if is_answer else asked


def _is_no_name(said: Said, asked: str, language: Language, options: Mapping[str, Json]) -> bool:
    """Asked for her name she wrote a word that steers, as it is listed: nobody is called "nurse"."""
    return bool(options.get("is_name")) and is_listed(said.words, language, asked)
