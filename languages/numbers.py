"""Reading numbers: figures of every script, and number words as people say them.

A text can be read in more than one way ("one sixty one ten" is 160 and 110, or 161 and 10; "1,200" may be
twelve hundred or one and a fifth). `readings` gives every way; who asked knows what can be meant, and asks
again where more than one can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise, product
from math import prod

from languages.language import Language
from languages.number_words import (
    MOST_DIGITS,
    Token,
    is_part,
    library_value,
    spelled_digits,
    whole_value,
)
from languages.spelling import WORD, plain

MOST_WORDS = 12
"""Words of one number, or of numbers said in one breath; more is prose, and not read."""
MOST_READINGS = 32

_TOKEN = re.compile(rf"(?P<figures>\d+(?:[.,]\d+)*)|(?P<word>{WORD})")
_BREATH = re.compile(r"[ \-]*")


@dataclass(frozen=True)
class Number:
    """A number and where it stands in `plain(text)`."""

    value: Decimal
    start: int
    end: int
    digits: str = ""
    """The digits as given where they were given one by one or in figures: "0412" keeps its zero."""


Reading = tuple[Number, ...]


def readings(text: str, language: Language) -> tuple[Reading, ...]:
    """Every way to read `text` as numbers, each in the order said, duplicates left out.

    `((),)` where it holds no number; `()` where it holds more than can be told apart.
    """
    ways: list[list[Reading]] = []
    for run in _runs(plain(text), language):
        if len(run) > MOST_WORDS:
            return ()
        ways.append(list(islice(_cut(run, 0, (), language), MOST_READINGS + 1)))
        if len(ways) > MOST_WORDS or prod(map(len, ways)) > MOST_READINGS:
            # All of them or none: the one left out might be the one that was meant.
            return ()
    whole = (tuple(number for part in parts for number in part) for parts in product(*ways))
    return tuple({tuple(number.value for number in reading): reading for reading in whole}.values())


def single(text: str, language: Language) -> frozenset[Decimal]:
    """The values that `text` may have as one number; empty where it is none, or several numbers."""
    return frozenset(reading[0].value for reading in readings(text, language) if len(reading) == 1)


def _runs(text: str, language: Language) -> Iterator[list[Token]]:
    """Tokens that are said in one breath and that numbers are made of; a sign or a word between ends it."""
    run: list[Token] = []
    for token in _tokens(text, language):
        if not (token.figures or is_part(token.text, language)):
            yield from _trimmed(run, text, language)
            run = []
            continue
        if run and (token.minus or not _BREATH.fullmatch(text, run[-1].end, token.start)):
            yield from _trimmed(run, text, language)
            run = []
        run.append(token)
    yield from _trimmed(run, text, language)


def _tokens(text: str, language: Language) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["word"] and language.own_parts is not None:
            yield from _parts(match[0], start, text, language)
            continue
        signed = text[start - 1 : start] == "-" and not text[: start - 1].strip()
        yield Token(match[0], start, end, bool(match["figures"]), signed and bool(match["figures"]))


def _parts(word: str, start: int, text: str, language: Language) -> Iterator[Token]:
    """The parts of a word that the language writes together."""
    assert language.own_parts is not None
    for part in language.own_parts(word, text[start - 1 : start].isdigit()):
        yield Token(part, start, start + len(part), figures=False)
        start += len(part)


def _trimmed(run: list[Token], text: str, language: Language) -> Iterator[list[Token]]:
    """The run without what only stands inside numbers, if a number is left."""
    tail = set(language.numbers.joiners) | set(language.numbers.ones) | set(language.numbers.point)
    while run and not run[-1].figures and run[-1].text in tail | set(language.numbers.minus):
        run = run[:-1]
    while run and not run[0].figures and run[0].text in language.numbers.joiners:
        run = run[1:]
    if len(run) == 1 and run[0].text in (*language.numbers.never_alone, *language.numbers.half):
        return
    if run and not (len(run) == 1 and _is_only_a_word(run[0], text, language)):
        yield run


def _is_only_a_word(token: Token, text: str, language: Language) -> bool:
    """Is it a word that counts only as the whole answer, with other words beside it ("이" is "this")?"""
    beside = text[: token.start] + "," + text[token.end :]
    glued = text[token.start - 1 : token.start].isalpha() or text[token.end : token.end + 1].isalpha()
    return token.text in language.numbers.only_alone and not glued and any(map(str.isalpha, beside))


def _cut(run: list[Token], start: int, cuts: tuple[int, ...], language: Language) -> Iterator[Reading]:
    """Every way to cut a run into numbers, save those that part what is one number in the language."""
    if start == len(run):
        yield from _values_of_cuts(run, (*cuts, start), language)
        return
    if run[start].text in language.numbers.joiners and not run[start].figures:
        if cuts:
            yield from _cut(run, start + 1, (*cuts, start), language)
        return
    for end in range(len(run), start, -1):
        if not _spans(run, start, end, language):
            continue
        if cuts and _parted(run, cuts, start, end, language):
            continue
        yield from _cut(run, end, (*cuts, start), language)


def _parted(run: list[Token], cuts: tuple[int, ...], start: int, end: int, language: Language) -> bool:
    """Would this cut part what is one number in the language ("one hundred | twenty")?

    "one | twenty" may be cut: that people say so for 120 is a habit, not the language's rule.
    """
    before = cuts[-1]
    if run[before].text in language.numbers.joiners and len(cuts) > 1:
        before = cuts[-2]
    words = [token.text for token in run[before:end]]
    if any(token.figures for token in run[before:end]):
        return whole_value(tuple(run[before:end]), language) is not None
    bare_scale = words[start - before] in language.numbers.scales
    return bare_scale or library_value(" ".join(words), language) is not None


def _values_of_cuts(run: list[Token], cuts: tuple[int, ...], language: Language) -> Iterator[Reading]:
    choices = [
        _spans(run, start, end, language)
        for start, end in pairwise(cuts)
        if run[start].text not in language.numbers.joiners
    ]
    for combination in product(*choices):
        yield tuple(number for numbers in combination for number in numbers)


def _spans(run: list[Token], start: int, end: int, language: Language) -> tuple[Reading, ...]:
    """What the tokens from `start` to `end` may be as one number (figures: or as the parts they have)."""
    tokens = tuple(run[start:end])
    first, last = tokens[0].start, tokens[-1].end
    if len(tokens) == 1 and tokens[0].figures:
        return _figures(tokens[0], language)
    if (whole := whole_value(tokens, language)) is not None:
        return ((Number(whole, first, last),),)
    if start == 0 and end == len(run) and (digits := spelled_digits(tokens, language)):
        return ((Number(Decimal(digits), first, last, digits),),)
    return ()


def _figures(token: Token, language: Language) -> tuple[Reading, ...]:
    def number(figures: str, start: int = token.start, end: int = token.end) -> Number:
        sign = "-" if token.minus and start == token.start else ""
        return Number(Decimal(sign + figures), start, end, re.sub(r"\D", "", figures))

    pieces = re.split(r"[.,]", token.text)
    if any(len(piece) > MOST_DIGITS for piece in pieces):
        return ()
    if len(pieces) == 1:
        return ((number(token.text),),)
    found: list[Reading] = [(number(figures),) for figures in _one_value(token.text, pieces, language)]
    if "," in token.text or len(pieces) > 2 or len(pieces[1]) == 2:
        parts = [(m.group(), m.start() + token.start) for m in re.finditer(r"\d+", token.text)]
        found.append(tuple(number(figures, at, at + len(figures)) for figures, at in parts))
    return tuple(found)


def _one_value(text: str, pieces: list[str], language: Language) -> Iterator[str]:
    """The decimals that figures with one sign or more may be: "1,200" → "1200" and, here, "1.200"."""
    signs = re.sub(r"\d", "", text)
    grouped = len(pieces[0]) <= 3 and pieces[0][0] != "0" and all(len(piece) == 3 for piece in pieces[1:])
    own = language.numbers.decimal_sign
    if grouped and len(set(signs)) == 1 and (signs[0] != own or language.numbers.doubtful_thousands):
        yield "".join(pieces)
    if len(signs) == 1 and (signs == own or not grouped or language.numbers.doubtful_thousands):
        yield f"{pieces[0]}.{pieces[1]}"
    if len(set(signs)) == 2 and signs.count(signs[-1]) == 1 and all(len(p) == 3 for p in pieces[1:-1]):
        yield f"{''.join(pieces[:-1])}.{pieces[-1]}"
