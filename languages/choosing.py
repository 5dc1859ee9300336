"""Reading the pick of an option: its number alone, or its words in her sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from languages.language import Language
from languages.numbers import readings
from languages.phrases import any_stands_in, taken_out, whole
from languages.spelling import bare, plain
from languages.words import has_negation, near, without

LONGEST = 200
"""Characters of an answer that picks an option; what is longer is a message."""


def picked_numbers(text: str, language: Language) -> frozenset[tuple[str, ...]]:
    """Every way to read an answer that is made of whole numbers alone ("2", "option 2", "1 and 3, please").

    Each is its digits as given ("01"). Empty where anything else stands beside them.
    """
    if len(text) > LONGEST:
        return frozenset()
    flat = plain(text)
    found = set()
    for reading in readings(text, language):
        kept = [
            sign if not any(n.start <= at < n.end for n in reading) else " " for at, sign in enumerate(flat)
        ]
        whole = all(number.value % 1 == 0 and number.value >= 0 for number in reading)
        if reading and whole and not without("".join(kept), language, "polite", "choosing"):
            found.add(tuple(number.digits or str(number.value) for number in reading))
    return frozenset(found)


def picked_words(text: str, options: Mapping[str, Sequence[str]], language: Language) -> tuple[str, ...]:
    """The options (their names) whose words are the answer, or stand in it, in the options' order.

    The whole answer wins over what stands inside it, and a typo counts only for the whole. Nothing is
    picked from a sentence with a "not" in it.
    """
    said = bare(text) if len(text) <= LONGEST else ""
    if not said:
        return ()
    words = {name: [bare(word) for word in own if bare(word)] for name, own in options.items()}
    core = without(said, language, "polite", "choosing") or said
    for answer in (said, core):
        if exact := tuple(name for name, own in words.items() if _is_one(answer, own, language)):
            return exact
    inside = tuple(name for name, own in words.items() if any_stands_in(own, said, language))
    if inside:
        return () if _negated(said, words.values(), language) else inside
    return tuple(name for name, own in words.items() if near(core, own))


def _is_one(answer: str, own: Iterable[str], language: Language) -> bool:
    return whole(answer, language) in {whole(word, language) for word in own}


def _negated(said: str, words: Iterable[Iterable[str]], language: Language) -> bool:
    """Is there a "not" outside the options' own words ("no more calls" is an option, not a no)?"""
    return has_negation(taken_out((word for own in words for word in own), said, language), language)
