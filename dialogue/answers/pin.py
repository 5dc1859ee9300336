"""A PIN: its digits by key or in figures; a 1 alone is "I have none"."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.spelling import plain
from languages.words import is_word

NOT_READ = N_("Please give your PIN as four to eight numbers, or 1 if you have none.")
NONE = "1"
LENGTHS = range(4, 9)
"""Digits; care/rules/identity.yaml says the same to whoever sets one, and a test compares them."""


class Pin:
    """Takes no options. Its value is `{"kind": "pin", "digits": "2468"}`, with no digits where she has none."""

    name = "pin"
    zero_is_an_answer = True

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        return [f"pin takes no option {name!r}" for name in sorted(options)]

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        digits = "".join(sign for sign in plain(said.keys or said.words) if sign not in " -.")
        if digits == NONE or (said.words and is_word(said.words, language, "no")):
            return Understood({"kind": "pin", "digits": ""})
        if digits.isascii() and digits.isdigit() and len(digits) in LENGTHS:
            return Understood({"kind": "pin", "digits": digits})
        return Unclear(NOT_READ)

    def messages(self) -> list[str]:
        return [NOT_READ]


KIND = Pin()
