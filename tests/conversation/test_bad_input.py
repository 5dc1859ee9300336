"""What bad input gets, on both channels: a sensible answer or a plain refusal, and never an error of ours."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from records.conversations import Conversation
from records.outbox import StatusEvent
from tests.conversation.at_once import at_once
from tests.conversation.carrier_forms import call_form, status_form, text_form
from tests.conversation.clinic_day import Day

NO_LINE = "+16175550199"
"""A number of the carrier's account that no clinic has."""


WEBHOOKS = {
    "/voice/answer": call_form(),
    "/voice/turn/{talk}/1": call_form(Digits="1"),
    "/voice/status": call_form(CallStatus="completed"),
    "/voice/whisper/{talk}/1": call_form(),
    "/voice/whisper/{talk}/1/accept": call_form(Digits="1"),
    "/sms/receive": text_form(),
    "/sms/status": status_form(),
}
"""Every address that the carrier asks, with a form that it would send there."""


@pytest.fixture
def talking(day: Day) -> Day:
    """Rosa is on the phone, and writing."""
    day.phone("rosa").call("CA1")
    day.phone("rosa").text("hello")
    return day


def target_in(day: Day, target: str) -> str:
    return target.format(talk=day.rows(Conversation, Conversation.call == "CA1")[0].id)


# Unsigned, or wrongly signed


@pytest.mark.parametrize("signature", ["", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "ü"])
@pytest.mark.parametrize("target", WEBHOOKS)
def test_what_is_not_signed_is_refused_and_only_counted(talking, target, signature):
    before = talking.counts()
    answer = talking.webhooks.post(target_in(talking, target), WEBHOOKS[target], signature=signature)
    assert answer.status_code == 403
    assert talking.counts() == before
    assert talking.counted("unsigned") == 1


@pytest.mark.parametrize("target", WEBHOOKS)
def test_a_signature_for_something_else_is_refused(talking, target):
    before = talking.counts()
    webhooks, form = talking.webhooks, WEBHOOKS[target]
    right = webhooks.sign(target_in(talking, target), form)
    for other in ({**form, "From": "+16175550666"}, {**form, "More": "x"}):
        assert webhooks.post(target_in(talking, target), other, signature=right).status_code == 403
    assert webhooks.post(f"{target_in(talking, target)}?x=1", form, signature=right).status_code == 403
    assert talking.counts() == before


def test_a_thousand_refusals_are_counted_without_a_write_each(day):
    for _ in range(200):
        assert day.webhooks.post("/sms/receive", text_form(), signature="").status_code == 403
    assert 1 <= day.counted("unsigned") <= 200


# Missing and malformed fields


NEEDED = {
    "/voice/answer": ["CallSid", "From", "To", "Direction", "CallStatus"],
    "/voice/turn/{talk}/1": ["CallSid", "From", "To", "Direction", "CallStatus"],
    "/voice/status": ["CallSid", "From", "To", "Direction", "CallStatus"],
    "/sms/receive": ["MessageSid", "From", "To", "Body"],
    "/sms/status": ["MessageSid", "MessageStatus"],
}


@pytest.mark.parametrize(
    ("target", "field"), [(target, field) for target, fields in NEEDED.items() for field in fields]
)
def test_a_missing_field_is_400_and_changes_nothing(talking, target, field):
    before = talking.counts()
    form = {name: value for name, value in WEBHOOKS[target].items() if name != field}
    answer = talking.webhooks.post(target_in(talking, target), form)
    assert (answer.status_code, answer.text) == (400, f"missing or malformed: {field}\n")
    assert talking.counts() == before
    assert talking.counted("malformed") == 1


MALFORMED = [
    ("/voice/answer", "CallSid", ""),
    ("/voice/answer", "CallSid", "CA 1"),
    ("/voice/answer", "CallSid", "x" * 65),
    ("/voice/answer", "To", "6175550100"),
    ("/voice/answer", "To", "client:desk"),
    ("/voice/turn/{talk}/1", "Digits", "12x"),
    ("/voice/turn/{talk}/1", "Digits", "１"),
    ("/voice/turn/{talk}/1", "Digits", "<script>"),
    ("/sms/receive", "MessageSid", "../../etc"),
    ("/sms/receive", "To", "HARBOR"),
    ("/sms/status", "MessageSid", "SM1'--"),
]


