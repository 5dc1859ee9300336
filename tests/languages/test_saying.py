"""How values are said, in the ear and on the screen."""

from __future__ import annotations

from typing import Any

import pytest

from languages import fill, load, say
from languages.saying import SayingError, placeholders

BLOOD_PRESSURE = {"kind": "blood_pressure", "systolic": 120, "diastolic": 80}
BIRTH = {"kind": "birth_date", "iso": "1994-03-02"}
DAY = {"kind": "day", "iso": "2026-11-23"}
AFTERNOON = {"kind": "time", "iso": "2026-11-23T14:30:00-05:00"}
NOON = {"kind": "time", "iso": "12:00"}
PHONE = {"kind": "phone", "e164": "+16175550190"}
DIGITS = {"kind": "digits", "digits": "0412"}
WEIGHT = {"kind": "quantity", "number": 150.5, "unit": "lb"}
OXYGEN = {"kind": "quantity", "number": 97, "unit": "%"}
PUFFS = {"kind": "quantity", "number": 2, "unit": "puffs"}
SIGNS = {"kind": "list", "items": ["a", "b", 3]}
EITHER = {"kind": "list", "style": "or", "items": [BLOOD_PRESSURE, "b"]}

TABLE: list[tuple[Any, str, str, str, str]] = [
    # value, English by voice and by text, Spanish by voice and by text
    ("as is {x}", "as is {x}", "as is {x}", "as is {x}", "as is {x}"),
    (120, "120", "120", "120", "120"),
    (98.6, "98.6", "98.6", "98.6", "98.6"),
    (1200, "1200", "1,200", "1200", "1,200"),
    (BLOOD_PRESSURE, "120 over 80", "120/80", "120 sobre 80", "120/80"),
    (BIRTH, "March 2, 1994", "March 2, 1994", "2 de marzo de 1994", "2 de marzo de 1994"),
    (DAY, "Monday, November 23", "Monday, November 23", "lunes, 23 de noviembre", "lunes, 23 de noviembre"),
    (AFTERNOON, "2:30 in the afternoon", "2:30 PM", "2:30 de la tarde", "2:30 p.m."),
    (NOON, "12 noon", "12:00 PM", "12 del mediodía", "12:00 p.m."),
    (PHONE, "6 1 7, 5 5 5, 0 1 9 0", "(617) 555-0190", "6 1 7, 5 5 5, 0 1 9 0", "(617) 555-0190"),
    (DIGITS, "0 4 1 2", "0412", "0 4 1 2", "0412"),
    (WEIGHT, "150.5 pounds", "150.5 lb", "150.5 libras", "150.5 lb"),
    (OXYGEN, "97 percent", "97%", "97 por ciento", "97 %"),
    (PUFFS, "2 puffs", "2 puffs", "2 puffs", "2 puffs"),
    (SIGNS, "a, b, and 3", "a, b, and 3", "a, b y 3", "a, b y 3"),
    (EITHER, "120 over 80 or b", "120/80 or b", "120 sobre 80 o b", "120/80 o b"),
]


@pytest.mark.parametrize(("value", "en_voice", "en_text", "es_voice", "es_text"), TABLE)
def test_a_value_is_said_as_people_say_it(
    value: Any, en_voice: str, en_text: str, es_voice: str, es_text: str
) -> None:
    english, spanish = load()["en"], load()["es"]
    said = (say(value, english, "voice"), say(value, english, "text"))
    assert said == (en_voice, en_text)
    assert (say(value, spanish, "voice"), say(value, spanish, "text")) == (es_voice, es_text)


OWN: list[tuple[str, Any, str, str]] = [
    ("ht", BLOOD_PRESSURE, "120 sou 80", "120/80"),
    ("ht", BIRTH, "2 mas 1994", "2 mas 1994"),
    ("ht", DAY, "lendi 23 novanm", "lendi 23 novanm"),
    ("ht", AFTERNOON, "dezè 30 nan apremidi", "2:30 nan apremidi"),
    ("ht", NOON, "midi", "12:00 nan apremidi"),
    ("ht", {"kind": "time", "iso": "09:00"}, "nevè dimaten", "9:00 dimaten"),
    ("ht", {"kind": "time", "iso": "00:15"}, "douzè 15 nan nwit", "12:15 nan nwit"),
    ("ht", 98.6, "98.6", "98.6"),
    ("ht", WEIGHT, "150.5 liv", "150.5 lb"),
    ("ht", OXYGEN, "97 pousan", "97 %"),
    ("ht", SIGNS, "a, b ak 3", "a, b ak 3"),
    ("ht", EITHER, "120 sou 80 oswa b", "120/80 oswa b"),
    ("ht", {"kind": "list", "items": ["a"]}, "a", "a"),
    ("ko", BLOOD_PRESSURE, "120에 80", "120/80"),
    ("ko", BIRTH, "1994년 3월 2일", "1994년 3월 2일"),
    ("ko", DAY, "11월 23일 (월요일)", "11월 23일 (월요일)"),
    ("ko", AFTERNOON, "오후 2:30", "오후 2:30"),
    ("ko", NOON, "정오 12시", "오후 12:00"),
    ("ht", {"kind": "quantity", "number": 5, "unit": "minute"}, "5 minit", "5 minit"),
    ("ko", {"kind": "quantity", "number": 5, "unit": "minute"}, "5분", "5분"),
    ("ko", WEIGHT, "150.5파운드", "150.5lb"),
    ("ko", OXYGEN, "97퍼센트", "97%"),
    ("ko", EITHER, "120에 80 또는 b", "120/80 또는 b"),
]


