"""One of several options: its key, its number in words or figures, or its words in her language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialogue.said import Json, Said, Unclear, Understood
from languages import N_, Language
from languages.choosing import picked_numbers, picked_words

NOT_ONE = N_("Sorry, that is not one of the choices.")
NOT_READ = N_("Sorry, I did not understand. Please answer with the number of your choice.")
SEVERAL = N_("Did you mean {choices}? Please choose one.")


class Choice:
    """Options: `choices`, each `{"key": "1", "value": …, "label": …, "words": […]}` with label and words
    already in her language. Its value is the `value` of the one chosen.

    A choice without a label is not offered: it has no key, and is understood by its words.
    """

    name = "choice"
    zero_is_an_answer = False

    def finished_by(self, options: Mapping[str, Json]) -> int | None:
        lengths = {len(str(choice["key"])) for choice in options.get("choices", ()) if "label" in choice}
        return lengths.pop() if len(lengths) == 1 else None

    def check(self, options: Mapping[str, Json]) -> list[str]:
        problems = [f"choice takes no option {name!r}" for name in sorted(options) if name != "choices"]
        choices = options.get("choices", ())
        if not choices:
            problems.append("a choice needs `choices:`")
        keys = [str(choice.get("key", place)) for place, choice in enumerate(choices, 1)]
        if len(set(keys)) < len(keys):
            problems.append(f"two choices have one key: {', '.join(keys)}")
        if "0" in keys:
            problems.append("key 0 is a person, and no choice")
        return problems

    def read(self, said: Said, language: Language, options: Mapping[str, Json]) -> Understood | Unclear:
        choices: Sequence[Mapping[str, Json]] = options.get("choices", ())
        by_key = {str(choice["key"]): choice for choice in choices}
        if said.keys:
            return _understood(by_key.get(said.keys))
        numbers = {reading for reading in picked_numbers(said.words, language) if len(reading) == 1}
        if numbers:
            meant = [by_key[number] for (number,) in numbers if number in by_key]
            return _understood(meant[0] if len(meant) == 1 else None)
        picked = picked_words(said.words, {key: _words(choice) for key, choice in by_key.items()}, language)
        if len(picked) > 1:
            labels = [_words(by_key[key])[0] for key in picked]
            return Unclear(SEVERAL, {"choices": {"kind": "list", "style": "or", "items": labels}})
        return _understood(by_key[picked[0]]) if picked else Unclear(NOT_READ)

    def messages(self) -> list[str]:
        return [NOT_ONE, NOT_READ, SEVERAL]


def _understood(choice: Mapping[str, Json] | None) -> Understood | Unclear:
    return Unclear(NOT_ONE) if choice is None else Understood(choice["value"])


def _words(choice: Mapping[str, Json]) -> list[str]:
    return [*([choice["label"]] if "label" in choice else []), *choice.get("words", ())]


KIND = Choice()
