"""Calls as the carrier brings them: what becomes an event, what is answered, what is turned away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carriers import CallState
from conversation.events import AnsweredBy, DialStatus, Kind
from dialogue.reply import Ask, Dial, Reply, Say
from dialogue.said import Channel
from tests.carriers.carrier_side import CALL, LINE, ON_CALL, RECORDING, ROSA, CarrierSide, call_form
from voice.webhooks import blueprint

PLACED = {"Direction": "outbound-api", "From": LINE, "To": ROSA}


@pytest.fixture
def carrier() -> CarrierSide:
    return CarrierSide(blueprint)


def test_a_call_reaches_the_line_and_hears_the_reply(carrier):
    carrier.house.reply = Reply((Say("Para español, oprima 1.", "es"),), Ask(digits=1), "talk-1", 1)
    answer = carrier.post("/voice/answer", call_form(CallStatus="ringing"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert 'action="https://phone.example.org/voice/turn/talk-1/1"' in answer.text
    assert "Para español, oprima 1." in answer.text
    (event,) = carrier.house.events
    assert (event.kind, event.channel) == (Kind.STARTED, Channel.VOICE)
    assert (event.line, event.number, event.call, event.key) == (LINE, ROSA, CALL, f"{CALL}:0")
    assert (event.conversation, event.turn) == ("", 0)


@pytest.mark.parametrize(
    "withheld",
    [
        *(
            "anonymous",
            "Anonymous",
            "",
            "+266696687",
            "Restricted",
            "+86282452253",
            "+7378742833",
            "+2562533",
        ),
        *("unknown", "sip:rosa@example.org", "client:rosa", "12345", "+1617555010112345"),
    ],
)
def test_who_withholds_a_number_is_nobody_and_is_answered(carrier, withheld):
    assert carrier.post("/voice/answer", call_form(From=withheld)).status_code == 200
    assert carrier.house.events[0].number == ""


@pytest.mark.parametrize(
    ("word", "who"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE_GREETING),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("machine_end_silence", AnsweredBy.MACHINE),
        ("machine_end_other", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.FAX),
        ("unknown", AnsweredBy.UNKNOWN),
        ("a_word_of_next_year", AnsweredBy.UNKNOWN),
        (None, AnsweredBy.UNKNOWN),
    ],
)
def test_a_call_that_we_placed_is_answered(carrier, word, who):
    form = call_form(**PLACED) | ({"AnsweredBy": word} if word else {})
    carrier.post("/voice/answer?token=tok-1_x", form)
    (event,) = carrier.house.events
    assert (event.kind, event.answered_by) == (Kind.ANSWERED, who)
    assert (event.line, event.number) == (LINE, ROSA), "the line is ours whichever way the call goes"
    assert (event.conversation, event.key) == ("tok-1_x", f"{CALL}:0")


@pytest.mark.parametrize(
    ("more", "kind", "keys"),
    [
        ({"Digits": "1"}, Kind.SAID, "1"),
        ({"Digits": "*#*#99"}, Kind.SAID, "*#*#99"),
        ({"Digits": "*0", "FinishedOnKey": "#"}, Kind.SAID, "*0"),
        ({"Digits": "7" * 300}, Kind.SAID, "7" * 300),
        ({"Digits": "", "FinishedOnKey": ""}, Kind.SILENT, ""),
        ({}, Kind.SILENT, ""),
        ({"msg": "Gather End", "Digits": "2"}, Kind.SAID, "2"),
    ],
)
def test_a_question_is_answered_by_keys_or_by_silence(carrier, more, kind, keys):
    assert carrier.post("/voice/turn/talk-1/4", call_form(**more)).status_code == 200
    (event,) = carrier.house.events
    assert (event.kind, event.keys) == (kind, keys)
    assert (event.conversation, event.turn, event.key) == ("talk-1", 4, f"{CALL}:4")


@pytest.mark.parametrize(
    ("more", "keys", "seconds"),
    [
        ({"RecordingDuration": "12", "Digits": "#"}, "#", 12),
        ({"RecordingDuration": "12", "Digits": "hangup"}, "", 12),
        ({"RecordingDuration": "0"}, "", 0),
        ({"RecordingDuration": "600", "Digits": ""}, "", 600),
        ({"RecordingDuration": "soon"}, "", 0),
        ({}, "", 0),
    ],
)
def test_a_spoken_message_ends_by_a_key_by_silence_or_with_the_call(carrier, more, keys, seconds):
    carrier.post("/voice/turn/talk-1/5", call_form(RecordingSid=RECORDING, **more))
    (event,) = carrier.house.events
    assert (event.kind, event.recording) == (Kind.RECORDED, RECORDING)
    assert (event.keys, event.seconds) == (keys, seconds)


@pytest.mark.parametrize(
    ("more", "pressed", "status"),
    [
        ({"DialCallStatus": "completed", "DialBridged": "true"}, True, DialStatus.JOINED),
        ({"DialCallStatus": "completed"}, True, DialStatus.JOINED),
        ({"DialCallStatus": "answered"}, True, DialStatus.JOINED),
        # A voicemail picks up and presses nothing; a person presses, and hangs up before they are joined.
        ({"DialCallStatus": "completed"}, False, DialStatus.NO_ANSWER),
        ({"DialCallStatus": "completed", "DialBridged": "true"}, False, DialStatus.NO_ANSWER),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, True, DialStatus.NO_ANSWER),
        ({"DialCallStatus": "no-answer"}, False, DialStatus.NO_ANSWER),
        ({"DialCallStatus": "canceled"}, False, DialStatus.NO_ANSWER),
        ({"DialCallStatus": "busy"}, False, DialStatus.BUSY),
        ({"DialCallStatus": "failed"}, False, DialStatus.FAILED),
        ({"DialCallStatus": "a-word-of-next-year"}, True, DialStatus.FAILED),
    ],
)
def test_a_bridge_ends(carrier, more, pressed, status):
    if pressed:
        carrier.house.note_joined("talk-1", 6)
    carrier.post("/voice/turn/talk-1/6", call_form(DialCallSid="CA9", **more))
    (event,) = carrier.house.events
    assert (event.kind, event.dial_status) == (Kind.DIAL_ENDED, status)


def test_who_answers_a_bridge_is_asked_for_a_key_before_anyone_is_joined(carrier):
    carrier.house.bridges["talk-1", 6] = (Say("Careline, urgent. Press any key.", "en"),)
    leg = call_form(Direction="outbound-dial", From=LINE, To=ON_CALL, CallSid="CA9")
    asked = carrier.post("/voice/whisper/talk-1/6", leg)
    assert asked.text.count("Press any key.") == 2, "their own greeting drowns the first"
    assert 'action="https://phone.example.org/voice/whisper/talk-1/6/accept"' in asked.text
    assert asked.text.endswith("</Gather><Hangup /></Response>")
    assert not carrier.house.pressed

    silent = carrier.post("/voice/whisper/talk-1/6/accept", leg)
    assert "<Hangup />" in silent.text
    assert not carrier.house.pressed

    joined = carrier.post("/voice/whisper/talk-1/6/accept", leg | {"Digits": "5"})
    assert joined.text.endswith("<Response />")
    assert carrier.house.pressed == {("talk-1", 6)}


def test_a_bridge_that_nobody_wants_any_more_is_hung_up(carrier):
    leg = call_form(Direction="outbound-dial", From=LINE, To=ON_CALL)
    assert carrier.post("/voice/whisper/talk-1/6", leg).text.endswith("<Response><Hangup /></Response>")


def test_a_status_is_noted_and_the_last_one_ends_the_talk(carrier):
    ringing = call_form(**PLACED, CallStatus="ringing", SequenceNumber="1")
    assert carrier.post("/voice/status?outbox=77", ringing).status_code == 204
    assert carrier.house.events == []
    busy = call_form(**PLACED, CallStatus="busy", SequenceNumber="2")
    assert carrier.post("/voice/status?outbox=77", busy).status_code == 204
    first, last = carrier.house.statuses
    assert first[:6] == ("call", CALL, CallState.RINGING, "77", 1, None)
    assert last[:6] == ("call", CALL, CallState.BUSY, "77", 2, None)
    assert last[6]["CallStatus"] == "busy"
    (event,) = carrier.house.events
    assert (event.kind, event.key, event.call) == (Kind.HUNG_UP, f"{CALL}:end", CALL)
    assert (event.line, event.number) == (LINE, ROSA)


@pytest.mark.parametrize("word", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_every_last_word_ends_the_talk(carrier, word):
    carrier.post("/voice/status", call_form(CallStatus=word))
    assert [event.kind for event in carrier.house.events] == [Kind.HUNG_UP]


def test_a_status_of_an_unknown_call_in_an_unknown_word_with_unknown_fields_is_harmless(carrier):
    form = call_form(CallStatus="levitating", CallSid="CA" + "f" * 32, Mood="good", SequenceNumber="?")
    assert carrier.post("/voice/status", form).status_code == 204
    assert carrier.house.statuses[0][:6] == ("call", "CA" + "f" * 32, None, "", None, None)
    assert carrier.house.events == []


def test_an_empty_reply_hangs_up(carrier):
    assert carrier.post("/voice/turn/talk-1/2", call_form(Digits="1")).text.endswith(
        "<Response><Hangup /></Response>"
    )


MALFORMED = [
    *[("/voice/answer", field, None) for field in ("CallSid", "From", "To", "Direction", "CallStatus")],
    ("/voice/answer", "CallSid", ""),
    ("/voice/answer", "CallSid", "../../Accounts"),
    ("/voice/answer", "CallSid", "CA" + "1" * 70),
    ("/voice/answer", "To", "617-555-0100"),
    ("/voice/answer", "To", ""),
    ("/voice/answer", "To", "+١٦١٧٥٥٥٠١٠٠"),
    ("/voice/turn/talk-1/1", "Digits", "1\x002"),
    ("/voice/turn/talk-1/1", "Digits", "'; drop table"),
    ("/voice/turn/talk-1/1", "Digits", "٣"),
    ("/voice/turn/talk-1/1", "RecordingSid", "../../Messages"),
    ("/voice/status", "CallStatus", None),
]


@pytest.mark.parametrize(("target", "field", "value"), MALFORMED)
def test_missing_or_malformed_fields_change_nothing(carrier, target, field, value):
    form = call_form()
    form.pop(field, None)
    if value is not None:
        form[field] = value
    answer = carrier.post(target, form)
    assert answer.status_code == 400
    assert field in answer.text
    if value:
        assert value not in answer.text
    assert carrier.house.untouched
    assert carrier.house.turned_away == ["malformed"]


@pytest.mark.parametrize(
    "target",
    [
        *("/voice/turn/talk-1/x", "/voice/turn/talk-1/-1", "/voice/turn/talk-1/" + "9" * 5000),
        *("/voice/turn/t.1/1", "/voice/whisper/talk-1/1.5", "/voice/whisper/talk-1/1x/accept"),
        "/voice/answer?token=a.b",
    ],
)
def test_places_that_no_address_of_ours_names(carrier, target):
    assert carrier.post(target, call_form(Digits="1")).status_code == 404
    assert carrier.house.untouched


def test_control_characters_in_a_reply_do_not_spoil_the_document(carrier):
    carrier.house.reply = Reply((Say("Hello\x00\x0b <Rosa> & \ufffe", "en"),))
    said = carrier.post("/voice/answer", call_form()).text
    assert "Hello &lt;Rosa&gt; &amp;" in said


def test_the_reply_shows_the_line_that_was_called_to_whoever_is_dialled(carrier):
    carrier.house.reply = replace(Reply(wait=Dial(ON_CALL, (Say("x", "en"),))), conversation="t", turn=2)
    assert f'callerId="{LINE}"' in carrier.post("/voice/turn/t/1", call_form(Digits="1")).text
    assert f'callerId="{LINE}"' in carrier.post("/voice/turn/t/1", call_form(**PLACED, Digits="1")).text
