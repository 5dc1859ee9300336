"""What is said in Haitian Creole, cut into what is spoken in one go."""

from __future__ import annotations

import pytest

from languages import load
from languages.numbers import single
from languages.saying import say
from languages.spoken_parts import AFTER_COMMA, AFTER_SENTENCE, WITHIN, Cutter

CLINIC = "Harbor Community Clinic"
TABLE = [
    ("Kijan nou ka ede ou?", ["Kijan nou ka ede ou?"]),
    ("Mwen konprann 128 sou 82. Se sa?", ["Mwen konprann,", "san ventuit,", "sou,", "katrevende,", "Se sa?"]),
    ("Pou wi, peze 1.", ["Pou,", "wi,", "peze,", "youn,"]),
    ("Pou kreyòl ayisyen, peze 3.", ["Pou,", "kreyòl ayisyen,", "peze,", "twa,"]),
    (f"{CLINIC}.", [f"{CLINIC},"]),
    (
        f"Byenveni nan {CLINIC}. Si se yon ijans, rakwoche epi rele 911.",
        ["Byenveni nan,", f"{CLINIC},", "Si se yon ijans, rakwoche epi rele nèf youn youn."],
    ),
    (
        "Mwen gen 6 1 7, 5 5 5. Eske se sa?",
        ["Mwen gen,", "sis,", "youn,", "sèt,", "senk,", "senk,", "senk,", "Eske se sa?"],
    ),
    # Of no template of today: an old flow's. Figures are words there too.
    ("Tansyon 211 sou 95", ["Tansyon,", "desan onz,", "sou,", "katrevenkenz,"]),
    ("98.6", ["katrevendizuit pwen sis,"]),
    ("007 20260", ["zewo zewo sèt,", "de zewo de sis zewo,"]),
    (" \n", []),
    (" . ", []),
    ("Kay \x07Sante\ud83d", ["Kay Sante,"]),
]


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    return Cutter(load(), "ht")


@pytest.mark.parametrize(("said", "parts"), TABLE)
def test_a_sentence_in_parts(cutter, said, parts):
    assert [part.words for part in cutter.cut(said)] == parts


def test_pauses_are_where_the_sentence_has_them(cutter):
    pauses = [part.pause for part in cutter.cut("Mwen gen 6 1 7, 5 5 5. Eske se sa?")]
    phrase = [WITHIN, WITHIN, WITHIN, AFTER_COMMA]
    assert pauses == [*phrase, WITHIN, WITHIN, AFTER_SENTENCE, AFTER_SENTENCE]


SEVERE = load().text("{reading} is dangerously high. You need care right now, even if you feel well.", "ht")[
    0
]
VALUES = [
    *({"kind": "blood_pressure", "systolic": high, "diastolic": 80} for high in (50, 128, 211, 260)),
    *({"kind": "date", "iso": iso} for iso in ("1994-03-02", "2026-12-31")),
    *({"kind": "day", "iso": iso} for iso in ("2026-11-24", "2027-02-28")),
    *({"kind": "time", "iso": iso} for iso in ("00:05", "12:00", "12:01", "14:30", "2026-11-24T20:00-05:00")),
    *(
        {"kind": "quantity", "number": number, "unit": unit}
        for number in (1, 45)
        for unit in ("minute", "day")
    ),
    *(
        {"kind": "visit_time", "at": at, "zone": "America/New_York", "names_zone": named}
        for at in (
            "2026-12-01T19:30:00Z",
            "2027-03-03T18:00:00Z",
            "2027-02-28T17:00:00Z",
            "2027-05-05T13:05:00Z",
        )
        for named in (True, False)
    ),
    *(
        {"kind": "wanted_time", "first": first, "last": last, **when}
        for first, last in (("2026-12-01", "2026-12-01"), ("2026-11-30", "2026-12-06"))
        for when in (
            {},
            {"part": "morning"},
            {"at": "15:00"},
            {"at": "12:00"},
            {"earliest": "14:00"},
            {"latest": "09:15"},
            {"earliest": "08:30", "latest": "17:00"},
        )
    ),
    *(
        {"kind": "wanted_time", "any_day": True, "soonest": soonest, **when}
        for soonest in (True, False)
        for when in ({}, {"part": "afternoon"}, {"at": "13:45"}, {"earliest": "14:00"})
    ),
    {"kind": "phone", "e164": "+16175550104"},
    {"kind": "digits", "digits": "0123456789"},
    {"kind": "list", "items": ["12", "80", "120"], "style": "or"},
    7,
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_every_usual_value_in_any_sentence_is_prepared_ahead(cutter, value):
    ahead = {part.words for part in cutter.ahead()}
    said = say(value, cutter.language, "voice")
    for sentence in (said, f"Mwen konprann {said}. Se sa?", SEVERE.format(reading=said)):
        parts = [part.words for part in cutter.cut(sentence)]
        assert parts
        assert [words for words in parts if words not in ahead] == []


def test_all_that_is_always_the_same_is_prepared_ahead(cutter):
    ahead = {part.words for part in cutter.ahead([CLINIC])}
    assert f"{CLINIC}," in ahead
    languages = load()
    for msgid in languages.states("ht"):
        text, _ = languages.text(msgid, "ht")
        if "{" not in text:
            assert {part.words for part in cutter.cut(text)} <= ahead


def test_no_figure_is_left_to_the_voice(cutter):
    """espeak-ng's Haitian Creole says "de" (two) for 82 and "onz" (eleven) for 71 and 91."""
    assert [part.words for part in cutter.ahead() if any(sign.isdigit() for sign in part.words)] == []


@pytest.mark.parametrize("tag", [tag for tag, language in load().items() if language.is_prepared])
def test_every_number_is_written_as_it_is_read(tag):
    language = load()[tag]
    assert language.own_words is not None
    wrong = [n for n in range(10_000) if single(language.own_words(n), language) != {n}]
    assert wrong == []


@pytest.mark.parametrize("number", [-1, 10_000])
def test_a_number_without_words(number):
    language = load()["ht"]
    assert language.own_words is not None
    with pytest.raises(ValueError, match="9,999"):
        language.own_words(number)
