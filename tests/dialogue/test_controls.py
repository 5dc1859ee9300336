"""What she can ask for at any point, by every word and key that there is for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue import controls
from dialogue.answers import kinds
from dialogue.engine import begin
from dialogue.said import Said
from languages import load
from tests.dialogue.talking import expected, flow_set, played, surroundings

WRITTEN: dict[str, Any] = yaml.safe_load(
    (Path(__file__).with_name("talks") / "controls.yaml").read_text("utf-8")
)
ZERO_IS_AN_ANSWER = {"birth_date", "blood_pressure", "choices", "number", "phone_number", "pin", "visit_time"}
LISTS = {name: name for name in (*controls.BY_WORD, "stop", "danger")} | {
    "stop_requests": "stop",
    "not_danger": None,
}
"""A list of words in language.toml, and the control that each of its words asks for."""


@pytest.mark.parametrize("talk", [pytest.param(talk, id=talk["what"]) for talk in WRITTEN["talks"]])
def test_a_talk_goes_as_written(talk: dict[str, Any]) -> None:
    assert played(flow_set(WRITTEN), talk) == expected(talk)


@pytest.mark.parametrize("tag", sorted(load()))
@pytest.mark.parametrize(("words", "control"), LISTS.items())
def test_each_of_its_words_asks_for_it(tag: str, words: str, control: str | None) -> None:
    language = load()[tag]
    assert len(language.words[words]) > 1
    heard = {word: controls.asked_for(Said(text=word), language) for word in language.words[words]}
    assert heard == dict.fromkeys(language.words[words], control)


@pytest.mark.parametrize("tag", sorted(load()))
def test_words_count_the_same_in_capitals_and_when_they_are_spoken(tag: str) -> None:
    language = load()[tag]
    for name in controls.BY_WORD:
        word = language.words[name][0]
        assert controls.asked_for(Said(text=f" {word.upper()}! "), language) == name
        assert controls.asked_for(Said(transcript=word), language) == name


@pytest.mark.parametrize(
    ("tag", "words", "control"),
    [
        ("en", "please stop texting me", "stop"),
        ("en", "hi, take me off your list thank you", "stop"),
        ("en", "I will stop by tomorrow", None),
        ("en", "when does it end", None),
        ("en", "my chest pain is back", "danger"),
        ("en", "stop, I can't breathe", "danger"),
        ("en", "no chest pain today", None),
        ("en", "no chest pain but a seizure", "danger"),
        ("en", "it's an EMERGENCY!!!", "danger"),
        ("en", "this is not an emergency", None),
        ("en", "I’m not safe", "danger"),
        ("en", "I feel fine", None),
        ("en", "", None),
        ("en", "   ", None),
        ("es", "por favor no me llamen más, gracias", "stop"),
        ("es", "me falta el aire desde ayer", "danger"),
        ("es", "NO PUEDO RESPIRAR", "danger"),
        ("es", "no tengo dolor de pecho", None),
        ("es", "quiero una cita para mañana", None),
        ("es", "para", "stop"),
        ("ko", "안녕하세요", None),
        ("ko", "안녕히 계세요", "leave"),
        ("ko", "안녕하세요 혈압이요", None),
        ("en", "by", None),
        ("en", "bye!", "leave"),
    ],
)
def test_danger_and_a_stop_are_found_inside_a_sentence(tag: str, words: str, control: str | None) -> None:
    assert controls.asked_for(Said(text=words), load()[tag]) == control


@pytest.mark.parametrize("kind", sorted(kinds()))
@pytest.mark.parametrize(
    ("keys", "without_zero", "with_zero"),
    [
        ("0", "person", None),
        ("*0", None, "person"),
        ("*", "again", "again"),
        ("9", "leave", None),
        ("*9", None, "leave"),
        ("00", None, None),
        ("0*", None, None),
        ("1", None, None),
        ("**", None, None),
    ],
)
def test_keys_ask_for_a_person_for_the_question_again_and_to_leave(
    kind: str, keys: str, without_zero: str | None, with_zero: str | None
) -> None:
    meant = with_zero if kind in ZERO_IS_AN_ANSWER else without_zero
    assert controls.read(Said(keys=keys), kinds()[kind], load()["en"], {}) == meant


def test_keys_are_not_read_as_words() -> None:
    assert controls.read(Said(keys="911"), kinds()["number"], load()["en"], {}) is None


def test_a_choice_that_has_the_key_is_meant() -> None:
    choices = {
        "choices": [{"key": str(number), "value": str(number), "words": []} for number in range(1, 10)]
    }
    assert controls.read(Said(keys="9"), kinds()["choice"], load()["en"], choices) is None
    assert (
        controls.read(Said(keys="9"), kinds()["choice"], load()["en"], {"choices": choices["choices"][:4]})
        == "leave"
    )


@pytest.mark.parametrize("tag", sorted(load()))
def test_wrong_number_is_heard_where_we_ask_who_it_is_and_nowhere_else(tag: str) -> None:
    language = load()[tag]
    for word in language.words["wrong_person"]:
        for kind in kinds().values():
            meant = "wrong_person" if kind.name in controls.ASKS_WHO else None
            assert controls.read(Said(text=word), kind, language, {}) == meant, (word, kind.name)


@pytest.mark.parametrize("asked", ["stop", "help", "danger"])
def test_help_stop_and_danger_are_followed_where_they_open_a_talk(asked: str) -> None:
    words = {"stop": "STOP", "help": "help", "danger": "I want to die"}[asked]
    result = begin(flow_set(WRITTEN), "main", surroundings({}), "en", first=Said(text=words))
    assert result.position["vars"]["control_words"] == words
    first = {"stop": "You will get no more.", "help": "This is help.", "danger": "Call 911 now."}[asked]
    assert result.says[0].text == first


def test_a_menu_that_opens_a_talk_is_no_control() -> None:
    result = begin(flow_set(WRITTEN), "main", surroundings({}), "en", first=Said(text="menu"))
    assert [say.text for say in result.says] == ["First?", "1 yes", "2 no"]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", "me quiero morir"),
        ("en", "no puedo respirar"),
        ("en", "숨을 못 쉬겠어요"),
        ("es", "mwen vle mouri"),
        ("ko", "I want to kill myself"),
        ("ht", "me duele el pecho"),
    ],
)
def test_danger_is_heard_in_every_language(tag: str, words: str) -> None:
    languages = load()
    assert controls.asked_for(Said(text=words), languages[tag], languages.values()) == "danger"


@pytest.mark.parametrize("tag", sorted(load()))
def test_what_is_no_danger_is_none_in_any_other_language(tag: str) -> None:
    languages = load()
    for word in languages[tag].words["not_danger"]:
        assert controls.asked_for(Said(text=word), languages[tag], languages.values()) != "danger", word


@pytest.mark.parametrize("tag", sorted(load()))
@pytest.mark.parametrize("control", controls.PART_OF_A_MESSAGE)
def test_who_is_asked_for_her_name_and_asks_for_a_person_gets_one(tag: str, control: str) -> None:
    language, message = load()[tag], kinds()["message"]
    for word in language.words[control]:
        said = Said(text=word)
        assert controls.read(said, message, language, {}) is None, "in a message it is the message"
        assert controls.read(said, message, language, {"is_name": True}) == control
    assert controls.read(Said(text="Norse"), message, load()["en"], {"is_name": True}) is None
