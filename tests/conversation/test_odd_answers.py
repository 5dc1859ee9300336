"""Texts, keys, callers and fields of every sort: a sensible next prompt or a person, and never an error of ours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from records.alerts import Alert
from records.conversations import Conversation, Turn
from records.messages import Message
from records.readings import Reading
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.carrier_forms import call_form, text_form
from tests.conversation.carrier_webhooks import FORM, Call, new_id
from tests.conversation.clinic_day import BIRTH_DATE, KEYED_BIRTH_DATE, LINE, NUMBERS

TEXTS = {
    "1,600 characters": "My blood pressure monitor shows something. " * 37 + "120/80",
    "1,600 emoji": "🤰" * 1600,
    "emoji": "👩‍⚕️❤️‍🩹 120/80 🤒",
    "Arabic": "ضغط دمي مرتفع اليوم",
    "Arabic figures": "١٢٠/٨٠",
    "control characters": "\x00\x01\x1b[31m12\x000/80\x7f\x85\x9f\r\n",
    "only control characters": "\x00\x01\x02",
    "nothing": "",
    "spaces": " \t\n ",
    "joiners and marks": "\u200b\u200f\u202e\ufeff",
    "half a surrogate": "120/80 \ufffd",
    "markup": "<Say>hi</Say> & ]]> {clinic_name} {0} %s",
    "keys": "*#*#99",
    "a formula": "=1+1",
    "digits": "9" * 400,
    "figures of every script": "१२०/८० ௧௨௦/௮௦",
    "a combining heap": "Z" + "\u0301" * 800,
}


@pytest.mark.parametrize("words", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_a_sensible_answer_at_every_question(day, words):
    """At the first word, at the menu, at who she is, at the read-back, at a message, and from a stranger."""
    rosa, stranger = day.phone("rosa"), day.phone("stranger")
    assert all_sendable(stranger.text(words))
    assert all_sendable(stranger.text(words))
    assert all_sendable(rosa.text(words))
    assert all_sendable(rosa.texts("menu", words))
    assert all_sendable(rosa.texts("menu", "1", words))
    assert all_sendable(rosa.texts("menu", "1", BIRTH_DATE, words))
    rosa.texts("menu", "2")
    rosa.text(words)
    assert len(day.rows(Turn)) == 15
    assert all_sendable(rosa.text("menu")), "the talk goes on"


def all_sendable(texts: list[str]) -> bool:
    """Something is answered, within what the carrier takes, and no placeholder is left."""
    return bool(texts) and all(
        0 < len(text) <= 1600 and not re.search(r"\{\w+\}|None", text) for text in texts
    )


@pytest.mark.parametrize(
    "words", [TEXTS["1,600 characters"], TEXTS["emoji"], TEXTS["Arabic"]], ids=["long", "emoji", "Arabic"]
)
def test_a_message_is_kept_as_it_was_written(day, words):
    day.phone("rosa").texts("hello", "2", words)
    assert day.the(Message).text == words.strip()


def test_control_characters_are_taken_out_of_what_is_kept(day):
    day.phone("rosa").texts("hello", "2", "May I\x00 take\x1b aspirin?")
    assert day.the(Message).text == "May I take aspirin?"


def test_a_picture_without_words_is_asked_about(day):
    rosa = day.phone("rosa")
    rosa.text("hello")
    form = {
        **rosa.text_form(""),
        "NumMedia": "1",
        "MediaUrl0": "http://example.test/x",
        "MediaContentType0": "image/png",
    }
    answer = day.webhooks.post("/sms/receive", form)
    assert answer.status_code == 200
    assert len(day.rows(Conversation)) == 1


@pytest.mark.parametrize("sender", ["HARBOR", "72727", "", "client:x", "sip:a@b.test", "+1"])
def test_a_text_from_nobody_who_could_be_answered_begins_no_talk(day, sender):
    answer = day.webhooks.post("/sms/receive", text_form(From=sender))
    assert (answer.status_code, list(ElementTree.fromstring(answer.text))) == (200, [])
    assert day.rows(Conversation) == []
    assert day.counted("no number to answer") == 1


# Keys of every sort

WAYS = {
    "language": ("stranger", []),
    "menu": ("rosa", []),
    "birth date": ("rosa", ["1"]),
    "reading": ("rosa", ["1", KEYED_BIRTH_DATE]),
    "read-back": ("rosa", ["1", KEYED_BIRTH_DATE, "120*80"]),
    "warning signs": ("rosa", ["1", KEYED_BIRTH_DATE, "120*80", "1"]),
    "person": ("rosa", ["0"]),
    "message": ("rosa", ["2"]),
}
"""The way to every kind of question on the keypad."""
KEYS = ["*#*#99", "*", "#", "0", "*0", "**", "##", "9" * 400, "ABCD", "*" * 50, "", "000*000", "165*", "*112"]


@pytest.mark.parametrize("way", WAYS)
def test_any_keys_at_any_question_get_a_sensible_next_prompt(day, way):
    who, before = WAYS[way]
    for keys in KEYS:
        call = day.phone(who).call().keys(*before)
        for _ in range(2):
            if call.action:
                call.keys(keys)
                assert call.waits in ("Gather", "Record", "Dial", "Hangup"), keys
                assert call.said or call.waits == "Dial", keys
                assert not [said for said in call.said if re.search(r"\{\w+\}|None", said)], keys
        talk = day.the(Conversation, Conversation.call == call.id)
        # Whoever is not understood is given a person, and not just hung up on.
        assert call.waits != "Hangup" or day.rows(Task, Task.conversation_id == talk.id), keys
    assert day.rows(Reading, Reading.level == "severe") == day.rows(Alert) == []


# Callers and calls of every sort


@pytest.mark.parametrize(
    "caller", ["anonymous", "", "Restricted", "+266696687", "sip:a@b.test", "+1", "client:x"]
)
def test_a_caller_whose_number_is_none_is_served(day, caller):
    call = Call(day.webhooks, caller, LINE, new_id("CA"))
    call.ask("/voice/answer")
    call.keys("1", "2").record("RE0", 2).keys("6175550107", "1").record("RE1", 4)
    assert call.said[0].startswith("Thank you. The clinic has your message")
    assert day.the(Conversation).number_hash == hashed("")
    assert [message.number for message in day.rows(Message)] == ["", ""], "her name, and what she said"


@pytest.mark.parametrize("status", ["teleported", "", "COMPLETED", "x" * 2000])
def test_a_call_in_a_state_unheard_of_is_answered(day, status):
    assert day.webhooks.post("/voice/answer", call_form(CallStatus=status)).status_code == 200
    assert day.webhooks.post("/voice/status", call_form(CallStatus=status)).status_code == 204
    assert day.the(Conversation).state == "open"


@pytest.mark.parametrize("fields", [
    {"AnsweredBy": "a robot"}, {"RecordingSid": "RE1", "RecordingDuration": "x"}, {"DialCallStatus": "odd"},
    {"DialCallStatus": "completed", "DialBridged": "maybe"}, {"SequenceNumber": "-"}, {"SpeechResult": "ü" * 500},
    {"Digits": "hangup"},
    {"RecordingUrl": "http://169.254.169.254/latest", "RecordingSid": "RE1", "RecordingDuration": "9"},
], ids=str)  # fmt: skip
def test_any_fields_at_any_question_are_survived(day, fields):
    for who, before in WAYS.values():
        call = day.phone(who).call().keys(*before)
        answer = day.webhooks.post(call.action, {**call.form, **fields})
        assert answer.status_code == 200
        assert ElementTree.fromstring(answer.text).tag == "Response"


def test_bytes_that_are_no_utf_8_are_survived(day):
    """They are read as they were written, percent signs and all, and signed so."""
    body = b"MessageSid=SM1&From=%2B16175550101&To=%2B16175550100&Body=%FF%FEhola%C3"
    seen = {"MessageSid": "SM1", "From": NUMBERS["rosa"], "To": LINE, "Body": "%FF%FEhola%C3"}
    right = day.webhooks.sign("/sms/receive", seen)
    answer = day.webhooks.web("/sms/receive", body, {"X-Twilio-Signature": right, "Content-Type": FORM})
    assert answer.status_code == 200
