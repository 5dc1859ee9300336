"""Texts as the carrier brings them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from carriers import TextState
from conversation.events import Kind
from dialogue.reply import Ask, Reply, Say
from dialogue.said import Channel
from sms.webhooks import blueprint
from tests.carriers.carrier_side import LINE, ROSA, TEXT, CarrierSide, text_form


@pytest.fixture
def carrier() -> CarrierSide:
    return CarrierSide(blueprint)


def test_a_text_is_taken_and_answered(carrier):
    carrier.house.reply = Reply((Say("¿Español? 1 sí, 2 no", "es"),), Ask(), "talk-1", 1)
    answer = carrier.post("/sms/receive", text_form("hola"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.text.endswith("<Response><Message>¿Español? 1 sí, 2 no</Message></Response>")
    (event,) = carrier.house.events
    assert (event.kind, event.channel, event.text) == (Kind.SAID, Channel.TEXT, "hola")
    assert (event.line, event.number, event.key) == (LINE, ROSA, TEXT)
    assert (event.conversation, event.turn, event.call) == ("", 0, "")


def test_an_empty_reply_sends_nothing(carrier):
    assert carrier.post("/sms/receive", text_form()).text.endswith("<Response />")


def test_a_long_reply_is_several_messages(carrier):
    carrier.house.reply = Reply((Say("Su presión es muy alta. " * 20, "es"),))
    document = ElementTree.fromstring(carrier.post("/sms/receive", text_form()).text)
    assert [message.tag for message in document] == ["Message"] * 3
    assert all((message.text or "").startswith("Su presión") for message in document)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a" * 1600, "a" * 1600),
        ("😀" * 1600, "😀" * 1600),
        ("👩‍⚕️👍🏽", "👩‍⚕️👍🏽"),
        ("مرحبا، ضغطي ١٦٠/١١٠ " * 60, "مرحبا، ضغطي ١٦٠/١١٠ " * 60),
        ("120\x00/\x1b80\x07\u0085", "120/80"),
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("*#*#99", "*#*#99"),
        ("<Response>&amp;", "<Response>&amp;"),
        ("", ""),
        ("   ", "   "),
        ("a+b=c&d%20", "a+b=c&d%20"),
    ],
)
def test_texts_of_every_kind_are_taken(carrier, body, text):
    assert carrier.post("/sms/receive", text_form(body)).status_code == 200
    assert carrier.house.events[0].text == text


def test_a_picture_alone_is_an_empty_text(carrier):
    form = text_form("", NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="image/jpeg")
    assert carrier.post("/sms/receive", form).status_code == 200
    assert carrier.house.events[0].text == ""


@pytest.mark.parametrize("sender", ["12345", "VERIFY", "", "+266696687"])
def test_who_cannot_be_answered_is_not(carrier, sender):
    answer = carrier.post("/sms/receive", text_form(From=sender))
    assert answer.text.endswith("<Response />")
    assert carrier.house.untouched
    assert carrier.house.turned_away == ["no number to answer"]


@pytest.mark.parametrize(
    ("more", "state", "code"),
    [
        ({"MessageStatus": "delivered"}, TextState.DELIVERED, None),
        ({"MessageStatus": "undelivered", "ErrorCode": "30006"}, TextState.UNDELIVERED, 30006),
        ({"MessageStatus": "failed", "ErrorCode": "21610"}, TextState.FAILED, 21610),
        ({"MessageStatus": "pondering", "ErrorCode": "soon", "Mood": "good"}, None, None),
        ({"MessageStatus": ""}, None, None),
    ],
)
def test_a_status_is_noted(carrier, more, state, code):
    form = {"MessageSid": TEXT, "To": ROSA, "From": LINE, **more}
    answer = carrier.post("/sms/status?outbox=41", form)
    assert (answer.status_code, answer.data) == (204, b"")
    (noted,) = carrier.house.statuses
    assert noted[:6] == ("text", TEXT, state, "41", None, code)
    assert noted[6]["MessageStatus"] == more["MessageStatus"]
    assert carrier.house.events == []


def test_a_status_without_an_outbox_row_is_noted_too(carrier):
    assert carrier.post("/sms/status", {"MessageSid": TEXT, "MessageStatus": "sent"}).status_code == 204
    assert carrier.house.statuses[0][3] == ""


MALFORMED = [
    *[("/sms/receive", field, None) for field in ("MessageSid", "From", "To", "Body")],
    ("/sms/receive", "MessageSid", "SM/../x"),
    ("/sms/receive", "MessageSid", "SM" + "1" * 90),
    ("/sms/receive", "To", "clinic"),
    ("/sms/receive", "To", "+1617555010\x000"),
    ("/sms/status", "MessageSid", None),
    ("/sms/status", "MessageStatus", None),
]


@pytest.mark.parametrize(("target", "field", "value"), MALFORMED)
def test_missing_or_malformed_fields_change_nothing(carrier, target, field, value):
    form = text_form(MessageStatus="sent")
    del form[field]
    if value is not None:
        form[field] = value
    answer = carrier.post(target, form)
    assert (answer.status_code, field in answer.text) == (400, True)
    assert carrier.house.untouched
    assert carrier.house.turned_away == ["malformed"]
