"""Every shape of a reply as TwiML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dialogue.reply import Ask, Dial, Record, Reply, Say
from languages import load
from voice.twiml import LONGEST_SAY, render, render_hangup, render_join, render_whisper

BASE = "https://phone.example.org"
TURN = f"{BASE}/voice/turn/talk-1/3"
HELLO = Say("Hello.", "en")
HOLA = Say("Hola.", "es")
SAY_HELLO = '<Say language="en-US" voice="Polly.Joanna">Hello.</Say>'
SAY_HOLA = '<Say language="es-MX" voice="Polly.Mia">Hola.</Say>'


def rendered(*says: Say, wait: Ask | Record | Dial | None = None) -> str:
    document = render(Reply(says, wait, "talk-1", 3), BASE, load(), "+16175550100")
    return document.removeprefix('<?xml version="1.0" encoding="UTF-8"?><Response>').removesuffix(
        "</Response>"
    )


def gather(inside: str, finish: str = "#", digits: str = "", timeout: int = 8) -> str:
    return (
        f'<Gather action="{TURN}" actionOnEmptyResult="true" finishOnKey="{finish}" input="dtmf"'
        f' method="POST"{digits} timeout="{timeout}">{inside}</Gather>'
    )


RECORD = (
    f'<Record action="{TURN}" finishOnKey="1234567890*#" maxLength="{{longest}}" method="POST"'
    f' playBeep="true" timeout="{{silence}}" trim="do-not-trim" /><Redirect method="POST">{TURN}</Redirect>'
)
DIAL = (
    f'<Dial action="{TURN}" callerId="+16175550100" method="POST" timeout="25">'
    f'<Number method="POST" url="{BASE}/voice/whisper/talk-1/3">+16175550190</Number></Dial>'
)
BRIDGE = Dial("+16175550190", (HELLO,))

SHAPES = [
    # An ending: what is left to say, then the end. An empty reply is the end alone.
    ((), None, "<Hangup />"),
    ((HELLO,), None, f"{SAY_HELLO}<Hangup />"),
    ((HELLO, HOLA), None, f"{SAY_HELLO}{SAY_HOLA}<Hangup />"),
    ((Say(" \n", "en"),), None, "<Hangup />"),
    # A question: everything that is said stands in the one Gather.
    ((HELLO,), Ask(), gather(SAY_HELLO)),
    ((HELLO, HOLA), Ask(digits=1), gather(SAY_HELLO + SAY_HOLA, digits=' numDigits="1"')),
    ((HELLO,), Ask(digits=8, timeout=12), gather(SAY_HELLO, digits=' numDigits="8"', timeout=12)),
    ((HELLO,), Ask(hash_ends=False), gather(SAY_HELLO, finish="")),
    ((), Ask(digits=1), gather("", digits=' numDigits="1"').replace("></Gather>", " />")),
    # A message: announced before, for Record can't stand in Gather; silence goes on to the same turn.
    ((HELLO,), Record(), SAY_HELLO + RECORD.format(longest=180, silence=6)),
    ((HELLO,), Record(30, 4), SAY_HELLO + RECORD.format(longest=30, silence=4)),
    ((), Record(), RECORD.format(longest=180, silence=6)),
    # A bridge: whoever answers hears the whisper first.
    ((HOLA,), BRIDGE, SAY_HOLA + DIAL),
    ((), BRIDGE, DIAL),
]


@pytest.mark.parametrize(("says", "wait", "document"), SHAPES)
def test_shape(says, wait, document):
    assert rendered(*says, wait=wait) == document


def address_of(place: str) -> str:
    return f"{BASE}/voice/sounds/talk-1/3/{place}.wav?expires=1&signature=a"


PLAYED = f"<Play>{BASE}/voice/sounds/talk-1/3/{{}}.wav?expires=1&amp;signature=a</Play>"


def test_what_the_carrier_has_no_voice_for_is_played_in_its_place():
    reply = Reply((HELLO, Say("Bonjou.", "ht"), Say(" ", "ht"), Say("Babay.", "ht")), None, "talk-1", 3)
    document = render(reply, BASE, load(), sound=address_of)
    assert f"{SAY_HELLO}{PLAYED.format(1)}{PLAYED.format(3)}<Hangup />" in document
    assert "Bonjou" not in document


def test_a_whisper_is_played_from_places_of_its_own():
    document = render_whisper((Say("Bonjou.", "ht"), HELLO), f"{BASE}/accept", load(), address_of)
    assert document.count(PLAYED.format("w0") + SAY_HELLO) == 2


def test_without_sounds_nothing_is_said_in_another_languages_voice():
    with pytest.raises(ValueError, match="needs sounds"):
        render(Reply((Say("Bonjou.", "ht"),)), BASE, load())


def test_without_a_line_the_dialled_person_sees_the_caller_that_the_carrier_chooses():
    document = render(Reply((), BRIDGE, "talk-1", 3), BASE, load())
    assert "callerId" not in document


def test_a_whisper_asks_twice_for_any_key_and_hangs_up_without():
    document = ElementTree.fromstring(render_whisper((HELLO,), f"{BASE}/accept", load()))
    asked, end = document
    assert (asked.tag, end.tag) == ("Gather", "Hangup")
    assert asked.attrib == {
        "input": "dtmf", "numDigits": "1", "finishOnKey": "", "timeout": "10", "action": f"{BASE}/accept",
        "method": "POST",
    }  # fmt: skip
    assert [verb.tag for verb in asked] == ["Say", "Pause", "Say"]


def test_joining_and_leaving_a_leg():
    assert render_join().endswith("<Response />")
    assert render_hangup().endswith("<Response><Hangup /></Response>")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Tom & Ana <b>\"x\"</b> 'y'", "Tom & Ana <b>\"x\"</b> 'y'"),
        ("]]> <!-- --> <?x?>", "]]> <!-- --> <?x?>"),
        ("bell\x07 null\x00 escape\x1b del\x7f", "bell null escape del\x7f"),
        ("half \ud83d pair", "half  pair"),
        ("no\ufffe char\uffff", "no char"),
        ("네 مرحبا 👩‍⚕️", "네 مرحبا 👩‍⚕️"),
    ],
)
def test_whatever_is_said_is_well_formed(text, heard):
    document = ElementTree.fromstring(render(Reply((Say(text, "en"),)), BASE, load()))
    assert document[0].text == heard


@pytest.mark.parametrize(
    "text",
    [
        "This is one sentence of forty characters. " * 250,
        "nopunctuation " * 900,
        "x" * 10_000,
        "一二三四五六七八九十。" * 1000,
        "One line\n" * 900,
    ],
)
def test_a_long_text_is_said_in_pieces_that_lose_nothing(text):
    document = ElementTree.fromstring(render(Reply((Say(text, "en"),)), BASE, load()))
    pieces = [verb.text or "" for verb in document if verb.tag == "Say"]
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= LONGEST_SAY
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_long_text_breaks_at_a_sentence_where_it_can():
    text = "Take your reading now, please, and sit still while you do. " * 200
    document = ElementTree.fromstring(render(Reply((Say(text, "en"),)), BASE, load()))
    pieces = [verb.text or "" for verb in document if verb.tag == "Say"]
    assert all(piece.endswith(".") for piece in pieces)


def test_a_reply_longer_than_the_carrier_takes_is_an_error_of_ours():
    with pytest.raises(ValueError, match="longer than the carrier takes"):
        render(Reply((Say("word " * 14_000, "en"),)), BASE, load())
