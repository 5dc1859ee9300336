"""Haitian Creole numbers from 0 to 9,999: read together or apart ("vennkat", "ven kat"), also spelled as in
French; and written in words for the voice, which does not know them (espeak-ng reads 82 as "de", two)."""

from __future__ import annotations

import re

from languages.spelling import bare

_UNITS = {
    "en": 1, "youn": 1, "yon": 1, "de": 2, "twa": 3, "kat": 4, "senk": 5, "sis": 6, "set": 7, "uit": 8,
    "wit": 8, "nef": 9,
}  # fmt: skip
_TEENS = {
    "dis": 10, "onz": 11, "douz": 12, "trez": 13, "katoz": 14, "kenz": 15, "sez": 16, "diset": 17, "disset": 17,
    "dizuit": 18, "diswit": 18, "dizwit": 18, "disuit": 18, "diznef": 19, "disnef": 19,
}  # fmt: skip
_TENS = {
    "ven": 20, "venn": 20, "vent": 20, "trant": 30, "trann": 30, "karant": 40, "karann": 40, "senkant": 50,
    "senkann": 50, "swasant": 60, "swasann": 60, "swasan": 60, "katreven": 80, "katrevent": 80, "katrevenn": 80,
    "katrvn": 80,
}  # fmt: skip
_WITH_TEENS = (60, 80)
"""Seventy is sixty and ten, ninety is eighty and ten, as in French."""
_FRENCH = {
    "zero": "zewo", "un": "en", "une": "en", "deux": "de", "trois": "twa", "quatre": "kat", "cinq": "senk",
    "six": "sis", "sept": "set", "huit": "uit", "neuf": "nef", "dix": "dis", "onze": "onz", "douze": "douz",
    "treize": "trez", "quatorze": "katoz", "quinze": "kenz", "seize": "sez", "vingt": "ven", "vingts": "ven",
    "trente": "trant", "quarante": "karant", "cinquante": "senkant", "soixante": "swasant", "septante": "swasantdis",
    "cent": "san", "cents": "san", "mille": "mil", "et": "e",
}  # fmt: skip
_ZERO = ("zewo", "zero")


def _below_hundred() -> dict[str, int]:
    """Every writing of 1 to 99 without spaces and accents."""
    values = _UNITS | _TEENS | _TENS
    for tens, ten in _TENS.items():
        smaller = _UNITS | _TEENS if ten in _WITH_TEENS else _UNITS
        for word, unit in smaller.items():
            for link in ("", "e", "te", "y") if unit in (1, 11) else ("",):
                values.setdefault(tens + link + word, ten + unit)
        values[f"{tens}eyen"] = values[f"{tens}teyen"] = ten + 1
    return values


_VALUES = _below_hundred()
_HUNDREDS = {word: value for word, value in (_UNITS | _TEENS).items() if 2 <= value <= 19 and value != 10}
_HUNDREDS |= {"si": 6, "ui": 8, "wi": 8}  # "sisan", "uisan"
_NUMBER = re.compile(
    rf"(?:(?P<thousands>{'|'.join(_UNITS)})?(?P<mil>mil))?"
    rf"(?:(?P<hundreds>{'|'.join(sorted(_HUNDREDS, key=len, reverse=True))})?(?P<san>san))?(?P<rest>\w*)"
)


def value(words: str) -> int | None:
    """The value of words as one number, or None where they are not one: "san ven" → 120."""
    parts = [_FRENCH.get(part, part) for part in bare(words).split()]
    # French takes these apart: "quatre vingt", "dix sept".
    together = "".join(parts).replace("katven", "katreven") if "vingt" in words else "".join(parts)
    if together in _ZERO:
        return 0
    found = _NUMBER.fullmatch(together)
    rest = found["rest"] if found else ""
    if found is None or not together or (rest and rest not in _VALUES):
        return None
    thousands = _UNITS.get(found["thousands"] or "en", 1) * 1000 if found["mil"] else 0
    hundreds = _HUNDREDS.get(found["hundreds"] or "", 1) * 100 if found["san"] else 0
    return thousands + hundreds + _VALUES.get(rest, 0)


_SAID_UNITS = ("zewo", "youn", "de", "twa", "kat", "senk", "sis", "sèt", "uit", "nèf")
_SAID_TEENS = ("dis", "onz", "douz", "trèz", "katòz", "kenz", "sèz", "disèt", "dizuit", "diznèf")
_SAID_TENS = {2: ("ven", "venn"), 3: ("trant", "trann"), 4: ("karant", "karann"), 5: ("senkant", "senkann"),
              6: ("swasant", "swasann"), 8: ("katreven", "katreven")}  # fmt: skip
"""Alone, and before a smaller number."""
_SAID_HUNDREDS = ("", "san", "desan", "twasan", "katsan", "senksan", "sisan", "sètsan", "uisan", "nèfsan")


def words(number: int) -> str:
    """The words for 0 to 9,999 in the official spelling: 128 → "san ventuit". Raises ValueError beyond.

    One is "youn": the shorter "en" is easily lost on a telephone.
    """
    if not 0 <= number <= 9999:
        raise ValueError("words are known for 0 to 9,999 only")
    thousands, hundreds, rest = number // 1000, number // 100 % 10, number % 100
    said = []
    if thousands:
        said.append("mil" if thousands == 1 else f"{_SAID_UNITS[thousands]} mil")
    if hundreds:
        said.append(_SAID_HUNDREDS[hundreds])
    if rest or not said:
        said.append(_said_below_hundred(rest))
    return " ".join(said)


def _said_below_hundred(number: int) -> str:
    if number < 10:
        return _SAID_UNITS[number]
    if number < 20:
        return _SAID_TEENS[number - 10]
    tens, unit = divmod(number, 10)
    if tens in (7, 9):  # sixty and ten, eighty and ten
        tens, unit = tens - 1, unit + 10
    alone, before = _SAID_TENS[tens]
    if unit == 0:
        return alone
    if unit == 1:
        return f"{alone} youn" if tens == 8 else f"{alone}eyen" if alone.endswith("t") else f"{alone}teyen"
    if unit in (8, 9) and tens < 7:  # "ventuit", "trantnèf"
        return f"{alone.removesuffix('t')}t{_SAID_UNITS[unit]}"
    return before + (_SAID_UNITS[unit] if unit < 10 else _SAID_TEENS[unit - 10])
