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
    ("ht", "san ven", [["120"]]),
    ("ht", "sanven", [["120"]]),
    ("ht", "ventwit", [["28"]]),
    ("ht", "katreven dis", [["90"]]),
    ("ht", "katreven", [["80"]]),
    ("ht", "ven e en", [["21"]]),
    ("ht", "quatre-vingt-dix-sept", [["97"]]),
    ("ht", "mil nèf san katrevendis", [["1990"]]),
    ("ht", "en de zewo", [["120"], ["1", "2", "0"]]),
    ("ht", "en ak twa", [["1", "3"]]),
    ("ht", "yon moun", [[]]),
    ("ht", "nevèn", [[]]),
    ("ht", "一百二十", [["120"]]),
    ("ko", "백이십", [["120"]]),
    ("ko", "백 이십", [["120"]]),
    ("ko", "백이십에팔십", [["120", "80"]]),
    ("ko", "일이공", [["120"], ["1", "2", "0"]]),
    ("ko", "공 구", [["9"], ["0", "9"]]),
    ("ko", "스물다섯", [["25"]]),
    ("ko", "여든 다섯", [["85"]]),
    ("ko", "천구백구십", [["1990"]]),
    ("ko", "30일", [["30"]]),
    ("ko", "이", [["2"]]),
    ("ko", "이 약", [[]]),
    ("ko", "이번이요", [["2"]]),
    ("ko", "이번 주", [[]]),
    ("ko", "열이 나요", [[]]),
    ("ko", "일이 있어요", [[]]),
    ("ko", "팔십입니다", [["80"]]),
    ("ko", "팔십이요", [[]]),
    ("ko", "백이십오요", [["125"]]),
    ("ko", "이상해요 천천히 오세요", [[]]),
    ("ko", "一百二十", [["120"]]),
]


@pytest.mark.parametrize(("tag", "text", "ways"), TABLE)
def test_every_way_to_read_a_text_is_given(tag: str, text: str, ways: list[list[str]]) -> None:
    found = [[str(number.value) for number in way] for way in readings(text, load()[tag])]
    assert sorted(found) == sorted(ways)


HAITIAN_BELOW_100 = """zewo en de twa kat senk sis sèt uit nèf dis onz douz trèz katòz kenz sèz disèt dizuit diznèf
    ven venteyen vennde venntwa vennkat vennsenk vennsis vennsèt ventuit ventnèf
    trant tranteyen trannde tranntwa trannkat trannsenk trannsis trannsèt trantuit trantnèf
    karant karanteyen karannde karanntwa karannkat karannsenk karannsis karannsèt karantuit karantnèf
    senkant senkanteyen senkannde senkanntwa senkannkat senkannsenk senkannsis senkannsèt senkantuit senkantnèf
    swasant swasanteyen swasannde swasanntwa swasannkat swasannsenk swasannsis swasannsèt swasantuit swasantnèf
    swasanndis swasannonz swasanndouz swasanntrèz swasannkatòz swasannkenz swasannsèz swasanndisèt swasanndizuit
    swasanndiznèf katreven katreven-en katrevende katreventwa katrevenkat katrevensenk katrevensis katrevensèt
    katrevenuit katrevennèf katrevendis katrevenonz katrevendouz katreventrèz katrevenkatòz katrevenkenz
    katrevensèz katrevendisèt katrevendizuit katrevendiznèf"""


def test_every_haitian_number_below_a_thousand_is_read() -> None:
    haitian = load()["ht"]
    below_100 = HAITIAN_BELOW_100.split()
    hundreds = ["", "san", "desan", "twasan", "katsan", "senksan", "sisan", "sètsan", "uisan", "nèfsan"]
    for value in range(1000):
        rest = below_100[value % 100] if value % 100 or value < 100 else ""
        words = f"{hundreds[value // 100]} {rest}".strip()
        assert single(words, haitian) == {value}, words


def _korean(value: int) -> str:
    said = ""
    for times, sign in ((1000, "천"), (100, "백"), (10, "십")):
        digit, value = divmod(value, times)
        said += ("" if digit < 2 else "일이삼사오육칠팔구"[digit - 1]) + (sign if digit else "")
    return said + ("일이삼사오육칠팔구"[value - 1] if value else "")


def test_every_korean_number_below_ten_thousand_is_read() -> None:
    korean = load()["ko"]
    # The three that are other words first of all: angel, a hundred days, white snake.
    values = [value for value in (*range(1, 400), *range(400, 10_000, 37)) if value not in (101, 104, 1004)]
    assert [value for value in values if single(_korean(value), korean) != {value}] == []


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
