"""An answer to "when?" cut into what it says: words that a language lists, figures, numbers in words.

Each piece has a letter (see time_lists), so that a sentence of times can be matched as a row of letters. What holds a
word that nothing knows is not cut at all: to leave a word out could turn the sentence round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, product

from languages.language import Language
from languages.number_words import is_part
from languages.numbers import Number, readings
from languages.spelling import unaccented
from languages.time_lists import WORD, Token, Way, is_not, misspelt, phrases, without_points

MOST_WAYS = 64
"""To understand one answer; what could mean more is asked again."""
LONGEST_PHRASE = 6
"""Words."""
HALF = Decimal("0.5")

_FIGURES = re.compile(
    r"(?P<iso>(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d))"
    r"|(?P<clock>(?<!\d)\d{1,2} ?:\d{2}(?!\d)|(?<!\d)\d{1,2}h\d{2}(?!\d))"
    r"|(?P<date>(?<!\d)\d{1,2}(?: ?/ ?\d{1,2}(?: ?/ ?(?:\d{4}|\d{2}))?"
    r"|(?P<sign>[-.])\d{1,2}(?:(?P=sign)(?:\d{4}|\d{2}))?)(?!\d))"
    r"|(?P<ordinal>\d{1,2}(?:st|nd|rd|th|ro|er|ye|[ºª])(?![^\W\d_]))"
    r"|(?P<number>\d+)"
)


def ways(text: str, language: Language) -> tuple[Way, ...]:
    """Every way to cut `text`; none where it holds a word that nothing knows, or too many ways."""
    flat = without_points(text)
    if language.runs_together:
        # What is written apart at will is read without its spaces, save between figures.
        flat = re.sub(r"(?<!\d) +| +(?!\d)", "", flat)
    stretches: list[tuple[Way, ...]] = []
    cut = _cut_solid if language.runs_together else _cut_words
    for stretch in cut(flat, unaccented(flat), language):
        if not stretch:
            return ()
        stretches.append(stretch)
    found = list(islice(product(*stretches), MOST_WAYS + 1))
    if len(found) > MOST_WAYS:
        return ()
    return tuple(tuple(token for part in parts for token in part) for parts in found)


def _cut_words(flat: str, said: str, language: Language) -> Iterator[tuple[Way, ...]]:
    """A language with spaces between its words."""
    pieces = list(_pieces(said))
    at = 0
    while at < len(pieces):
        start, end, figures = pieces[at]
        if figures is not None:
            yield _of_figures(figures, language)
            at += 1
            continue
        count, stretch = _longest(pieces, at, said, language)
        if count < 2 and (run := _run(pieces, at, flat, said, language)):
            numbers = _numbers(flat[start : pieces[at + run - 1][1]], language)
            count, stretch = (run, numbers) if numbers else (count, stretch)
        if count < 2 and is_not(said[start:end], language):
            yield ()  # as if it were a word that nothing knows: what stands beside a "not" is not wanted
        yield stretch or misspelt(said[start:end], language)
        at += max(count, 1)


def _pieces(said: str) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Words and figures, and where they stand."""
    at = 0
    while at < len(said):
        if figures := _FIGURES.match(said, at):
            yield at, figures.end(), figures
            at = figures.end()
        elif word := WORD.match(said, at):
            yield at, word.end(), None
            at = word.end()
        else:
            at += 1


def _longest(
    pieces: list[tuple[int, int, re.Match[str] | None]], at: int, said: str, language: Language
) -> tuple[int, tuple[Way, ...]]:
    """The longest listed phrase that begins at this word: its words and what it may mean."""
    listed = phrases(language)
    words: list[str] = []
    best: tuple[int, tuple[Way, ...]] = (0, ())
    for start, end, figures in pieces[at : at + LONGEST_PHRASE]:
        if figures is not None:
            break
        words.append(said[start:end])
        if (meant := listed.get(" ".join(words))) is not None:
            best = (len(words), meant)
    return best


def _run(
    pieces: list[tuple[int, int, re.Match[str] | None]], at: int, flat: str, said: str, language: Language
) -> int:
    """How many words from here on are one run of number words."""
    count = 0
    for place in range(at, len(pieces)):
        start, end, figures = pieces[place]
        if figures is not None or not is_part(flat[start:end], language):
            break
        if count and (
            _longest(pieces, place, said, language)[0] > 1 or "," in flat[pieces[place - 1][1] : start]
        ):
            break
        count += 1
    return count


def _cut_solid(flat: str, said: str, language: Language) -> Iterator[tuple[Way, ...]]:
    """A language that is written with and without spaces: the longest phrase at each sign, numbers between."""
    listed = phrases(language)
    longest = max(map(len, listed), default=0)
    at = since = 0
    while at <= len(flat):
        figures = _FIGURES.match(said, at)
        length = (
            0
            if figures
            else next(
                (
                    size
                    for size in range(min(longest, len(said) - at), 0, -1)
                    if said[at : at + size] in listed
                ),
                0,
            )
        )
        if figures or length or at == len(flat):
            if any(sign.isalnum() for sign in flat[since:at]):
                yield _numbers(flat[since:at], language)
            if figures:
                yield _of_figures(figures, language)
            elif length:
                yield listed[said[at : at + length]]
            at += (figures.end() - at) if figures else max(length, 1)
            since = at
        else:
            at += 1


def _numbers(text: str, language: Language) -> tuple[Way, ...]:
    """The ways to read a run of number words; none where it holds anything else, or no number."""
    found = []
    for reading in readings(text, language):
        left = "".join(
            sign for at, sign in enumerate(text) if not any(n.start <= at < n.end for n in reading)
        )
        if reading and all(word in language.numbers.joiners for word in WORD.findall(left)):
            found.append(tuple(token for number in reading for token in _number(number)))
    return tuple(way for way in dict.fromkeys(found) if way)


def _number(number: Number) -> Iterator[Token]:
    """ "dis edmi" is ten and a half: ten o'clock and half an hour. No other part of an hour is said so."""
    yield Token("#", number.digits or str(int(number.value)))
    if number.value % 1:
        yield Token("U" if number.value % 1 == HALF else "?")


def _of_figures(figures: re.Match[str], language: Language) -> tuple[Way, ...]:
    text = figures[0]
    if figures["number"]:
        return ((Token("#", text),),) if len(text) <= 8 else ()
    if figures["ordinal"]:
        return ((Token("R", int(re.sub(r"\D", "", text))),),)
    parts = tuple(re.findall(r"\d+", text))
    if figures["clock"]:
        return ((Token("C", parts),),)
    found: list[Way] = [(Token("G", parts),)]
    if figures["sign"] and len(parts) == 2:
        if figures["sign"] == "-":  # "2-4" is a span of time as well
            found.append((Token("B"), Token("#", parts[0]), Token("#", parts[1])))
        elif len(parts[1]) == 2:
            found.append((Token("C", parts),))
    return tuple(found)
