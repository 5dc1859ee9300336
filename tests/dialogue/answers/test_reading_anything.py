"""Whatever comes, a kind answers: it never raises, and what it understands is always possible."""

from __future__ import annotations

import json
import string
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialogue.answers import kinds
from dialogue.answers.birth_date import BirthDate
from dialogue.answers.visit_time import VisitTime
from dialogue.said import Said, Unclear
from languages import fill, load

TODAY = "2026-11-21"
CHOICES = [
    {"key": "1", "value": "a", "label": "fever", "words": ["fever", "fiebre"]},
    {"key": "2", "value": "b", "label": "pain", "words": ["pain", "dolor"]},
]
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "birth_date": {"today": TODAY},
    "choice": {"choices": CHOICES},
    "choices": {"choices": CHOICES},
    "number": {"min": 0, "max": 10, "decimals": "yes"},
    "visit_time": {"today": TODAY, "hours": ["08:00", "17:00"], "days_ahead": 180},
}
WORDS = """
    one twenty oh zero hundred and over sixty a half point minus thousand ciento veinte y sobre uno mil medio
    120 80 12080 1,200 98.6 / - , . not no yes sí march marzo 2 1994 94 pulse 一百二十 ١٢٠ nineteen
    san ven katreven sou edmi janvye en pa wi 백이십 팔십에 일이공 이 이번이요 에 1990년 1월 삼십일 네 아니요 점 반
    tuesday martes madi 화요일 next 3pm 오후 3시 demen maten mañana 3/4 at weeks
"""
NUMBER_WORDS = st.sampled_from(WORDS.split())
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=string.digits + "/-.,* #+()", max_size=40),
    st.text(alphabet="٠١٢٣٤٥٦٧٨٩ مرحبا", max_size=40),
    st.text(
        alphabet=["\0", "\x1b", "\u202e", "\u200d", "👩", "🤰", "1", "2", "\ufe0f", "\u20e3"], max_size=40
    ),
    st.lists(NUMBER_WORDS, max_size=25).map(" ".join),
)
KEYS = st.text(alphabet="0123456789*", max_size=20)
KINDS = st.sampled_from(sorted(kinds()))
TAGS = st.sampled_from(sorted(load()))


def _possible(kind: str, value: Any) -> bool:
    match kind:
        case "blood_pressure":
            return 30 <= value["diastolic"] <= 200 and value["diastolic"] < value["systolic"] <= 300
        case "birth_date":
            return date(1906, 11, 21) <= date.fromisoformat(value["iso"]) <= date(2026, 11, 21)
        case "visit_time":
            return "2026-11-21" <= value["first"] <= value["last"] <= "2027-05-20"
        case "number":
            return bool(0 <= value <= 10)
        case "yes_no":
            return value in ("yes", "no")
        case "choice":
            return value in ("a", "b")
        case "choices":
            return set(value) <= {"a", "b"}
        case "phone_number":
            return phonenumbers.is_valid_number(phonenumbers.parse(value["e164"]))
        case "pin":
            return value["digits"] == "" or (value["digits"].isdigit() and 4 <= len(value["digits"]) <= 8)
        case "message":
            return 0 < len(value["text"]) <= 1600 and "\0" not in value["text"]
    return False


def _check(kind: str, tag: str, said: Said) -> None:
    language = load()[tag]
    result = kinds()[kind].read(said, language, OPTIONS.get(kind, {}))
    if isinstance(result, Unclear):
        assert result.reason in kinds()[kind].messages()
        for channel in ("voice", "text"):
            assert fill(result.reason, result.values, language, channel)  # type: ignore[arg-type]
        json.dumps(dict(result.values))
    else:
        assert _possible(kind, result.value)
        assert json.loads(json.dumps(result.value)) == result.value


@settings(max_examples=400, deadline=None)
@given(KINDS, TAGS, TEXTS)
@example("blood_pressure", "en", "9" * 1600)
@example("number", "en", "one " * 400)
@example("number", "es", "ciento veinte " * 110)
@example("birth_date", "es", "2 de marzo " * 140)
@example("yes_no", "en", "yes " * 400)
@example("choices", "en", "1 2 " * 400)
@example("message", "en", "é" * 1600)
@example("phone_number", "en", "6175550190 " * 140)
@example("number", "ko", "백이십" * 500)
@example("blood_pressure", "ko", "일이공 " * 400)
@example("birth_date", "ko", "1990년 1월 " * 200)
@example("number", "ht", "san ven " * 200)
def test_no_text_and_no_speech_can_break_a_kind(kind: str, tag: str, words: str) -> None:
    _check(kind, tag, Said(text=words))
    _check(kind, tag, Said(transcript=words, confidence=0.3))


@settings(max_examples=200, deadline=None)
@given(KINDS, TAGS, KEYS)
def test_no_keys_can_break_a_kind(kind: str, tag: str, keys: str) -> None:
    _check(kind, tag, Said(keys=keys))