@pytest.mark.parametrize(("tag", "value", "by_voice", "by_text"), OWN)
def test_a_value_is_said_in_haitian_creole_and_in_korean(
    tag: str, value: Any, by_voice: str, by_text: str
) -> None:
    assert (say(value, load()[tag], "voice"), say(value, load()[tag], "text")) == (by_voice, by_text)


def _visit(at: str, zone: str = "America/New_York", **more: Any) -> dict[str, Any]:
    return {"kind": "visit_time", "at": at, "zone": zone, **more}


def _wanted(**more: Any) -> dict[str, Any]:
    return {"kind": "wanted_time", "first": "2026-12-01", "last": "2026-12-01", **more}


VISIT = _visit("2027-03-03T19:30:00+00:00")
ONE = _visit("2027-03-03T18:00:00Z")
ELSEWHERE = _visit("2027-03-03T19:30:00+00:00", "America/Chicago", names_zone=True)
VISITS: list[tuple[str, Any, str, str]] = [
    ("en", VISIT, "Wednesday, March 3 at 2:30 in the afternoon", "Wednesday, March 3 at 2:30 PM"),
    ("es", VISIT, "miércoles, 3 de marzo, a las 2:30 de la tarde", "miércoles, 3 de marzo, a las 2:30 p.m."),
    ("ht", VISIT, "mèkredi 3 mas, a dezè 30 nan apremidi", "mèkredi 3 mas, a 2:30 nan apremidi"),
    ("ko", VISIT, "3월 3일 (수요일) 오후 2:30", "3월 3일 (수요일) 오후 2:30"),
    ("es", ONE, "miércoles, 3 de marzo, a la 1 de la tarde", "miércoles, 3 de marzo, a la 1:00 p.m."),
    (
        "en",
        ELSEWHERE,
        "Wednesday, March 3 at 1:30 in the afternoon, Central Standard Time",
        "Wednesday, March 3 at 1:30 PM, Central Standard Time",
    ),
    (
        "es",
        ELSEWHERE,
        "miércoles, 3 de marzo, a la 1:30 de la tarde, hora estándar central",
        "miércoles, 3 de marzo, a la 1:30 p.m., hora estándar central",
    ),
    (
        "ht",
        ELSEWHERE,
        "mèkredi 3 mas, a inè 30 nan apremidi, lè Chikago",
        "mèkredi 3 mas, a 1:30 nan apremidi, lè Chikago",
    ),
    (
        "ko",
        ELSEWHERE,
        "3월 3일 (수요일) 오후 1:30, 미 중부 표준시",
        "3월 3일 (수요일) 오후 1:30, 미 중부 표준시",
    ),
    (
        "ht",
        _visit("2027-03-03T19:30:00+00:00", "America/Indiana/Knox", names_zone=True),
        "mèkredi 3 mas, a inè 30 nan apremidi, Knox",
        "mèkredi 3 mas, a 1:30 nan apremidi, Knox",
    ),
    (
        "en",
        _wanted(part="morning"),
        "Tuesday, December 1, in the morning",
        "Tuesday, December 1, in the morning",
    ),
    (
        "en",
        _wanted(at="15:00"),
        "Tuesday, December 1 at 3 in the afternoon",
        "Tuesday, December 1 at 3:00 PM",
    ),
    ("en", _wanted(), "Tuesday, December 1", "Tuesday, December 1"),
    ("en", _wanted(any_day=True, soonest=True, part="morning"), *["as soon as possible, in the morning"] * 2),
    (
        "es",
        _wanted(any_day=True, at="13:00"),
        "cualquier día, a la 1 de la tarde",
        "cualquier día, a la 1:00 p.m.",
    ),
    (
        "es",
        _wanted(earliest="13:00"),
        "martes, 1 de diciembre, después de la 1 de la tarde",
        "martes, 1 de diciembre, después de la 1:00 p.m.",
    ),
    (
        "ht",
        _wanted(last="2026-12-07"),
        "soti madi 1 desanm, rive lendi 7 desanm",
        "soti madi 1 desanm, rive lendi 7 desanm",
    ),
    (
        "ko",
        _wanted(earliest="14:00", latest="16:00"),
        "12월 1일 (화요일) 오후 2시부터 오후 4시까지",
        "12월 1일 (화요일) 오후 2:00부터 오후 4:00까지",
    ),
    ("ko", _wanted(latest="12:00"), "12월 1일 (화요일) 정오 12시 이전", "12월 1일 (화요일) 오후 12:00 이전"),
]


