"""How serious a reading is: every boundary, each way that it can be whose."""

from __future__ import annotations

from typing import Any

import pytest

from care.rules.blood_pressure import level_for, levels, limits_of

POSTPARTUM = {"id": 1, "programme": "postpartum", "limits": None}
STRICT = {"id": 2, "programme": "postpartum", "limits": {"severe": {"systolic": 150, "diastolic": 100}}}
LENIENT = {"id": 3, "programme": "postpartum", "limits": {"high": {"systolic": 155, "diastolic": 105}}}
NO_PROGRAMME = {"id": 4, "programme": None, "limits": None}


def read(written: str) -> dict[str, int]:
    systolic, diastolic = written.split("/")
    return {"systolic": int(systolic), "diastolic": int(diastolic)}


@pytest.mark.parametrize(
    ("reading", "level"),
    [
        ("120/80", "normal"),
        ("149/99", "normal"),
        ("150/99", "high"),
        ("149/100", "high"),
        ("150/100", "high"),
        ("159/109", "high"),
        ("160/109", "severe"),
        ("159/110", "severe"),
        ("160/110", "severe"),
        ("160/60", "severe"),
        ("85/110", "severe"),
        ("120/110", "severe"),
        ("250/150", "severe"),
        ("90/50", "normal"),
        ("89/50", "low"),
        ("90/49", "low"),
        ("89/100", "high"),
        ("150/49", "high"),
    ],
)
def test_the_worse_of_the_two_numbers_counts(reading: str, level: str) -> None:
    """160 or 110 is severe: ACOG Committee Opinion 767. 150 or 100 is for the same day."""
    assert level_for(read(reading), 1, [POSTPARTUM]) == level


@pytest.mark.parametrize(
    ("what", "reading", "person", "level"),
    [
        ("stricter than her programme", "150/80", STRICT, "severe"),
        ("just below her own limit", "149/99", STRICT, "normal"),
        ("less strict, where a clinician said so", "154/90", LENIENT, "normal"),
        ("at her own limit", "155/90", LENIENT, "high"),
        ("what she has no own limit for is her programme's", "160/90", LENIENT, "severe"),
        ("no programme: the strictest that we have", "160/90", NO_PROGRAMME, "severe"),
        ("a programme that we do not know", "150/90", {"id": 5, "programme": "other"}, "high"),
        ("a programme of the name of our own stand-in", "150/90", {"id": 6, "programme": "unknown"}, "high"),
    ],
)
def test_her_own_limits_win(what: str, reading: str, person: dict[str, Any], level: str) -> None:
    assert level_for(read(reading), person["id"], [POSTPARTUM, person]) == level


@pytest.mark.parametrize(
    ("reading", "level"),
    [("149/80", "normal"), ("150/80", "severe"), ("120/110", "severe"), ("120/100", "high")],
)
def test_a_limit_of_her_own_for_one_number_leaves_the_other_as_it_is(reading: str, level: str) -> None:
    person = {"id": 1, "programme": "postpartum", "limits": {"severe": {"systolic": 150}}}
    assert limits_of(person)["severe"] == {"systolic": 150, "diastolic": 110}
    assert level_for(read(reading), 1, [person]) == level


@pytest.mark.parametrize(
    ("reading", "people", "level"),
    [
        ("150/80", [POSTPARTUM, STRICT], "severe"),
        ("150/80", [STRICT, LENIENT], "severe"),
        ("150/80", [LENIENT, POSTPARTUM], "high"),
        ("150/80", [LENIENT], "normal"),
        ("150/80", [], "high"),
        ("160/80", [], "severe"),
        ("85/60", [POSTPARTUM, {"id": 9, "limits": {"low": {"systolic": 80}}}], "low"),
    ],
)
def test_where_nobody_is_confirmed_the_strictest_of_those_at_the_number_counts(
    reading: str, people: list[dict[str, Any]], level: str
) -> None:
    assert level_for(read(reading), None, people) == level


def test_one_who_is_confirmed_is_judged_by_her_own_limits_alone() -> None:
    assert level_for(read("150/80"), 3, [LENIENT, STRICT]) == "normal"


def test_one_who_is_confirmed_and_no_longer_at_the_number_is_judged_strictly() -> None:
    assert level_for(read("150/80"), 99, [LENIENT]) == "high"


def test_every_level_that_is_written_has_its_source_and_a_place_for_a_reviewer() -> None:
    for name, programme in levels().items():
        if name != "unknown":
            assert {"severe", "high", "low"} <= set(programme) & set(programme["source"])
            assert set(programme["reviewed"]) == {"by", "on"}
    assert levels()["unknown"] in levels()
