"""An answer to "when?" cut into what it says: words that a language lists, figures, numbers in words.

Each piece has a letter (see LETTERS), so that a sentence of times can be matched as a row of letters. What holds a
word that nothing knows is not cut at all: to leave a word out could turn the sentence round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any

from rapidfuzz import fuzz

from languages.date_words import month_names
from languages.language import Language
from languages.number_words import is_part
from languages.numbers import Number, readings
from languages.spelling import plain, unaccented
from languages.weekdays import weekday_names
from languages.words import NEAR, SHORTEST_TYPO

LISTS: Mapping[str, str] = {
    "soonest": "S", "any": "A", "next": "X", "this": "T", "week": "K", "weekend": "E", "month": "N", "day": "D",
    "within": "I", "later": "F", "one": "1", "day_of_month": "L", "day_mark": "d", "month_mark": "o",
    "year_mark": "y", "at": "t", "hour_mark": "h", "minute_mark": "m", "half": "U", "quarter": "Q",
    "quarter_to": "u", "after": "f", "before": "b", "after_behind": "v", "before_behind": "q", "between": "B", "to": "r",
}  # fmt: skip
"""A list of [times] → the letter of its words."""
TABLES: Mapping[str, str] = {
    "days": "O", "weeks": "w", "spans": "s", "hours": "H", "day_numbers": "R",
}  # fmt: skip
"""A table of [times] → the letter of its words, which have values."""
LETTERS = {*LISTS.values(), *TABLES.values(), *"WMPRHGC#"}
"""Besides: weekday, month, part of the day, ordinal, figure date, clock, number."""
MOST_WAYS = 64
LONGEST_PHRASE = 6

_FIGURES = re.compile(
    r"(?P<iso>(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d))"
    r"|(?P<clock>(?<!\d)\d{1,2} ?:\d{2}(?!\d)|(?<!\d)\d{1,2}h\d{2}(?!\d))"
    r"|(?P<date>(?<!\d)\d{1,2}(?: ?/ ?\d{1,2}(?: ?/ ?(?:\d{4}|\d{2}))?"
    r"|(?P<sign>[-.])\d{1,2}(?:(?P=sign)(?:\d{4}|\d{2}))?)(?!\d))"
    r"|(?P<ordinal>\d{1,2}(?:st|nd|rd|th|ro|er|ye|[ºª])(?![^\W\d_]))"
    r"|(?P<number>\d+)"
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_INITIALS = re.compile(r"(?<![^\W\d_])([ap])\. ?m\b\.?|(?<![^\W\d_])([ap]) m\b\.?")


@dataclass(frozen=True)
class Token:
    letter: str
    value: Any = None
    empty: bool = False
    """May it also say nothing?"""


Way = tuple[Token, ...]
"""One way to understand a stretch of words."""


def ways(text: str, language: Language) -> tuple[Way, ...]:
    """Every way to cut `text`; none where it holds a word that nothing knows, or too many ways."""
    flat = _INITIALS.sub(lambda found: f"{found[1] or found[2]}m", plain(text))
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
        yield stretch or _misspelt(said[start:end], language)
        at += max(count, 1)


def _pieces(said: str) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Words and figures, and where they stand."""
    at = 0
    while at < len(said):
        if figures := _FIGURES.match(said, at):
            yield at, figures.end(), figures
            at = figures.end()
        elif word := _WORD.match(said, at):
            yield at, word.end(), None
            at = word.end()
        else:
            at += 1


def _longest(
    pieces: list[tuple[int, int, re.Match[str] | None]], at: int, said: str, language: Language
) -> tuple[int, tuple[Way, ...]]:
    """The longest listed phrase that begins at this word: its words and what it may mean."""
    phrases = _phrases(language)
    words: list[str] = []
    best: tuple[int, tuple[Way, ...]] = (0, ())
    for start, end, figures in pieces[at : at + LONGEST_PHRASE]:
        if figures is not None:
            break
        words.append(said[start:end])
        if (meant := phrases.get(" ".join(words))) is not None:
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
    phrases = _phrases(language)
    longest = max(map(len, phrases), default=0)
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
                    if said[at : at + size] in phrases
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
                yield phrases[said[at : at + length]]
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
        if reading and all(word in language.numbers.joiners for word in _WORD.findall(left)):
            found.append(tuple(token for number in reading for token in _number(number)))
    return tuple(way for way in dict.fromkeys(found) if way)


def _number(number: Number) -> Iterator[Token]:
    """ "dis edmi" is ten and a half: ten o'clock and half an hour."""
    yield Token("#", number.digits or str(int(number.value)))
    if number.value % 1:
        yield Token("U") if number.value % 1 == number.value.__class__("0.5") else Token("?")


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


@lru_cache(maxsize=64)
def _phrases(language: Language) -> Mapping[str, tuple[Way, ...]]:
    """Every listed phrase, as texts are compared → what it may mean."""
    meant: dict[str, dict[tuple[str, Any], None]] = {}
    for phrase, letter, value in _listed(language):
        meant.setdefault(_key(phrase, language), {})[letter, value] = None
    found: dict[str, tuple[Way, ...]] = {}
    for key, meanings in meant.items():
        empty = ("", None) in meanings
        tokens = [Token(letter, value, empty) for letter, value in meanings if letter]
        if {token.letter for token in tokens} == {"O", "P"}:  # "tonight" says the day and the part of it
            found[key] = (tuple(tokens),)
        else:
            found[key] = tuple((token,) for token in tokens) or ((),)
    found.pop("", None)
    return found


def _listed(language: Language) -> Iterator[tuple[str, str, Any]]:
    times = language.times
    for name, letter in LISTS.items():
        yield from ((phrase, letter, None) for phrase in getattr(times, name))
    for name, letter in TABLES.items():
        yield from ((phrase, letter, value) for phrase, value in getattr(times, name).items())
    yield from ((name, "W", day) for name, day in weekday_names(language).items())
    yield from ((name, "M", month) for name, month in month_names(language).items())
    yield from ((phrase, "R", value) for phrase, value in language.dates.ordinals.items())
    yield from ((phrase, "P", part) for part, phrases in times.parts.items() for phrase in phrases)
    own = language.calendar.hours if language.calendar else ()
    yield from ((phrase, "H", hour) for hour, phrase in enumerate(own, 1))
    known = (*times.fillers, *language.words["polite"], *language.words["greetings"])
    yield from (
        (phrase, "", None) for phrase in known if not is_part(phrase, language) or phrase in times.fillers
    )


def _key(phrase: str, language: Language) -> str:
    said = unaccented(_INITIALS.sub(lambda found: f"{found[1] or found[2]}m", plain(phrase)))
    if language.runs_together:
        return said.replace(" ", "")
    return " ".join(_WORD.findall(said)) if not any(sign.isdigit() for sign in said) else ""


@lru_cache(maxsize=4096)
def _misspelt(word: str, language: Language) -> tuple[Way, ...]:
    """What a word is a typo of, where all that is near to it means the same."""
    if len(word) < SHORTEST_TYPO:
        return ()
    near = {
        phrase: likeness
        for phrase in _phrases(language)
        if len(phrase) >= SHORTEST_TYPO and phrase[0] == word[0] and " " not in phrase
        if (likeness := fuzz.ratio(word, phrase)) > NEAR
    }
    best = max(near.values(), default=0.0)
    meant = {_phrases(language)[phrase] for phrase, likeness in near.items() if likeness >= best - 5}
    return meant.pop() if len(meant) == 1 else ()
