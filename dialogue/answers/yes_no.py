"""Yes or no: keys 1 and 2, the words of her language, a 1 or a 2 in words or figures."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.choosing import picked_numbers
from languages.words import yes_or_no

NOT_READ = N_("Sorry, I did not understand. Please answer 1 for yes or 2 for no.")
BY_KEY = {"1": "yes", "2": "no"}


class YesNo:
    """Its value is "yes" or "no", the words that flows branch on."""

    name = "yes_no"
    zero_is_an_answer = False

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        return 1

    def check(self, options: Mapping[str, Json]) -> list[str]:
        return [f"yes_no takes no option {name!r}" for name in sorted(options) if name != "choices"]

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        if said.keys:
            answer = BY_KEY.get(said.keys)
        elif (sure := yes_or_no(said.words, language)) is not None:
            answer = "yes" if sure else "no"
        else:
            numbers = picked_numbers(said.words, language)
            answer = BY_KEY.get(next(iter(numbers))[0]) if _is_one(numbers) else None
        return Unclear(NOT_READ) if answer is None else Understood(answer)

    def messages(self) -> list[str]:
        return [NOT_READ]


def _is_one(numbers: frozenset[tuple[str, ...]]) -> bool:
    return len(numbers) == 1 and len(next(iter(numbers))) == 1


KIND = YesNo()
