"""Every line of the YAML files beside this one: what a person says, and what is understood."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue.answers import kinds
from dialogue.said import Said, Unclear
from languages import fill, load

HERE = Path(__file__).parent
WAYS = {"keys": "keys", "text": "text", "speech": "transcript"}


def _lines() -> Iterator[Any]:
    for path in sorted(HERE.glob("*.yaml")):
        golden = yaml.safe_load(path.read_text(encoding="utf-8"))
        options = golden.pop("options", {})
        for tag, ways in golden.items():
            for way, lines in ways.items():
                for said, meant in lines.items():
                    identity = f"{path.stem}-{tag}-{way}-{said[:30]}"
                    yield pytest.param(path.stem, _in(tag, options), tag, way, said, str(meant), id=identity)


def _in(tag: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the engine hands them over: choices in her language, the label among their words."""
    if "choices" not in options:
        return dict(options)
    choices = [
        {**choice, "label": choice["label"][tag], "words": [choice["label"][tag], *choice["words"][tag]]}
        for choice in options["choices"]
    ]
    return {**options, "choices": choices}


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if not isinstance(value, Mapping):
        return str(value)
    if value["kind"] == "wanted_time":
        return _short_time(value)
    shapes = {
        "blood_pressure": "{systolic}/{diastolic}",
        "birth_date": "{iso}",
        "quantity": "{number} {unit}",
        "phone": "{e164}",
        "message": "{text}",
        "pin": "PIN {digits}" if value.get("digits") else "no PIN",
    }
    return shapes[value["kind"]].format(**value)


def _short_time(value: Mapping[str, Any]) -> str:
    """ "2026-12-01 at 15:00", "2026-11-30 to 2026-12-06", "soonest", "any day at 15:00", "2026-11-26 from 15:00"."""
    days = value["first"] if value["exact_day"] else f"{value['first']} to {value['last']}"
    if value["any_day"]:
        days = "soonest" if value["soonest"] else "any day"
    assert value["exact_hour"] == bool(value["at"])
    if value["at"]:
        return f"{days} at {value['at']}"
    if value["part"]:
        return f"{days} {value['part']}"
    bounds = [
        f"{word} {value[name]}" for word, name in (("from", "earliest"), ("to", "latest")) if value[name]
    ]
    return " ".join([days, *bounds]) if bounds else days.replace("any day", "any time")


@pytest.mark.parametrize(("kind", "options", "tag", "way", "said", "meant"), list(_lines()))
def test_what_she_says_is_what_is_understood(
    kind: str, options: Mapping[str, Any], tag: str, way: str, said: str, meant: str
) -> None:
    languages = load()
    result = kinds()[kind].read(Said(**{WAYS[way]: said}), languages[tag], options)
    if meant.startswith("?"):
        assert isinstance(result, Unclear), f"read as {result}"
        assert result.reason in kinds()[kind].messages()
        reason, used = languages.text(result.reason, tag)
        shown = fill(reason, result.values, languages[used], "text")
        assert meant[1:].strip() in shown
    else:
        assert not isinstance(result, Unclear), result.reason
        assert _short(result.value) == meant


SCRIPTS = (
    "120/80",
    "١٢٠/٨٠",
    "۱۲۰/۸۰",
    "१२०/८०",
    "１２０／８０",
    "一百二十/八十",
    "一二〇/八〇",
    "壹百二十，八十",
)


@pytest.mark.parametrize("tag", sorted(load()))
@pytest.mark.parametrize("written", SCRIPTS)
def test_a_blood_pressure_is_read_in_the_figures_of_any_script_in_every_language(
    written: str, tag: str
) -> None:
    test_what_she_says_is_what_is_understood("blood_pressure", {}, tag, "text", written, "120/80")


def test_every_kind_is_read_in_every_language_and_every_way() -> None:
    for name in kinds():
        golden = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
        assert set(load()) <= golden.keys(), name
        assert set(WAYS) <= set(itertools.chain.from_iterable(golden[tag] for tag in load())), name


def test_a_recording_is_taken_by_its_id() -> None:
    message = kinds()["message"]
    heard = message.read(Said(recording="RE55", seconds=12), load()["es"], {})
    assert not isinstance(heard, Unclear)
    assert heard.value == {"kind": "message", "recording": "RE55", "seconds": 12}


def test_a_recording_of_no_seconds_is_not_a_message() -> None:
    empty = kinds()["message"].read(Said(recording="RE55", seconds=0), load()["en"], {})
    assert isinstance(empty, Unclear)


def test_a_spoken_message_keeps_the_confidence_of_its_transcript() -> None:
    heard = kinds()["message"].read(Said(transcript="call me", confidence=0.4), load()["en"], {})
    assert not isinstance(heard, Unclear)
    assert heard.value["confidence"] == 0.4


GLUCOSE = {"units": {"mg/dL": {"min": 10, "max": 700}, "mmol/L": {"min": 0.5, "max": 40}}, "decimals": "yes"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("110", "110 mg/dL"),
        ("5.5", "5.5 mmol/L"),
        ("25 mg/dl", "25 mg/dL"),
        ("25 mmol", "25 mmol/L"),
        ("25", "? I read 25, but not the unit. Please add one of these: mg/dL or mmol/L."),
    ],
)
def test_a_glucose_reading_that_could_be_in_either_unit_is_asked_again(said: str, meant: str) -> None:
    test_what_she_says_is_what_is_understood("number", GLUCOSE, "en", "text", said, meant)


def test_a_thousand_and_a_fifth_look_alike_in_spanish() -> None:
    wide = {"min": 0, "max": 2000, "decimals": "yes"}
    result = kinds()["number"].read(Said(text="1.200"), load()["es"], wide)
    assert isinstance(result, Unclear)
    assert result.values["numbers"]["items"] == [1.2, 1200]


def test_a_whole_number_is_asked_for_where_a_scale_has_no_halves() -> None:
    scale = {"min": 0, "max": 10}
    assert isinstance(kinds()["number"].read(Said(text="3.5"), load()["en"], scale), Unclear)
    zero = kinds()["number"].read(Said(keys="0"), load()["en"], scale)
    assert not isinstance(zero, Unclear)
    assert zero.value == 0
