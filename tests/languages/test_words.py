"""Words that steer, in the ways that people write them."""

from __future__ import annotations

import pytest

from languages import load
from languages.words import asks_to_stop, has_negation, in_danger, near, which

STEERING = ("stop", "help", "back", "menu", "language", "person", "again", "skip", "none", "wrong_person")


@pytest.mark.parametrize(
    ("tag", "text", "name"),
    [
        ("en", "Menu", "menu"),
        ("en", "menuu", "menu"),
        ("en", "go back please", "back"),
        ("en", "HELP!!", "help"),
        ("en", "?", "help"),
        ("en", "helpp", "help"),
        ("en", "wrong number", "wrong_person"),
        ("en", "step", None),
        ("en", "send", None),
        ("en", "my back hurts", None),
        ("es", "menú", "menu"),
        ("es", "MENU", "menu"),
        ("es", "atras", "back"),
        ("es", "Ayuda por favor", "help"),
        ("es", "ayudaa", "help"),
        ("es", "otro idioma", "language"),
        ("es", "numero equivocado", "wrong_person"),
        ("es", "hora", None),
        ("es", "", None),
        ("en", "menu " * 100, None),
    ],
)
def test_a_steering_word_is_read_alone_and_nowhere_else(tag: str, text: str, name: str | None) -> None:
    assert which(text, load()[tag], STEERING) == name


@pytest.mark.parametrize(
    ("tag", "text", "asked"),
    [
        ("en", "STOP", True),
        ("en", "Stop.", True),
        ("en", "please stop texting me!", True),
        ("en", "Don’t text me", True),
        ("en", "the bleeding will not stop", False),
        ("en", "I had to stop at the pharmacy", False),
        ("es", "alto", True),
        ("es", "STOP", True),
        ("es", "Ya no me manden mensajes", True),
        ("es", "no me llamen mas, gracias", True),
        ("es", "mi presión está alta", False),
        ("es", "no me llamo Rosa", False),
    ],
)
def test_a_wish_to_stop_is_read_in_her_own_sentence(tag: str, text: str, asked: bool) -> None:
    assert asks_to_stop(text, load()[tag]) is asked


@pytest.mark.parametrize(
    ("tag", "text", "danger"),
    [
        ("en", "I have chest pain", True),
        ("en", "I can’t breathe", True),
        ("en", "this is an EMERGENCY", True),
        ("en", "it's not an emergency", False),
        ("en", "no chest pain", False),
        ("en", "not an emergency but I want to die", True),
        ("en", "need an appointment", False),
        ("es", "me duele el pecho mucho", True),
        ("es", "no puedo respirar", True),
        ("es", "no es una emergencia", False),
        ("es", "ya no quiero vivir", True),
    ],
)
def test_words_of_danger_are_found_and_their_denial_is_not_danger(tag: str, text: str, danger: bool) -> None:
    assert in_danger(text, load()[tag]) is danger


def test_a_negation_is_a_word_and_not_a_part_of_one() -> None:
    assert has_negation("I don't think so", load()["en"])
    assert not has_negation("another knot", load()["en"])


@pytest.mark.parametrize(
    ("said", "word", "typo"),
    [
        ("correto", "correcto", True),
        ("junio", "julio", False),
        ("not", "no", False),
        ("incierto", "cierto", False),
    ],
)
def test_a_typo_is_nearer_than_another_word(said: str, word: str, typo: bool) -> None:
    assert near(said, [word]) is typo


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "chest pain?"),
        ("en", "is this chest pain?? help"),
        ("es", "¿dolor de pecho?"),
        ("es", "me duele el pecho?"),
    ],
)
def test_a_question_mark_hides_no_danger(tag, text):
    assert in_danger(text, load()[tag])


@pytest.mark.parametrize(
    ("tag", "text"), [("en", "will you stop texting me?"), ("es", "¿ya no me manden mensajes?")]
)
def test_a_question_mark_hides_no_stop(tag, text):
    assert asks_to_stop(text, load()[tag])
