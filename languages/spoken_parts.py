"""A sentence cut into the parts that a voice of our own speaks: what is always the same, and what stands in it.

"Mwen konprann 128 sou 82. Se sa?" is made of "Mwen konprann", "128", "sou", "82" and "Se sa?". What is always
the same and the usual values are spoken long before anyone calls; a call joins them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from string import Formatter

from languages.catalogues import Languages
from languages.language import Language
from languages.saying import UNITS, SayingError, say
from languages.time_words import PARTS

WITHIN, AFTER_COMMA, AFTER_SENTENCE = 0.06, 0.2, 0.35
"""Seconds of silence: between two parts of a phrase, at a comma, at the end of a sentence."""
USUAL_NUMBERS = (*range(1000), *range(1900, 2101))
"""Readings, days, minutes and keys; and years."""

_SENTENCE_END = ".!?…。！？।"
_COMMA = ",;:、，"
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_VALUE_TOKEN = re.compile(rf"(?P<figures>{_FIGURES.pattern})|(?P<mark>[^\w\s°%'’&+-]+)|\s+")
_DIALLED = re.compile(r"[2-9]11|988")
"""Numbers that are dialled, and so said digit by digit. In a value they are figures like any others."""


@dataclass(frozen=True)
class Part:
    """What is spoken in one go: `words` without figures, ended by the mark that gives the voice its melody.

    `pause` is the silence after it, in seconds.
    """

    words: str
    pause: float


class Cutter:
    """Cuts what is said in one language. Made of its catalogue, so that it knows what is always the same."""

    def __init__(self, languages: Languages, tag: str) -> None:
        self.language: Language = languages[tag]
        texts = [text for msgid in languages.states(tag) for text in [languages.text(msgid, tag)[0]]]
        self._fixed = frozenset(_plain(text) for text in texts if "{" not in text)
        self._templates = [_Template(text) for text in texts if "{" in text]
        self._templates = sorted(
            (one for one in self._templates if one.letters), key=lambda one: -one.letters
        )

    def cut(self, text: str) -> tuple[Part, ...]:
        """The parts of a sentence, in order; none where there is nothing to say.

        A sentence that no template of today makes (an old flow's) is cut at its figures and marks.
        """
        said = _plain(text)
        if said in self._fixed:
            return self._always(said)
        for template in self._templates:
            if (values := template.values_in(said)) is not None:
                return self._together(template, values)
        return self._value(said)

    def ahead(self, names: Iterable[str] = ()) -> dict[Part, None]:
        """All parts to prepare before anyone calls, what calls begin with first.

        `names` are those of the clinics and their clinicians.
        """
        return dict.fromkeys(replace(part, pause=0.0) for part in self._ahead(names))

    def _ahead(self, names: Iterable[str]) -> Iterator[Part]:
        for name in names:
            yield from self._value(_plain(name))
        yield from self._value(self.language.own_name)
        yield from (part for text in sorted(self._fixed) for part in self._always(text))
        for template in self._templates:
            yield from (part for literal in template.literals for part in self._always(literal))
        labels = (text for text in sorted(self._fixed) if text[-1] not in _SENTENCE_END)
        for text in [*labels, *self._usual_values()]:
            yield from self._value(text)

    def _usual_values(self) -> Iterator[str]:
        """As the language says them, so that no word of a date or a unit stands here a second time."""
        yield from map(str, USUAL_NUMBERS)
        new_year = date(2024, 1, 1)
        days = [new_year + timedelta(days=day) for day in range(366)]
        values: list[object] = [{"kind": kind, "iso": f"{day}"} for day in days for kind in ("day", "date")]
        clocks = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
        values += [{"kind": "time", "iso": clock.isoformat("minutes")} for clock in clocks]
        values += _visit_times(new_year, clocks)
        values += [{"kind": "blood_pressure", "systolic": 120, "diastolic": 80}]
        values += [{"kind": "quantity", "number": 2, "unit": unit} for unit in UNITS]
        values += [{"kind": "list", "items": [1, 2, 3], "style": style} for style in ("standard", "or")]
        values += [
            {"kind": "visit_time", "at": f"{new_year}T12:00+00:00", "zone": zone, "names_zone": True}
            for zone in self.language.times.zones
        ]
        for value in values:
            try:
                yield say(value, self.language, "voice")
            except SayingError:
                continue  # a kind that this language has no words for is not said either

    def _together(self, template: _Template, values: tuple[str, ...]) -> tuple[Part, ...]:
        parts: list[Part] = []
        for place, literal in enumerate(template.literals):
            _join(parts, self._always(literal), literal)
            if place < len(values):
                value = values[place]
                _join(parts, self._always(value) if self._is_sentence(value) else self._value(value), value)
        return _ended(parts)

    def _is_sentence(self, value: str) -> bool:
        return value in self._fixed and value[-1] in _SENTENCE_END

    def _always(self, text: str) -> tuple[Part, ...]:
        """One part: a text without placeholders, or what stands between two of them."""
        words = text.strip().lstrip(_SENTENCE_END + _COMMA).strip()
        if not any(letter.isalnum() for letter in words):
            return ()
        dialled = _DIALLED.sub(lambda found: " ".join(found[0]), words)
        return (self._part(dialled),)

    def _value(self, text: str) -> tuple[Part, ...]:
        """Figures, and the words before, between and after them."""
        parts: list[Part] = []
        start = 0
        for token in [*_VALUE_TOKEN.finditer(text), None]:
            if token is not None and not token["figures"] and not token["mark"]:
                continue  # a space within words
            run = text[start : token.start() if token else len(text)]
            if any(letter.isalnum() for letter in run):
                parts.append(self._part(run.strip()))
            if token is not None:
                start = token.end()
                if token["figures"]:
                    parts.append(self._part(token["figures"]))
                elif parts:
                    parts[-1] = replace(parts[-1], pause=_pause(token["mark"]))
        return _ended(parts)

    def _part(self, words: str) -> Part:
        written = _FIGURES.sub(lambda found: self._in_words(found[0]), words)
        if written[-1] in _SENTENCE_END:
            return Part(written, AFTER_SENTENCE)
        pause = AFTER_COMMA if written[-1] in _COMMA else WITHIN
        return Part(written.rstrip(_COMMA + " ") + ",", pause)

    def _in_words(self, figures: str) -> str:
        """Figures as words, where the folder has them: not every voice reads its language's numbers rightly."""
        write = self.language.own_words
        if write is None:
            return figures
        whole, *decimals = re.split(r"[.,]", figures)
        point = self.language.numbers.point[:1]
        said = _number(whole, write)
        for digits in decimals:
            said = " ".join([said, *point, *(write(int(digit)) for digit in digits)])
        return said


def _visit_times(day: date, clocks: list[time]) -> Iterator[dict[str, object]]:
    """Every hour of a visit and of a wanted time, each part of a day, each weekday of a span of days."""
    wanted: dict[str, object] = {"kind": "wanted_time", "first": f"{day}", "last": f"{day}"}
    for clock in clocks:
        iso = clock.isoformat("minutes")
        yield {"kind": "visit_time", "at": f"{day}T{iso}+00:00", "zone": "UTC"}
        yield {**wanted, "earliest": iso}
        yield {**wanted, "latest": iso}
        yield {**wanted, "earliest": iso, "latest": iso}
    yield from ({**wanted, "part": part} for part in PARTS)
    whole: dict[str, object] = {"kind": "wanted_time", "any_day": True}
    for soonest in (True, False):
        yield {**whole, "soonest": soonest}
        yield from ({**whole, "soonest": soonest, "part": part} for part in PARTS)
        yield from ({**whole, "soonest": soonest, "at": clock.isoformat("minutes")} for clock in clocks[:1])
    for ahead in range(7):
        first = day + timedelta(days=ahead)
        yield {**wanted, "first": f"{first}", "last": f"{first + timedelta(days=6)}"}


class _Template:
    """A text with placeholders: what stands around them, and what stands for them in a sentence made of it."""

    def __init__(self, text: str) -> None:
        fields = list(Formatter().parse(" ".join(text.split())))
        literals, count = [""], 0
        for literal, name, _, _ in fields:
            literals[-1] += literal
            if name is not None:
                literals.append("")
                count += 1
        self.literals = tuple(literals)
        self.letters = sum(letter.isalnum() for literal in literals for letter in literal)
        self._pattern = re.compile("(.+?)".join(map(re.escape, literals)))

    def values_in(self, said: str) -> tuple[str, ...] | None:
        found = self._pattern.fullmatch(said)
        return found.groups() if found else None


def _number(whole: str, write: Callable[[int], str]) -> str:
    if whole.startswith("0") or len(whole) > 4:
        return " ".join(write(int(digit)) for digit in whole)
    return write(int(whole))


def _join(parts: list[Part], more: tuple[Part, ...], text: str) -> None:
    """Put parts behind others; a mark that `text` begins with is the pause before it."""
    first = text.lstrip()[:1]
    if parts and first and first in _SENTENCE_END + _COMMA:
        parts[-1] = replace(parts[-1], pause=_pause(first))
    parts.extend(more)


def _ended(parts: list[Part]) -> tuple[Part, ...]:
    """The next prompt follows after a pause, as another sentence."""
    if parts:
        parts[-1] = replace(parts[-1], pause=AFTER_SENTENCE)
    return tuple(parts)


def _pause(mark: str) -> float:
    if any(sign in _SENTENCE_END for sign in mark):
        return AFTER_SENTENCE
    return AFTER_COMMA if any(sign in _COMMA for sign in mark) else WITHIN


def _plain(text: str) -> str:
    """What can be spoken of it: no control characters, single spaces."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
