"""What is said, as texts: in as few segments as the words allow, and never cut where it would be misread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from carriers.markup import xml_text
from dialogue.reply import Say
from sms.segments import LONGEST, count
from sms.sentences import characters, sentences, words

MOST_SEGMENTS = 3
"""Segments in one text. Handsets join them in order, which nobody promises for texts; but simple handsets
join few, and the carrier advises 320 characters at most:
https://www.twilio.com/docs/glossary/what-sms-character-limit, to be checked [M]."""

PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛′´`", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−•", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f", " ")
    | dict.fromkeys("\u00ad\u200b\u2060\ufeff", "")
    | {"…": "..."}
)
"""Typographic signs → signs of GSM-7 that read the same. Letters are never changed: an accent is a letter."""

_LINE_SPACE = re.compile(r"[^\S\n\u00a0\u202f]+")
_LINE_ENDS = re.compile(r" *\n[ \n]*")
_OPTION = re.compile(r"\d{1,2} ")
_NO_SPACE_AFTER = "。！？।\n"


def compose(says: Sequence[Say], most_segments: int = MOST_SEGMENTS) -> list[str]:
    """The texts that say it all, in order; none for nothing to say.

    Each has at most `most_segments` segments and 1,600 characters. They break at ends of sentences, where
    one is too long between words, and inside a word only if that alone is longer and no address.
    `sms.segments.count` of each is what the carrier will charge.
    """
    text = cheapest(_join(_tidy(say.text) for say in says))
    return list(_packed(text, most_segments)) if text else []


def cheapest(text: str) -> str:
    """The text, with plain quotes, dashes and spaces if that saves a segment."""
    plain = text.translate(PLAIN)
    return plain if plain != text and count(plain).count < count(text).count else text


def _tidy(text: str) -> str:
    text = _LINE_SPACE.sub(" ", xml_text(unicodedata.normalize("NFC", text)))
    return _LINE_ENDS.sub("\n", text).strip()


def _join(parts: Iterable[str]) -> str:
    joined = ""
    for part in parts:
        if part:
            joined += f"{_line(joined)}{part}"
    return joined


def _gap(before: str) -> str:
    return "" if not before or before[-1] in _NO_SPACE_AFTER else " "


def _line(before: str) -> str:
    """Each thing said stands on its own line: a question's options are read one under the other."""
    return "\n" if before and before[-1] != "\n" else ""


def _packed(text: str, most: int) -> Iterator[str]:
    """Greedily: as many sentences as fit in each text."""
    if _fits(text, most):
        yield text
        return
    yield from _pack(_with_options(sentences(text), most), most, _gap, _broken_sentence)


def _with_options(parts: Iterable[str], most: int) -> Iterator[str]:
    """Sentences, a question together with its numbered options: apart, the first options look like all."""
    whole = ""
    for part in parts:
        longer = f"{whole}{_gap(whole)}{part}"
        if whole and _OPTION.match(part) and _fits(longer.strip(), most):
            whole = longer
            continue
        if whole:
            yield whole
        whole = part
    if whole:
        yield whole


def _broken_sentence(sentence: str, most: int) -> Iterator[str]:
    yield from _pack(words(sentence), most, _gap, _broken_word)


def _broken_word(word: str, most: int) -> Iterator[str]:
    """Only a script without spaces has words this long; an address (all ASCII) is no use in pieces."""
    if word.isascii() and len(word) <= LONGEST:
        yield word
        return
    yield from _pack(characters(word), most, lambda before: "", lambda one, most: iter([one]))


def _pack(
    parts: Iterable[str],
    most: int,
    gap: Callable[[str], str],
    broken: Callable[[str, int], Iterator[str]],
) -> Iterator[str]:
    text = ""
    for part in parts:
        longer = f"{text}{gap(text)}{part}"
        if _fits(longer, most):
            text = longer
            continue
        if text:
            yield text.strip()
            text = ""
        if _fits(part, most):
            text = part
            continue
        *whole, text = broken(part, most)
        yield from whole
    if text:
        yield text.strip()


def _fits(text: str, most: int) -> bool:
    # The carrier's 1,600 are counted here in UTF-16, the stricter way.
    return len(text.encode("utf-16-le")) // 2 <= LONGEST and count(text).count <= most
