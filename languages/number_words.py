"""The value of words that people say as one number, in each language's own way.

A library knows the numbers that a language writes; what people say besides ("one twenty" for 120, "oh"
for zero, a half, a point) is in the language's own folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from text_to_num import text2num

from languages.han import han_value
from languages.language import Language

MOST_DIGITS = 20


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int
    figures: bool
    minus: bool = False


def whole_value(tokens: tuple[Token, ...], language: Language) -> Decimal | None:
    """The value of words (and figures beside words) that people say as one number."""
    known = language.numbers
    words = [token.text for token in tokens]
    if len(words) > 1 and words[0] in known.minus and not tokens[0].figures:
        rest = whole_value(tokens[1:], language) if len(tokens) > 2 else _atom(tokens[1], language)
        return None if rest is None else -rest
    if len(words) > 1 and words[-1] in known.half:
        return _plus_half(tokens[:-1], language)
    for at in range(1, len(tokens) - 1):
        if words[at] in known.point and not tokens[at].figures:
            return _with_point(tokens[:at], tokens[at + 1 :], language)
    if any(token.figures for token in tokens):
        return None
    value = words_value(" ".join(words), language)
    return None if value is None else Decimal(value)


def _atom(token: Token, language: Language) -> Decimal | None:
    if token.figures:
        return Decimal(token.text) if token.text.isdigit() and len(token.text) <= MOST_DIGITS else None
    return whole_value((token,), language)


def _plus_half(tokens: tuple[Token, ...], language: Language) -> Decimal | None:
    inside = {*language.numbers.joiners, *language.numbers.ones}
    while len(tokens) > 1 and tokens[-1].text in inside:
        tokens = tokens[:-1]
    value = _atom(tokens[0], language) if len(tokens) == 1 else whole_value(tokens, language)
    return None if value is None or value % 1 else value + Decimal("0.5")


def _with_point(before: tuple[Token, ...], after: tuple[Token, ...], language: Language) -> Decimal | None:
    """ "ninety eight point six", "98 point 6": the part after the point digit by digit, or as one number."""
    units = _atom(before[0], language) if len(before) == 1 else whole_value(before, language)
    if units is None:
        units_digits = spelled_digits(before, language)
        units = Decimal(units_digits) if units_digits else None
    digits = spelled_digits(after, language, least=1)
    if not digits:
        value = whole_value(after, language) if len(after) > 1 else _atom(after[0], language)
        digits = "" if value is None or value % 1 or value < 0 else str(value)
    return Decimal(f"{units}.{digits}") if units is not None and digits and not units % 1 else None


def spelled_digits(tokens: tuple[Token, ...], language: Language, least: int = 2) -> str:
    """Digits said one by one: "one two oh" → "120". Two of them count only where one is a zero."""
    digits = [_digit(token, language) for token in tokens]
    if None in digits or len(digits) < least or (len(digits) == least == 2 and "0" not in digits):
        return ""
    return "".join(digit for digit in digits if digit)


def _digit(token: Token, language: Language) -> str | None:
    if token.figures:
        return token.text if len(token.text) == 1 else None
    value = words_value(token.text, language)
    return str(value) if value is not None and 0 <= value <= 9 else None


@lru_cache(maxsize=8192)
def is_part(word: str, language: Language) -> bool:
    known = language.numbers
    return word in {*known.joiners, *known.ones, *known.point, *known.half, *known.minus} or (
        words_value(word, language) is not None
    )


@lru_cache(maxsize=8192)
def words_value(words: str, language: Language) -> int | None:
    """The value of words as one number of the language, "one twenty" included."""
    value = library_value(words, language)
    return _bare_hundreds(words.split(" "), language) if value is None else value


def _bare_hundreds(words: list[str], language: Language) -> int | None:
    """ "one twenty" → 120, "one oh five" → 105, where people say so."""
    if len(words) < 2 or not language.numbers.bare_hundreds:
        return None
    hundreds, tens = library_value(words[0], language), library_value(" ".join(words[1:]), language)
    if len(words) == 3 and library_value(words[1], language) == 0:
        tens = library_value(words[2], language)
        return hundreds * 100 + tens if hundreds and tens and hundreds <= 9 and tens <= 9 else None
    return hundreds * 100 + tens if hundreds and tens and hundreds <= 9 and 10 <= tens <= 99 else None


def library_value(words: str, language: Language) -> int | None:
    known = language.numbers
    if words in known.zero:
        return 0
    words = known.spellings.get(words, words)
    parts = [known.spellings.get(part, part) for part in words.split(" ")]
    if len(parts) > 1 and parts[0] in known.ones:
        after = library_value(parts[1], language)
        if after not in (100, 1000):
            return None
        parts = parts[1:]
    if (han := han_value("".join(parts))) is not None:
        return han
    if language.own_numbers is not None:
        return language.own_numbers(" ".join(parts))
    return _text2num(parts, known.library)


def _text2num(parts: list[str], library: str | None) -> int | None:
    if library is None:
        return None
    try:
        value: int = text2num(" ".join(parts), library)
        # It joins a zero with what follows ("zero five" → 5): digits, to people, not one number.
        joined = len(parts) > 1 and any(
            text2num(part, library) == 0 for part in parts if _known(part, library)
        )
    except (ValueError, OverflowError):
        return None
    return None if joined else value


@lru_cache(maxsize=4096)
def _known(word: str, library: str) -> bool:
    try:
        text2num(word, library)
    except (ValueError, OverflowError):
        return False
    return True