@settings(max_examples=100, deadline=None)
@given(st.integers(60, 300), st.integers(30, 200), TAGS)
def test_every_blood_pressure_is_read_the_same_in_every_writing(top: int, bottom: int, tag: str) -> None:
    kind, language = kinds()["blood_pressure"], load()[tag]
    ways = (
        Said(keys=f"{top}*{bottom}"),
        Said(keys=f"{top}{bottom}"),
        Said(text=f"{top}/{bottom}"),
        Said(text=f"{top}{bottom}"),
    )
    for said in ways:
        result = kind.read(said, language, {})
        if top > bottom:
            assert not isinstance(result, Unclear)
            assert (result.value["systolic"], result.value["diastolic"]) == (top, bottom)
        else:
            assert isinstance(result, Unclear)


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1906, 11, 21), date(2026, 11, 21)), TAGS)
def test_a_birth_date_said_as_we_say_it_is_read_back(day: date, tag: str) -> None:
    language = load()[tag]
    said = fill("{day}", {"day": {"kind": "date", "iso": day.isoformat()}}, language, "text")
    result = kinds()["birth_date"].read(Said(text=said), language, {"today": TODAY})
    assert not isinstance(result, Unclear)
    assert result.value["iso"] == day.isoformat()


def test_without_a_date_from_the_engine_the_clock_of_visits_tells_too() -> None:
    kind = VisitTime(now=lambda: datetime(2020, 5, 1, tzinfo=UTC))
    read = kind.read(Said(text="tomorrow"), load()["en"], {})
    assert not isinstance(read, Unclear)
    assert read.value["first"] == "2020-05-02"


def test_without_a_date_from_the_engine_the_clock_given_tells() -> None:
    kind = BirthDate(now=lambda: datetime(2020, 5, 1, tzinfo=UTC))
    assert isinstance(kind.read(Said(keys="05042020"), load()["en"], {}), Unclear)
    assert not isinstance(kind.read(Said(keys="05012020"), load()["en"], {}), Unclear)


ANSWERS = {
    "en": (
        "next tuesday at 3",
        "one hundred and twenty over eighty",
        "March 2, 1994",
        "I want to leave a message",
    ),
    "es": (
        "el próximo martes a las 3",
        "ciento veinte sobre ochenta",
        "2 de marzo de 1994",
        "quiero dejar un mensaje",
    ),
    "ht": ("madi pwochen a 3 zè", "san ven sou katreven", "2 mas 1994", "mwen vle kite yon mesaj"),
    "ko": ("다음 주 화요일 오후 3시", "백이십에 팔십입니다", "1994년 3월 2일", "메시지를 남기고 싶어요"),
}


@pytest.mark.parametrize("tag", sorted(load()))
@pytest.mark.parametrize("kind", sorted(kinds()))
def test_reading_takes_less_than_a_millisecond(kind: str, tag: str) -> None:
    answers, reader = [*ANSWERS[tag], "617 555 0190"], kinds()[kind]
    best = min(_seconds(reader, answers, load()[tag], OPTIONS.get(kind, {})) for _ in range(20))
    assert best / len(answers) < 0.001


def _seconds(reader: Any, answers: list[str], language: Any, options: Mapping[str, Any]) -> float:
    started = time.perf_counter()
    for answer in answers:
        reader.read(Said(text=answer), language, options)
    return time.perf_counter() - started


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("yes_no", {"min": 1}, "no option 'min'"),
    ("choice", {}, "needs `choices:`"),
    ("choice", {"choices": [{"key": "0", "value": "a", "label": "a"}]}, "0 is a person"),
    ("choice", {"choices": [{"key": 1, "label": "a"}, {"key": "1", "label": "b"}]}, "one key"),
    ("choices", {"choices": [{"key": "12", "label": "a"}]}, "1 to 9"),
    ("number", {"min": 1}, "needs `min` and `max`"),
    ("number", {"min": 9, "max": 1}, "above"),
    ("number", {"units": {"kg": {"min": 1}}}, "needs `min` and `max`"),
    ("blood_pressure", {"systolic": 60}, "each two numbers"),
    ("blood_pressure", {"systolic": [300, 60]}, "above its most"),
    ("birth_date", {"max": 1}, "no option 'max'"),
    ("visit_time", {"max": 1}, "no option 'max'"),
    ("visit_time", {"hours": ["8", "x"]}, "two times"),
    ("visit_time", {"hours": ["17:00", "08:00"]}, "begin after they end"),
    ("visit_time", {"days_ahead": 0}, "1 to 730"),
    ("message", {"longest": 3}, "no option"),
    ("phone_number", {"countries": ["USA"]}, "no country"),
]


@pytest.mark.parametrize(("kind", "options", "complaint"), WRONG)
def test_a_flow_with_wrong_options_is_told_what_is_wrong(
    kind: str, options: Mapping[str, Any], complaint: str
) -> None:
    assert any(complaint in problem for problem in kinds()[kind].check(options))


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_right_options_are_not_complained_about(kind: str) -> None:
    assert kinds()[kind].check(OPTIONS.get(kind, {})) == []