@pytest.mark.parametrize(("target", "field", "value"), MALFORMED)
def test_a_malformed_field_is_400_and_changes_nothing(talking, target, field, value):
    before = talking.counts()
    answer = talking.webhooks.post(target_in(talking, target), {**WEBHOOKS[target], field: value})
    assert (answer.status_code, answer.text) == (400, f"missing or malformed: {field}\n")
    assert talking.counts() == before


def test_a_recording_id_that_is_no_id_is_400(talking):
    before = talking.counts()
    form = call_form(RecordingSid="../Messages/SM1", RecordingDuration="9")
    answer = talking.webhooks.post(target_in(talking, "/voice/turn/{talk}/1"), form)
    assert answer.status_code == 400
    assert talking.counts() == before


@pytest.mark.parametrize(
    "target",
    [
        "/voice/turn/{talk}/x",
        "/voice/turn/{talk}/-1",
        "/voice/turn/{talk}/1e3",
        "/voice/turn/a%2Fb/1",
        "/voice/answer?token=%00",
        "/voice/answer?token=a b",
    ],
)
def test_an_address_that_we_never_gave_out_is_refused(talking, target):
    before = talking.counts()
    answer = talking.webhooks.post(target_in(talking, target).replace(" ", "%20"), call_form())
    assert answer.status_code in (403, 404)
    assert talking.counts() == before


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_a_body_that_is_no_form_is_refused(day, kind):
    signature = day.webhooks.sign("/sms/receive", {})
    headers = {"X-Twilio-Signature": signature, **({"Content-Type": kind} if kind else {})}
    assert day.webhooks.web("/sms/receive", b'{"MessageSid": "SM1"}', headers).status_code == 400
    assert day.rows(Conversation) == []


def test_a_body_of_more_than_64_kilobytes_is_refused(day):
    before = day.counts()
    assert day.webhooks.post("/sms/receive", text_form(Body="x" * 65_536)).status_code == 413
    assert day.webhooks.post("/voice/answer", call_form(More="x" * 65_536)).status_code == 413
    assert day.counts() == before
    assert day.counted("too long") == 2


def test_a_body_of_just_under_64_kilobytes_is_a_text(day):
    assert day.phone("rosa").text("x" * 65_000)


# A number that is no clinic's


def test_a_call_to_a_number_of_no_clinic_is_told_so(day):
    before = day.counts()
    answer = day.webhooks.post("/voice/answer", call_form(To=NO_LINE))
    assert (answer.status_code, [verb.tag for verb in ElementTree.fromstring(answer.text)]) == (
        200,
        ["Reject"],
    )
    assert day.counted("no such line") == 1
    assert day.counts() == before


def test_a_text_to_a_number_of_no_clinic_gets_no_answer(day):
    before = day.counts()
    answer = day.webhooks.post("/sms/receive", text_form(To=NO_LINE))
    assert (answer.status_code, list(ElementTree.fromstring(answer.text))) == (200, [])
    assert day.counted("no such line") == 1
    assert day.counts() == before


def test_the_end_of_a_call_to_a_number_of_no_clinic_is_accepted(day):
    assert day.webhooks.post("/voice/status", call_form(To=NO_LINE, CallStatus="completed")).status_code in (
        200,
        204,
    )


def test_a_turn_of_a_talk_on_another_line_is_not_in_service(talking):
    before = talking.counts()
    answer = talking.webhooks.post(
        target_in(talking, "/voice/turn/{talk}/1"), call_form(To=NO_LINE, Digits="1")
    )
    assert answer.status_code == 200
    assert talking.counts() == before


# Repeated, and many at once


def test_twenty_status_callbacks_at_once_are_twenty_events_and_one_change(day):
    day.ask_rosa()
    day.send()
    (text,) = day.company.texts
    at_once([lambda: day.text_status(text.id, "undelivered", text.outbox, ErrorCode="30006")] * 20)
    assert len(day.rows(StatusEvent)) == 20
    assert day.send() == 1
    assert len(day.company.calls) == 1
