"""Numbers in Han characters, as Chinese, Cantonese and some Japanese and Korean texts write them."""

from __future__ import annotations

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
    "壹": 1,
}
_TIMES = {"十": 10, "百": 100, "千": 1000}
_MYRIAD = {"万": 10_000, "萬": 10_000}

HAN_SIGNS = "".join([*_DIGITS, *_TIMES, *_MYRIAD])


def han_value(text: str) -> int | None:
    """The value of a run of Han numerals: 一百二十 → 120, 一二〇 → 120; None where it holds more."""
    if not text or any(sign not in _DIGITS and sign not in _TIMES and sign not in _MYRIAD for sign in text):
        return None
    if all(sign in _DIGITS for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text)) if len(text) <= 20 else None
    total, section, digit, last_times = 0, 0, 0, 10
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            last_times = 10 if digit == 0 else last_times
        elif sign in _TIMES:
            section += (digit or 1) * _TIMES[sign]
            digit, last_times = 0, _TIMES[sign]
        else:
            total = (total + section + digit) * _MYRIAD[sign]
            section, digit, last_times = 0, 0, _MYRIAD[sign]
    # 一百五 is 150, not 105: the last digit counts a tenth of the unit before it.
    return total + section + digit * (last_times // 10)
