"""Rows of pieces that are a time of the wall clock: "at 3", "half past two", "2 to 4", "after noon"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from languages.time_claims import Claim, Clock, Part

Build = Callable[[str, tuple[Any, ...]], tuple[Claim, ...]]
"""What a row of letters and the values of its pieces claim; nothing where they make no sense."""

_PAST = {"U": 30, "Q": 15, "u": -15}


def clock_patterns() -> list[tuple[str, Build]]:
    """Patterns of letters (see time_tokens), and what builds the claims of each."""
    written: list[tuple[str, Build]] = []
    core = ("C", "[UQu]t?[#H]h?", "[#H]h?[UQu]", "[#H]h?#m?", "[#H]h?")
    for one in core:
        written += [
            (f"t?{one}", _at),
            (f"ft?{one}", _after),
            (f"{one}v", _after),
            (f"bt?{one}", _before),
            (f"{one}q", _before),
        ]
        for other in core:
            written += [(f"(?:Bt?{one}P?r?|t?{one}P?r|{one}v)t?{other}q?", _between(one, other))]
    written += [("bt?P|Pq", _before_noon)]
    return written


def _clock(letters: str, values: tuple[Any, ...], short: bool = False) -> tuple[Clock, ...]:
    """The clock that a `core` tells; none where its figures tell none. `short`: may minutes be one figure?"""
    pairs = list(zip(letters, values, strict=True))
    past = sum(_PAST.get(letter, 0) for letter in letters)
    if letters[0] == "C":
        hour, minute = map(int, values[0])
    else:
        numbers = [(letter, value) for letter, value in pairs if letter in "#H"]
        digits = str(numbers[0][1])
        if len(numbers) == 2 and (len(digits) > 2 or len(numbers[1][1]) > 2):
            return ()
        if len(numbers) == 2 and len(numbers[1][1]) == 1 and not (short or set(letters) & set("mH")):
            return ()
        if len(digits) in (3, 4):
            hour, minute = int(digits[:-2]), int(digits[-2:])
        else:
            hour, minute = int(digits), int(numbers[1][1]) if len(numbers) == 2 else 0
    if past:
        hour, minute = divmod(max(hour * 60 + minute + past, 0), 60)
    return (Clock(hour, minute, bare=letters == "#", loose=letters[-1] == "#"),)


def _at(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    core = letters.removeprefix("t")
    alone = core == letters
    for clock in _clock(core, values[-len(core) :], short=not alone):
        # "At 3" is a time by itself, "at 1530" only beside a day.
        long = len(str(values[-1])) > 2
        bare = (core == "#" and (alone or long)) or (core == "##" and alone)
        return (replace(clock, bare=bare),)
    return ()


def _after(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return _bound(letters, values, "fv", "after")


def _before(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return _bound(letters, values, "bq", "before")


def _bound(
    letters: str, values: tuple[Any, ...], marks: str, role: Literal["after", "before"]
) -> tuple[Claim, ...]:
    start = len(letters) - len(letters.lstrip(f"{marks}t"))
    end = len(letters.rstrip(marks))
    found = _clock(letters[start:end], values[start:end])
    return tuple(Clock(one.hour, one.minute, role) for one in found)


def _between(one: str, other: str) -> Build:
    shape = re.compile(f"B?t?({one})v?P?r?t?({other})q?")

    def build(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
        found = shape.fullmatch(letters)
        if found is None:
            return ()
        spans = [found.span(1), found.span(2)]
        clocks = [_clock(letters[start:end], values[start:end]) for start, end in spans]
        if not all(clocks):
            return ()
        (first,), (last,) = clocks
        return Clock(first.hour, first.minute, "after"), Clock(last.hour, last.minute, "before")

    return build


def _before_noon(letters: str, values: tuple[Any, ...]) -> tuple[Claim, ...]:
    return (Clock(12, 0, "before"), Part("noon")) if "noon" in values else ()
