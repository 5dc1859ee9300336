"""TwiML that Twilio would refuse: each kind of mistake named in the error."""

from __future__ import annotations

from typing import Any

import pytest

from phonelab.grammar import messaging, voice
from phonelab.twiml import TwimlError, parse_message, parse_voice

LINE = "+16175550100"
GOOD = """<Response>
  <Gather input="dtmf" numDigits="1" timeout="5" finishOnKey="#" action="/x?y=1" method="POST"
    actionOnEmptyResult="true">
    <Say language="es-MX" voice="Polly.Mia" loop="1">Hola <break time="1s"/> <emphasis>ya</emphasis></Say>
    <Play>https://clinic.example/a.wav</Play><Pause length="2"/>
  </Gather>
  <Record action="/r" timeout="3" maxLength="60" finishOnKey="*#" playBeep="false" trim="do-not-trim"
    recordingStatusCallback="/s" recordingStatusCallbackEvent="completed absent" transcribe="false"/>
  <Play digits="1w2#"/>
  <Dial timeout="20" timeLimit="600" callerId="+16175550100" record="record-from-answer" hangupOnStar="true"
    action="/d">
    <Number url="/whisper" statusCallback="/s" statusCallbackEvent="initiated answered">+16175550190</Number>
  </Dial>
  <Connect action="/c">
    <Stream url="wss://clinic.example/voice/stream"><Parameter name="a" value="b"/></Stream>
  </Connect>
  <Redirect method="GET">/next</Redirect>
  <Reject reason="busy"/>
  <Hangup/>
</Response>"""

# What is wrong, the document within <Response>, and words that the error must hold.
WRONG = [
    ("verb unknown", "<Speak>hi</Speak>", ["<Speak>", "<Response>"]),
    ("verb in the wrong case", "<say>hi</say>", ["<say>", "case", "<Say>"]),
    ("verb that phonelab lacks", "<Enqueue>support</Enqueue>", ["<Enqueue>", "phonelab does not have it"]),
    ("attribute that phonelab lacks", "<Dial><Number machineDetection='Enable'>+16175550190</Number></Dial>",
     ["machineDetection", "phonelab does not have it"]),
    ("noun that phonelab lacks", "<Dial><Conference>x</Conference></Dial>", ["<Conference>", "<Dial>"]),
    ("attribute unknown", "<Say lang='es'>hola</Say>", ["<Say>", "'lang'", "'language'"]),
    ("attribute of another verb", "<Play voice='man'>/a.wav</Play>", ["<Play>", "'voice'"]),
    ("number that is none", "<Gather timeout='soon'/>", ["Gather", "timeout", "soon"]),
    ("number too small", "<Gather numDigits='0'/>", ["numDigits", "from 1"]),
    ("number too large", "<Record maxLength='20000'/>", ["maxLength", "14400"]),
    ("negative number", "<Record timeout='-1'/>", ["timeout", "-1"]),
    ("boolean that is none", "<Gather actionOnEmptyResult='yes'/>", ["actionOnEmptyResult", "true or false"]),
    ("boolean in the wrong case", "<Record playBeep='False'/>", ["playBeep", "true or false"]),
    ("method that is none", "<Redirect method='PUT'>/x</Redirect>", ["method", "GET or POST"]),
    ("keys that are none", "<Gather finishOnKey='x'/>", ["finishOnKey", "0-9"]),
    ("event that is none", "<Record recordingStatusCallbackEvent='done'/>", ["'done'", "completed"]),
    ("language that <Say> lacks", "<Say language='ht'>Bonjou</Say>", ["language", "'ht'"]),
    ("voice that <Say> lacks", "<Say voice='robot'>hi</Say>", ["voice", "'robot'"]),
    ("url with a space", "<Gather action='/a b'/>", ["action", "white space"]),
    ("url of another kind", "<Play>ftp://x/a.wav</Play>", ["<Play>", "http"]),
    ("reason that is none", "<Reject reason='asleep'/>", ["reason", "rejected or busy"]),
    ("number to dial", "<Dial>617-555-0190</Dial>", ["<Dial>", "E.164"]),
    ("number in a noun", "<Dial><Number>nurse</Number></Dial>", ["<Number>", "E.164"]),
    ("caller id", "<Dial callerId='clinic'>+16175550190</Dial>", ["callerId", "E.164"]),
    ("stream without TLS", "<Connect><Stream url='ws://x.example/s'/></Connect>", ["Stream", "wss"]),
    ("stream with a query", "<Connect><Stream url='wss://x/s?a=1'/></Connect>", ["query", "<Parameter>"]),
    ("no event at all", "<Record recordingStatusCallbackEvent=''/>", ["recordingStatusCallbackEvent"]),
    ("stream without an address", "<Connect><Stream/></Connect>", ["<Stream>", "url"]),
    ("nothing to connect to", "<Connect/>", ["<Connect>", "one noun"]),
    ("parameter without a value", "<Connect><Stream url='wss://x/s'><Parameter name='a'/></Stream></Connect>",
     ["<Parameter>"]),
    ("record in gather", "<Gather><Record/></Gather>", ["<Record>", "<Gather>"]),
    ("gather in gather", "<Gather><Gather/></Gather>", ["<Gather>"]),
    ("say in say", "<Say>a <Say>b</Say></Say>", ["<Say>"]),
    ("verb in dial", "<Dial><Say>hi</Say></Dial>", ["<Say>", "<Dial>"]),
    ("something in pause", "<Pause><Say>hi</Say></Pause>", ["<Pause>", "<Say>"]),
    ("text between verbs", "Hello<Hangup/>", ["<Response>", "Hello"]),
    ("text in gather", "<Gather>Press 1</Gather>", ["<Gather>", "Press 1"]),
    ("say without words", "<Say> </Say>", ["<Say>"]),
    ("say that is too long", f"<Say>{'a' * 4097}</Say>", ["<Say>", "4096"]),
    ("play of nothing", "<Play/>", ["<Play>"]),
    ("redirect to nowhere", "<Redirect/>", ["<Redirect>"]),
    ("transcription", "<Record transcribe='true'/>", ["transcribe"]),
    ("eleven numbers", f"<Dial>{'<Number>+16175550190</Number>' * 11}</Dial>", ["<Dial>", "10 at most"]),
    ("speech input", "<Gather input='speech'/>", ["input", "speech"]),
    ("a message verb in a call", "<Message>hi</Message>", ["<Message>"]),
]  # fmt: skip