@pytest.mark.parametrize(("tag", "value", "by_voice", "by_text"), VISITS)
def test_a_visit_is_said_by_the_wall_clock_of_its_place(
    tag: str, value: Any, by_voice: str, by_text: str
) -> None:
    assert (say(value, load()[tag], "voice"), say(value, load()[tag], "text")) == (by_voice, by_text)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        # Clocks go from 2:00 back to 1:00 on 1 November 2026, at 6:00 UTC: 1:30 comes twice.
        ("2026-11-01T05:30:00+00:00", "Sunday, November 1 at 1:30 AM, Eastern Daylight Time"),
        ("2026-11-01T06:30:00+00:00", "Sunday, November 1 at 1:30 AM, Eastern Standard Time"),
        ("2026-11-01T14:00:00+00:00", "Sunday, November 1 at 9:00 AM, Eastern Standard Time"),
        # And from 2:00 on to 3:00 on 14 March 2027, at 7:00 UTC.
        ("2027-03-14T06:59:00+00:00", "Sunday, March 14 at 1:59 AM, Eastern Standard Time"),
        ("2027-03-14T07:00:00+00:00", "Sunday, March 14 at 3:00 AM, Eastern Daylight Time"),
        ("2027-03-13T14:00:00+00:00", "Saturday, March 13 at 9:00 AM, Eastern Standard Time"),
        ("2027-03-15T13:00:00+00:00", "Monday, March 15 at 9:00 AM, Eastern Daylight Time"),
        # The same moment is another day further west.
        ("2027-01-01T04:30:00+00:00", "Thursday, December 31 at 11:30 PM, Eastern Standard Time"),
    ],
)
def test_a_visit_keeps_its_wall_time_through_both_clock_changes(at: str, said: str) -> None:
    english = load()["en"]
    assert say(_visit(at, names_zone=True), english, "text") == said
    assert say(_visit(at), english, "text") == said.rpartition(", Eastern")[0]


def test_a_zone_without_summer_time_is_not_called_as_its_neighbours_are() -> None:
    summer = _visit("2027-07-01T18:00:00+00:00", "America/Phoenix", names_zone=True)
    assert say(summer, load()["en"], "text").endswith("11:00 AM, Mountain Standard Time")


def test_braces_in_a_value_are_harmless_and_double_ones_are_braces() -> None:
    assert fill("{{a}} {name}", {"name": "{name} {0.__class__}"}, load()["en"], "text") == (
        "{a} {name} {0.__class__}"
    )


@pytest.mark.parametrize(
    "template", ["{0}", "{}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{a b}", "{open", "x}"]
)
def test_only_plain_names_go_into_braces(template: str) -> None:
    with pytest.raises(SayingError):
        fill(template, {"a": "x"}, load()["en"], "text")


def test_a_name_that_nothing_fills_is_named() -> None:
    with pytest.raises(SayingError, match=r"nothing fills \{reading\} in 'I have \{reading\}\.'"):
        fill("I have {reading}.", {}, load()["en"], "text")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        ["a"],
        {"kind": "secret"},
        {},
        {"kind": "date", "iso": "1994-02-30"},
        {"kind": "phone", "e164": "x"},
        {"kind": "visit_time", "at": "1994-03-03T19:30:00", "zone": "America/New_York"},
        {"kind": "visit_time", "at": "1994-03-03T19:30:00Z", "zone": "America/Nowhere"},
        {"kind": "wanted_time", "first": "1994-02-30", "last": "1994-02-30"},
    ],
)
def test_what_cannot_be_said_is_an_error_that_tells_no_value(value: Any) -> None:
    with pytest.raises(SayingError) as error:
        say(value, load()["en"], "text")
    assert "1994" not in str(error.value)


def test_the_placeholders_of_a_template_are_its_names() -> None:
    assert placeholders("{a} {{b}} {c}") == {"a", "c"}
