"""Several of some options at once, such as symptoms: "1 3", keys `13#`, their words; 0 or "none" for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.choosing import picked_numbers, picked_words
from languages.words import is_word

NOT_ONE = N_("Sorry, one of those numbers is not in the list.")
NOT_READ = N_("Sorry, I did not understand. Please give the numbers that fit you, like 1 3, or 0 for none.")
NONE_AND_SOME = N_("I read both none and some. Please give the numbers that fit you, or only 0 for none.")
NONE = "0"


class Choices:
    """Options: `choices` as for a choice, at most nine with the keys 1 to 9.

    Its value is the list of the `value`s chosen, in the order of the choices; empty for none of them.
    """

    name = "choices"
    zero_is_an_answer = True

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        problems = [f"choices takes no option {name!r}" for name in sorted(options) if name != "choices"]
        choices = options.get("choices", ())
        if not choices:
            problems.append("choices needs `choices:`")
        keys = [str(choice.get("key", place)) for place, choice in enumerate(choices, 1)]
        if any(len(key) != 1 or key not in "123456789" for key in keys):
            problems.append("the keys of choices are 1 to 9, one digit each; 0 is none of them")
        if len(set(keys)) < len(keys):
            problems.append(f"two choices have one key: {', '.join(keys)}")
        return problems

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        choices: Sequence[Mapping[str, Json]] = options.get("choices", ())
        by_key = {str(choice["key"]): choice for choice in choices}
        if said.keys:
            return _by_digits(said.keys.replace("*", ""), by_key)
        if numbers := picked_numbers(said.words, language):
            # "13" and "one three" are 1 and 3 however they are cut: no option has two digits.
            digits = {"".join(reading) for reading in numbers}
            return _by_digits(digits.pop(), by_key) if len(digits) == 1 else Unclear(NOT_READ)
        picked = picked_words(said.words, {key: _words(choice) for key, choice in by_key.items()}, language)
        if is_word(said.words, language, "none") or is_word(said.words, language, "no"):
            return Understood([]) if not picked else Unclear(NONE_AND_SOME)
        return _by_digits("".join(picked), by_key) if picked else Unclear(NOT_READ)

    def messages(self) -> list[str]:
        return [NOT_ONE, NOT_READ, NONE_AND_SOME]


def _by_digits(digits: str, by_key: Mapping[str, Mapping[str, Json]]) -> Understood | Unclear:
    if not digits:
        return Unclear(NOT_READ)
    if set(digits) == {NONE}:
        return Understood([])
    if NONE in digits:
        return Unclear(NONE_AND_SOME)
    if not set(digits) <= by_key.keys():
        return Unclear(NOT_ONE)
    return Understood([choice["value"] for key, choice in by_key.items() if key in digits])


def _words(choice: Mapping[str, Json]) -> list[str]:
    return [choice["label"], *choice.get("words", ())]


KIND = Choices()
