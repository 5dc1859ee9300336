"""Texts both ways, the carrier's own keywords, and its rates."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from werkzeug import Response

LINE, ROSA = "+16175550100", "+16175550101"


def send(lab: Any, customer: Any, body: str = "Hello", **wishes: Any) -> Any:
    return lab.twilio.messages.create(
        **{"to": ROSA, "from_": LINE, "body": body, "status_callback": f"{customer.url}/status", **wishes}
    )


def test_a_text_is_answered(lab: Any, customer: Any) -> None:
    customer.replies["/sms"] = lambda asked: (
        f"<Response><Message>You wrote {asked.form['Body']}</Message></Response>"
    )
    rosa = lab.handset()
    rosa.texts(LINE, "hola, ¿qué tal? 😀 & <b>")
    # The reply is XML: what she wrote must not break it.
    lab.until(lab.errors, "the error")
    customer.replies["/sms"] = "<Response><Message><Body>Hola</Body></Message></Response>"
    rosa.texts(LINE, "hola")
    text = rosa.reads("Hola")
    assert (text["from"], text["to"], text["direction"]) == (LINE, ROSA, "outbound-reply")
    first, second = customer.of("/sms")
    assert first.form["Body"] == "hola, ¿qué tal? 😀 & <b>"
    assert (second.form["From"], second.form["NumMedia"], second.form["SmsStatus"]) == (ROSA, "0", "received")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [("", "text/xml"), ("<Response/>", "text/xml"), ("", "text/html")],
)
def test_no_reply_is_a_reply(lab: Any, customer: Any, body: str, content_type: str) -> None:
    customer.replies["/sms"] = lambda asked: Response(body, content_type=content_type)
    rosa = lab.handset()
    rosa.texts(LINE, "hola")
    customer.waits_for("/sms")
    customer.replies["/sms"] = lambda asked: Response("plain words", content_type="text/plain")
    rosa.texts(LINE, "hola")
    rosa.reads("plain words")
    assert lab.errors() == []


def test_a_sent_text_tells_its_statuses(lab: Any, customer: Any) -> None:
    rosa = lab.handset()
    message = send(lab, customer, "á" * 71)
    assert (message.status, message.num_segments, message.direction) == ("queued", "2", "outbound-api")
    rosa.reads("á" * 71)
    told = customer.waits_for("/status", 3)
    assert [request.form["MessageStatus"] for request in told] == ["queued", "sent", "delivered"]
    assert {request.form["MessageSid"] for request in told} == {message.sid}
    assert lab.twilio.messages(message.sid).fetch().date_sent is not None


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [({"kind": "landline"}, "30006"), ({"kind": "unreachable"}, "30003"), ({"text_error": 30034}, "30034")],
)
def test_a_text_that_does_not_arrive(lab: Any, customer: Any, behaviour: Any, code: str) -> None:
    lab.set_number(ROSA, **behaviour)
    message = send(lab, customer)
    told = customer.waits_for("/status", 3)[-1]
    assert (told.form["MessageStatus"], told.form["ErrorCode"]) == ("undelivered", code)
    assert lab.twilio.messages(message.sid).fetch().error_code == int(code)


def test_stop_and_start(lab: Any, customer: Any) -> None:
    rosa = lab.handset()
    rosa.texts(LINE, " Stop ")
    rosa.reads("unsubscribed")
    with pytest.raises(TwilioRestException) as refused:
        send(lab, customer)
    assert (refused.value.code, refused.value.status) == (21610, 400)
    assert customer.waits_for("/sms")[0].form["Body"] == " Stop "
    customer.replies["/sms"] = "<Response><Message>We got that</Message></Response>"
    rosa.texts(LINE, "please stop it")
    lab.until(lab.errors, "the refused reply")
    rosa.texts(LINE, "start")
    rosa.reads("re-subscribed")
    send(lab, customer, "welcome back")
    rosa.reads("welcome back")
    assert "the reply goes to somebody who opted out" in lab.errors()


def test_yes_is_an_answer_unless_she_opted_out(lab: Any, customer: Any) -> None:
    customer.replies["/sms"] = "<Response><Message>Confirmed</Message></Response>"
    rosa = lab.handset()
    rosa.texts(LINE, "yes")
    rosa.reads("Confirmed")
    assert "re-subscribed" not in rosa.transcript()


def test_keywords_can_be_left_to_the_customer(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(carrier_keywords=False)
    rosa = lab.handset()
    rosa.texts(LINE, "STOP")
    customer.waits_for("/sms")
    send(lab, customer, "still here")
    rosa.reads("still here")


def test_keywords_can_end_at_the_carrier(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(keyword_webhook=False)
    rosa = lab.handset()
    rosa.texts(LINE, "STOP")
    rosa.reads("unsubscribed")
    rosa.texts(LINE, "hola")
    assert [request.form["Body"] for request in customer.waits_for("/sms")] == ["hola"]


def test_texts_go_out_at_the_senders_rate(closed_lab: Any, customer: Any) -> None:
    """A second a segment: one of three segments holds up the next for three."""
    lab = closed_lab.opens(speed=5)
    rosa = lab.handset()
    for body in ("a" * 400, "second"):
        send(lab, customer, body)
    rosa.reads("second")
    sent = [
        next(entry["at"] for entry in message["trace"] if entry.get("status") == "sent")
        for message in lab.get("/lab/messages")["messages"]
    ]
    assert sent[1] - sent[0] > 2.5  # three, less what a busy machine may delay the first by


def test_the_fallback_answers_when_the_customer_does_not(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(number={"sms_fallback_url": f"{customer.url}/fallback"})
    customer.replies["/sms"] = lambda asked: Response(status=500)
    customer.replies["/fallback"] = "<Response><Message>Please call us</Message></Response>"
    rosa = lab.handset()
    rosa.texts(LINE, "hola")
    rosa.reads("Please call us")
    [asked] = customer.of("/fallback")
    assert asked.form["ErrorCode"] == "11200"
    assert asked.form["ErrorUrl"].endswith("/sms")


def test_words_can_be_erased(lab: Any, customer: Any) -> None:
    rosa = lab.handset()
    message = send(lab, customer, "a secret")
    rosa.reads("a secret")
    assert lab.twilio.messages(message.sid).update(body="").body == ""
    assert lab.twilio.messages(message.sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        lab.twilio.messages(message.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
