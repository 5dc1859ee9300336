"""Every way to read a text as numbers."""

from __future__ import annotations

import dataclasses

import pytest

from languages import load
from languages.han import han_value
from languages.numbers import readings, single

TABLE: list[tuple[str, str, list[list[str]]]] = [
    ("en", "no numbers here", [[]]),
    ("en", "120", [["120"]]),
    ("en", "１２０ and ١٢٠", [["120", "120"]]),
    ("en", "1️⃣", [["1"]]),
    ("en", "98.6", [["98.6"]]),
    ("en", "98,6", [["98.6"], ["98", "6"]]),
    ("en", "1,200", [["1200"], ["1", "200"]]),
    ("en", "1.200", [["1.200"]]),
    ("en", "1,200.5", [["1200.5"], ["1", "200", "5"]]),
    ("en", "٩٨٫٦", [["98.6"]]),
    ("en", "-5", [["-5"]]),
    ("en", "minus five", [["-5"]]),
    ("en", "120-80", [["120", "80"]]),
    ("en", "one hundred and twenty", [["120"]]),
    ("en", "fourty", [["40"]]),
    ("en", "one twenty", [["120"], ["1", "20"]]),
    ("en", "one oh five", [["105"], ["1", "0", "5"]]),
    ("en", "a hundred and five", [["105"]]),
    ("en", "a nurse", [[]]),
    ("en", "one fifty one hundred", [["150", "100"], ["1", "5100"]]),
    ("en", "ninety eight point six", [["98.6"], ["90", "8.6"]]),
    ("en", "98 point 6", [["98.6"]]),
    ("en", "one fifty and a half", [["150.5"], ["1", "50.5"]]),
    ("en", "two or three", [["2", "3"]]),
    ("en", "one two oh", [["120"], ["1", "2", "0"]]),
    ("en", "我的血压一百二十", [["120"]]),
    ("en", "one " * 20, []),
    ("en", "9" * 40, []),
    ("es", "ciento veinte", [["120"]]),
    ("es", "siento beinte", [["120"]]),
    ("es", "veinte y tres", [["23"]]),
    ("es", "veintidos", [["22"]]),
    ("es", "uno y tres", [["1", "3"]]),
    ("es", "una persona", [[]]),
    ("es", "1.200", [["1200"], ["1.200"]]),
    ("es", "98,6", [["98.6"], ["98", "6"]]),
    ("es", "cien y medio", [["100.5"]]),
    ("es", "cero cinco", [["5"], ["0", "5"]]),
]


@pytest.mark.parametrize(("tag", "text", "ways"), TABLE)
def test_every_way_to_read_a_text_is_given(tag: str, text: str, ways: list[list[str]]) -> None:
    found = [[str(number.value) for number in way] for way in readings(text, load()[tag])]
    assert sorted(found) == sorted(ways)


def test_what_can_be_cut_in_two_ways_is_given_in_both() -> None:
    pairs = {
        tuple(int(n.value) for n in way)
        for way in readings("one sixty one ten", load()["en"])
        if len(way) == 2
    }
    assert pairs == {(160, 110), (161, 10)}


def test_digits_said_one_by_one_keep_their_zeros() -> None:
    whole = [way[0].digits for way in readings("zero three oh two", load()["en"]) if len(way) == 1]
    assert whole == ["0302"]


def test_a_span_points_at_the_number() -> None:
    ((number,),) = readings("my weight is one hundred pounds", load()["en"])
    assert "my weight is one hundred pounds"[number.start : number.end] == "one hundred"


def test_a_language_that_the_library_does_not_know_brings_its_own_words() -> None:
    haitian = {"de": 2, "twa": 3, "san": 100, "san de": 102}
    own = dataclasses.replace(load()["es"], own_numbers=haitian.get)
    assert single("mwen gen san de", own) == {102}
    assert single("dos", own) == frozenset()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百二十", 120),
        ("一二〇", 120),
        ("一百零五", 105),
        ("一百五", 150),
        ("十二", 12),
        ("两千", 2000),
        ("三万五", 35000),
    ],
)
def test_han_numerals(text: str, value: int) -> None:
    assert han_value(text) == value
