"""What is said, as texts: how many, where they break, what they cost."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.reply import Say
from sms.composing import MOST_SEGMENTS, cheapest, compose
from sms.segments import Segments, count
from sms.sentences import sentences, words


def texts(*said: str, **limits: int) -> list[str]:
    return compose([Say(text, "en") for text in said], **limits)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", Segments("GSM-7", 0)),
        ("a", Segments("GSM-7", 1)),
        ("a" * 160, Segments("GSM-7", 1)),
        ("a" * 161, Segments("GSM-7", 2)),
        ("a" * 306, Segments("GSM-7", 2)),
        ("a" * 307, Segments("GSM-7", 3)),
        ("è" * 160, Segments("GSM-7", 1)),
        ("€" * 80, Segments("GSM-7", 1)),  # an escape and a character each
        ("€" * 81, Segments("GSM-7", 2)),
        ("a" * 152 + "€" + "a" * 10, Segments("GSM-7", 2)),
        ("á" + "a" * 69, Segments("UCS-2", 1)),
        ("á" + "a" * 70, Segments("UCS-2", 2)),
        ("á" + "a" * 133, Segments("UCS-2", 2)),
        ("á" + "a" * 134, Segments("UCS-2", 3)),
        ("😀" * 35, Segments("UCS-2", 1)),
        ("😀" * 36, Segments("UCS-2", 2)),
        ("😀" * 67, Segments("UCS-2", 3)),  # a pair is not cut: 33 a segment
        ("مرحبا", Segments("UCS-2", 1)),
        ("네", Segments("UCS-2", 1)),
        ("a\nb", Segments("GSM-7", 1)),
    ],
)
def test_segments_as_the_carrier_counts_them(text, segments):
    assert count(text) == segments


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ((), []),
        (("",), []),
        ((" \n ", "\x00"), []),
        (("Hello.",), ["Hello."]),
        (("Hello.", "Reply 1 or 2."), ["Hello.\nReply 1 or 2."]),
        (("Hello.  \t World.",), ["Hello. World."]),
        (("1 yes\r\n2 no",), ["1 yes\n2 no"]),
        (("1 yes \n\n\n 2 no",), ["1 yes\n2 no"]),
        (("Choose:\n", "1 yes\n", "2 no"), ["Choose:\n1 yes\n2 no"]),
        (("你好。", "再见。"), ["你好。\n再见。"]),
        (("bell\x07 and null\x00",), ["bell and null"]),
        (("Mari\u0301a",), ["María"]),
    ],
)
def test_sentences_become_one_text(said, sent):
    assert texts(*said) == sent


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        # One segment either way: the words stay as they were written.
        ("It’s “now” – go…", "It’s “now” – go…"),
        # Plain signs save segments.
        (
            "It’s your turn — reply 1 or 2… “ok”?" + "a" * 60,
            'It\'s your turn - reply 1 or 2... "ok"?' + "a" * 60,
        ),
        ("Take 5\u00a0mg now." + " Thanks." * 10, "Take 5 mg now." + " Thanks." * 10),
        # Nothing is saved while a letter needs the larger alphabet; and a letter is never changed.
        ("“Presión”: está en 120/80, señora Núñez. ¿Sí? " + "Gracias. " * 6, None),
        ("ação não é então " * 5, None),
    ],
)
def test_typographic_signs_are_plain_where_that_saves_a_segment(text, sent):
    assert cheapest(text) == (text if sent is None else sent)


LONG = "Your reading was 168 over 112, which is very high. " * 4
SPANISH = "Su presión es 168/112, que es muy alta. Llame al 911 o al 617 555 0190 ahora. "


def test_a_reply_of_a_few_segments_is_one_text():
    assert len(texts(LONG)) == 1


def test_a_long_reply_breaks_at_ends_of_sentences():
    sent = texts(SPANISH * 6)
    assert len(sent) == 3
    assert all(text.endswith((".", "ahora.")) for text in sent)
    assert all(count(text).count <= MOST_SEGMENTS for text in sent)
    assert " ".join(sent) == (SPANISH * 6).strip()


def test_one_segment_a_text_can_be_asked_for():
    sent = texts(SPANISH * 2, most_segments=1)
    assert [count(text).count for text in sent] == [1] * len(sent)
    assert " ".join(sent) == (SPANISH * 2).strip()


def test_lines_stay_lines_when_a_list_is_broken():
    menu = "\n".join(
        f"{number}. {'Opción de la lista de la clínica' if number else ''}" for number in range(1, 13)
    )
    sent = texts(menu)
    assert len(sent) > 1
    assert "\n".join(sent) == menu
    assert not any(text.endswith(".") for text in sent), "a number stays with its option"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("palabra " * 7 + "617 555 0190 " + "palabra " * 7, "617 555 0190"),
        ("palabra " * 7 + "(617) 555-0190 " + "palabra " * 7, "(617) 555-0190"),
        ("palabra " * 7 + "+1 617 555 0190 " + "palabra " * 7, "+1 617 555 0190"),
        ("palabra " * 7 + "168 / 112 " + "palabra " * 7, "168 / 112"),
        ("á " + "palabra " * 6 + "https://phone.example.org/join/Az09-x_y?z=1 " + "palabra " * 7, "https://phone.example.org/join/Az09-x_y?z=1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shift", range(0, 24, 3))
def test_a_number_or_an_address_is_never_cut(text, kept, shift):
    sent = texts("í" * (shift + 1) + " " + text, most_segments=1)
    assert len(sent) > 1
    assert sum(kept in one for one in sent) == 1


def test_an_address_longer_than_a_text_should_be_is_sent_whole():
    address = "https://phone.example.org/join/" + "x" * 600
    assert texts(f"Join here: {address} today.") == ["Join here:", address, "today."]


def test_a_script_without_spaces_breaks_anywhere_but_inside_a_character():
    assert [len(text) for text in texts("王" * 500)] == [201, 201, 98]
    for one in ("👨‍👩‍👧‍👦", "👋🏽", "👩‍⚕️", "हा", "\u0915\u093f"):
        for shift in range(12):
            sent = texts("王" * shift + one * 240)
            assert len(sent) > 1
            assert {text.strip("王").replace(one, "") for text in sent} == {""}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four… Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
        ("Dr. Lee and Sra. Núñez. Next.", ["Dr. Lee and Sra. Núñez.", "Next."]),
        ("At 5 p.m. today. Next.", ["At 5 p.m. today.", "Next."]),
        ("1. Yes 2. No", ["1. Yes 2. No"]),
        ("It is 98.6 now.", ["It is 98.6 now."]),
        ('He said "go." Then left.', ['He said "go."', "Then left."]),
        ("¿Sí? ¡No! Ya.", ["¿Sí?", "¡No!", "Ya."]),
        ("你好。再见！好", ["你好。", "再见！", "好"]),
        ("हाँ। नहीं।", ["हाँ।", "नहीं।"]),
        ("هل أنت بخير؟ نعم.", ["هل أنت بخير؟", "نعم."]),
        ("...", ["..."]),
        (". .", [".", "."]),
        ("", []),
    ],
)
def test_where_sentences_end(text, parts):
    assert list(sentences(text)) == parts


def test_words_are_not_parted_at_a_space_that_holds_them_together():
    assert list(words("Take 5\u00a0mg or 1\u202f000 now")) == ["Take", "5\u00a0mg", "or", "1\u202f000", "now"]


def test_what_is_left_of_a_broken_sentence_shares_a_text_with_the_next():
    sent = texts("í " + "palabra " * 10 + "fin. Adiós.", most_segments=1)
    assert [len(text) <= 70 for text in sent] == [True, True]
    assert sent[1].endswith("palabra fin. Adiós.")


def test_words_keep_numbers_whole():
    assert list(words("Call 617 555 0190 or (617) 555 0191, 120 / 80 mmHg")) == [
        "Call", "617 555 0190", "or", "(617) 555 0191,", "120 / 80", "mmHg",
    ]  # fmt: skip


ANYTHING = st.text(
    st.one_of(
        st.sampled_from("aeiou .?!,\n0123456789'’“”–…áñ€{}\u00a0"),
        st.sampled_from("你好。王😀👍🏽مرحبا네हाँ\u200d\u0301\x00\x1b\ufeff"),
    ),
    max_size=700,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANYTHING, max_size=3), st.integers(1, 4))
def test_whatever_is_said_fits_and_loses_nothing(said, most):
    sent = texts(*said, most_segments=most)
    assert all(sent)
    for text in sent:
        assert len(text) <= 1600
        unbreakable = text.isascii() and len(list(words(text))) == 1
        assert count(text).count <= most or unbreakable or len(text) < 30
    assert bare("".join(sent)) == bare("".join(said))


def bare(text: str) -> str:
    """What a reader must be left with: no spaces, plain signs."""
    plain = cheapest(unicodedata.normalize("NFC", text)).translate(ALL_PLAIN)
    return unicodedata.normalize("NFC", re.sub(r"[\s\x00\x1b.'\"-]", "", plain))


ALL_PLAIN = str.maketrans({"’": "'", "“": '"', "”": '"', "–": "-", "…": "...", "\u00a0": " ", "\ufeff": ""})
