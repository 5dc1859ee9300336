"""Words that steer, in the ways that people write them."""

from __future__ import annotations

import pytest

from languages import load
from languages.spelling import bare
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
        ("ht", "Meni", "menu"),
        ("ht", "TOUNEN", "back"),
        ("ht", "ede m tanpri", "help"),
        ("ht", "yon moun", "person"),
        ("ht", "enfimye", "person"),
        ("ht", "lòt lang", "language"),
        ("ht", "repete silvouple", "again"),
        ("ht", "move nimewo", "wrong_person"),
        ("ht", "se pa mwen", "wrong_person"),
        ("ht", "sispann", "stop"),
        ("ht", "anyen", "none"),
        ("ht", "men mwen fè m mal", None),
        ("ko", "메뉴", "menu"),
        ("ko", "메 뉴", "menu"),
        ("ko", "뒤로", "back"),
        ("ko", "도움말", "help"),
        ("ko", "상담원이요", "person"),
        ("ko", "상담원 연결해 주세요", "person"),
        ("ko", "상담원연결 부탁드립니다", "person"),
        ("ko", "다른언어", "language"),
        ("ko", "다시 말씀해주세요", "again"),
        ("ko", "네?", "again"),
        ("ko", "잘못된 번호입니다", "wrong_person"),
        ("ko", "저 아닌데요", "wrong_person"),
        ("ko", "그만", "stop"),
        ("ko", "없어요", "none"),
        ("ko", "사람이 많아요", None),
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
        ("en", "can you stop texting me?", True),
        ("ht", "sispann", True),
        ("ht", "Tanpri pa rele m ankò", True),
        ("ht", "m pa vle resevwa mesaj nou yo", True),
        ("ht", "retire nimewo m nan lis la", True),
        ("ht", "STOP", True),
        ("ht", "rele m demen", False),
        ("ht", "tansyon an pa vle desann", False),
        ("ko", "그만", True),
        ("ko", "문자 그만 보내세요", True),
        ("ko", "문자그만보내주세요", True),
        ("ko", "전화 하지 마세요", True),
        ("ko", "더 이상 연락하지 말아 주세요", True),
        ("ko", "이제 문자를 받고 싶지 않아요", True),
        ("ko", "수신거부", True),
        ("ko", "STOP", True),
        ("ko", "출혈이 멈추지 않아요", False),
        ("ko", "약을 그만 먹어도 되나요", False),
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
        ("en", "is this chest pain?", True),
        ("ht", "m pa ka respire", True),
        ("ht", "mwen gen doule nan pwatrin", True),
        ("ht", "m'ap toufe", True),
        ("ht", "m ap senyen anpil", True),
        ("ht", "mwen pap senyen ankò", False),
        ("ht", "li bat mwen yè swa", True),
        ("ht", "mwen vle touye tet mwen", True),
        ("ht", "se pa yon ijans", False),
        ("ht", "se pa yon ijans men m vle mouri", True),
        ("ht", "mwen bezwen yon randevou", False),
        ("ko", "가슴이 아파요", True),
        ("ko", "가슴이아파요", True),
        ("ko", "숨을 못 쉬겠어요", True),
        ("ko", "숨을못쉬겠어", True),
        ("ko", "저 죽고 싶어요", True),
        ("ko", "저는죽고싶어요", True),
        ("ko", "피가 많이 나요", True),
        ("ko", "저는피가많이나요", True),
        ("ko", "커피가 많이 마시고 싶어요", False),
        ("ko", "임신 초기 절대 안 되는 음식", False),
        ("ko", "응급 상황은 아니에요", False),
        ("ko", "응급은 아닌데 가슴이 답답해요", True),
        ("ko", "가슴 통증은 없어요", False),
        ("ko", "남편이 때렸어요", True),
        ("ko", "119 불러 주세요", True),
        ("ko", "혈압은 119/80이에요", False),
        ("ko", "예약하고 싶어요", False),
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
        (bare("맞슴니다"), bare("맞습니다"), True),
        (bare("맞나요"), bare("맞아요"), False),
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
