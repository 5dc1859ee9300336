"""Text as reading sees it: one digit for every script's, one case, no accents, no invisible signs."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache

from languages.han import HAN_SIGNS

_LOOKALIKES = {
    "٫": ".",
    "．": ".",
    "٬": ",",
    "，": ",",
    "、": ",",
    "،": ",",
    "＊": "*",
    "＃": "#",
    "／": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "’": "'",
    "‘": "'",
    "´": "'",
    "`": "'",
}


class _Plain(defaultdict[int, str]):
    """A translation table that works each character out once; the answer has one character, or none
    for what cannot be seen (controls, joiners, directions, emoji variations, key caps)."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if (digit := unicodedata.decimal(sign, None)) is not None:
            plain = str(digit)
        elif 0x2460 <= code <= 0x2468:  # circled digits: some phones' numbered lists
            plain = str(code - 0x245F)
        elif sign in _LOOKALIKES:
            plain = _LOOKALIKES[sign]
        elif sign.isspace():
            plain = " "
        elif unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Me") or 0xFE00 <= code <= 0xFE0F:
            plain = ""
        else:
            lower = sign.lower()
            plain = lower if len(lower) == 1 else sign
        if len(self) < 100_000:
            self[code] = plain
        return plain


_PLAIN = _Plain()

# Signs that stand on letters, which `\w` leaves out: Latin, Hebrew, Arabic, Ethiopic, Devanagari, Khmer.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u135d-\u135f\u17b4-\u17d3"
)
_NO_HAN_NUMBER = f"(?![{HAN_SIGNS}]{{2}})"
_LETTER = rf"(?:{_NO_HAN_NUMBER}[^\W\d_]|[{_MARKS}])"
WORD = rf"(?:[{HAN_SIGNS}]{{2,}}|{_LETTER}+(?:'{_LETTER}+)*)"
"""A word in `plain` text: letters with apostrophes inside, or a Han number (Han writes no spaces)."""


def plain(text: str) -> str:
    """`text` composed (NFC), lower-case, digits and signs as ASCII has them, controls gone; accents stay."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


# Of all pictures, a thumb is a word: people text it for yes and no.
_PUNCTUATION = re.compile(r"[^\w?'👍👎]+|_")


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """`plain` text without accents and punctuation, one space between words: for comparing words."""
    letters = unicodedata.normalize("NFD", plain(text))
    kept = "".join(sign for sign in letters if not "\u0300" <= sign <= "\u036f")
    return " ".join(_PUNCTUATION.sub(" ", kept).split())


@lru_cache(maxsize=4096)
def unaccented(text: str) -> str:
    """`plain(text)` with each letter without its accent: as long as it, sign for sign, so that places agree."""
    return "".join(_base(sign) for sign in plain(text))


@lru_cache(maxsize=8192)
def _base(sign: str) -> str:
    letters = unicodedata.normalize("NFD", sign)
    kept = unicodedata.normalize("NFC", "".join(one for one in letters if not "\u0300" <= one <= "\u036f"))
    return kept if len(kept) == 1 else sign
