"""Korean numbers from 0 to 9,999: Sino-Korean and native, written together and with endings on them.

A word is taken apart only where the whole of it is numbers and what may stand behind a number: "이상해요"
(strange) holds no two, "일이 있어요" no twelve. What can be cut in two ways is left unread, to be asked again:
"팔십이요" is 80 and an ending, or 82 and one.
"""

from __future__ import annotations

import re

_DIGITS = {sign: value for value, sign in enumerate("영일이삼사오육칠팔구")} | {"공": 0, "령": 0, "륙": 6}
_TIMES = {"천": 1000, "백": 100, "십": 10}
_NATIVE_TENS = {
    "열": 10, "스물": 20, "서른": 30, "설흔": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90,
}  # fmt: skip
_NATIVE = {
    "하나": 1, "둘": 2, "셋": 3, "넷": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "여덜": 8, "아홉": 9,
}  # fmt: skip
_WORDS = {"제로": 0, "이번": 2}
"""Words that are numbers only as they stand; "이번" is "this time" in a sentence (see language.toml)."""

_D = "[일이삼사오육륙칠팔구]"
_SINO = re.compile(rf"(?:({_D}?)(천))?(?:({_D}?)(백))?(?:({_D}?)(십))?({_D}?)")
_TENS, _ONES = "|".join(_NATIVE_TENS), "|".join(_NATIVE)
_NATIVE_NUMBER = re.compile(rf"({_TENS})?({_ONES})?")
# Of two figures said one by one the last is a zero ("팔공"): "이사" (removal) and "공사" (works) are words.
_ONE_BY_ONE = r"[영공일이삼사오육륙칠팔구]{3,}|[일이삼사오육륙칠팔구][영공]"
_WITH_UNITS = rf"(?=\w*[천백십])(?:{_D}?천)?(?:{_D}?백)?(?:{_D}?십)?{_D}?"
_NATIVES = rf"(?:{_TENS})(?:{_ONES})|{_ONES}|스물|서른|마흔|예순|일흔|여든|아흔"
_MANY = rf"{_ONE_BY_ONE}|{_WITH_UNITS}|{_NATIVES}"

_COUNTERS = (
    "번", "번이요", "번요", "번이에요", "번입니다", "번으로", "번과", "번하고", "번이랑", "번은", "번을", "점", "월",
    "파운드", "파운드예요", "파운드입니다", "킬로", "킬로예요", "킬로입니다", "킬로그램",
)  # fmt: skip
_ENDINGS = (
    *_COUNTERS, "에", "에서", "에다", "은", "는", "을", "를", "이", "가", "의", "요", "이요", "예요", "이에요",
    "이예요", "입니다", "이고", "이고요", "고", "고요", "이었어요", "였어요", "정도", "정도예요", "쯤", "이상", "넘게",
    "대", "분에", "년", "도", "과", "와", "하고", "랑", "이랑", "이나", "나", "살", "세",
)  # fmt: skip
_WORD = re.compile(
    rf"(?:(?P<many>{_MANY})(?P<ending>{'|'.join(sorted(_ENDINGS, key=len, reverse=True))}|(?=$)))"
    rf"|(?:(?P<one>[영공일이삼사오육륙칠팔구])(?P<counter>{'|'.join(sorted(_COUNTERS, key=len, reverse=True))}|$))"
)
_LEADING = re.compile(rf"{'|'.join(sorted(_ENDINGS, key=len, reverse=True))}")
_HANGUL = re.compile("[가-힣]")
_OTHER_WORDS = frozenset({"천사", "백사", "백일"})
"""Words that are no numbers, whatever they hold: angel, white snake, a child's hundredth day."""


def value(words: str) -> int | None:
    """The value of words as one number, or None where they are not one: "백 이십" → 120."""
    together = words.replace(" ", "")
    if together in _WORDS:
        return _WORDS[together]
    if len(together) == 1 and together in _DIGITS:
        return _DIGITS[together]
    if together and together != "열" and (native := _NATIVE_NUMBER.fullmatch(together)):
        return _NATIVE_TENS.get(native[1], 0) + _NATIVE.get(native[2], 0)
    sino = _SINO.fullmatch(together)
    if sino is None or not together:
        return None
    pairs = ((sino[1], sino[2]), (sino[3], sino[4]), (sino[5], sino[6]))
    total = sum(_DIGITS[digit or "일"] * _TIMES[times] for digit, times in pairs if times)
    return total + (_DIGITS[sino[7]] if sino[7] else 0)


def parts(word: str, behind_figures: bool) -> tuple[str, ...]:
    """The syllables of the numbers in `word` and its endings between them; none where it is another word."""
    if not _HANGUL.search(word):
        return (word,)
    if behind_figures:
        leading = _LEADING.match(word)
        if leading is None or leading[0] == word:
            return ()
        rest = parts(word[leading.end() :], behind_figures=False)
        return (leading[0], *rest) if rest else ()
    if word in _WORDS or word in ("점", "반"):
        return (word,)
    if word in _OTHER_WORDS:
        return ()
    found: list[str] = []
    at = 0
    while at < len(word):
        match = _WORD.match(word, at)
        if match is None or match.end() == at or _reads_two_ways(match):
            return ()
        number, ending = match["many"] or match["one"], match["ending"] or match["counter"]
        found += [number] if number[0] in "하둘셋넷다여아스서설마쉰예" or number in _NATIVE else number
        found += [ending] if ending else []
        at = match.end()
    return tuple(found)


def _reads_two_ways(match: re.Match[str]) -> bool:
    """Could the first syllable of the ending be a figure of the number ("팔십" and "이요", "팔십이" and "요")?"""
    number, ending = match["many"] or "", match["ending"] or ""
    if number[-1:] == "이" and number[-2:-1] in _TIMES:
        return bool(ending) and f"이{ending}" in _ENDINGS
    return number[-1:] in _TIMES and ending[:1] == "이" and ending != "이상"