def test_what_twilio_takes_is_taken() -> None:
    assert len(parse_voice(GOOD)) == 8


@pytest.mark.parametrize(("what", "inside", "words"), WRONG, ids=lambda v: str(v)[:30])
def test_what_twilio_refuses_is_named(what: str, inside: str, words: list[str]) -> None:
    with pytest.raises(TwimlError) as refused:
        parse_voice(f"<Response>{inside}</Response>")
    for word in words:
        assert word in refused.value.message, what


@pytest.mark.parametrize(
    ("body", "content_type", "code", "word"),
    [
        ("<Response><Say>a</Response>", "text/xml", 12100, "well-formed"),
        ("", "text/xml", 12100, "well-formed"),
        ("<Twiml/>", "text/xml", 12100, "<Twiml>"),
        ("<Response version='1'/>", "text/xml", 12200, "'version'"),
        (
            "<!DOCTYPE r [<!ENTITY a 'b'>]><Response><Say>&a;</Say></Response>",
            "text/xml",
            12100,
            "document type",
        ),
        ("<Response/>", "application/json", 12300, "application/json"),
        ("<Response/>", "", 12300, "text/xml"),
    ],
)
def test_a_document_that_is_none(body: str, content_type: str, code: int, word: str) -> None:
    with pytest.raises(TwimlError, match=word) as refused:
        parse_voice(body, content_type)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        ("<Say>hi</Say>", "<Say>"),
        ("<Message><Text>hi</Text></Message>", "<Text>"),
        ("<Message colour='red'>hi</Message>", "'colour'"),
        ("<Message to='rosa'>hi</Message>", "to"),
        ("<Message/>", "neither a body nor media"),
        ("<Message><Media/></Message>", "<Media>"),
        ("<Redirect method='DELETE'>/x</Redirect>", "method"),
    ],
)
def test_replies_to_texts_are_as_strict(inside: str, word: str) -> None:
    with pytest.raises(TwimlError, match=word):
        parse_message(f"<Response>{inside}</Response>")


def test_the_grammar_is_the_librarys() -> None:
    """Read off the helper library: these are landmarks, the rest follows."""
    assert {"Say", "Gather", "Dial", "Connect", "Pay"} <= set(voice().children)
    assert set(voice().children["Gather"].children) == {"Say", "Play", "Pause"}
    assert "actionOnEmptyResult" in voice().children["Gather"].attributes
    assert set(messaging().children) == {"Message", "Redirect"}


def test_the_caller_hears_that_something_is_wrong(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = "<Response><Say lang='es'>hola</Say></Response>"
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("an application error has occurred")
    assert rosa.is_hung_up()["status"] == "completed"
    [told] = [event for event in rosa.events if event["event"] == "error"]
    assert "'lang'" in told["message"]
    assert "'lang'" in lab.errors()[0]
    trace = lab.get(f"/lab/calls/{rosa.call_sid}")["trace"]
    assert [entry["code"] for entry in trace if entry["what"] == "error"] == [12200]
