"""Calls as a person makes and gets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from werkzeug import Response

from phonelab.audio import write_wav

LINE, ROSA, NURSE, NURSE_2 = "+16175550100", "+16175550101", "+16175550190", "+16175550191"


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Two seconds that are as loud as speech, a second of silence around them."""
    tone = (np.sin(np.arange(16000) * 0.5) * 8000).astype(np.int16)
    quiet = np.zeros(8000, np.int16)
    file = tmp_path / "speech.wav"
    file.write_bytes(write_wav(np.concatenate([quiet, tone, quiet])))
    return file


def say(words: str) -> str:
    return f"<Say>{words}</Say>"


def response(*verbs: str) -> str:
    return f"<?xml version='1.0'?><Response>{''.join(verbs)}</Response>"


def test_she_hears_the_greeting_and_the_call_ends(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response(say("Good morning"), "<Pause/>", say("Good bye"))
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("good morning")
    rosa.hears("Good bye")
    assert rosa.is_hung_up()["status"] == "completed"
    [asked] = customer.of("/voice")
    assert asked.form["CallStatus"] == "ringing"
    assert asked.form["Direction"] == "inbound"
    assert (asked.form["From"], asked.form["To"]) == (ROSA, LINE)


def test_the_numbers_status_callback_tells_the_end(closed_lab: Any, customer: Any) -> None:
    lab = closed_lab.opens(number={"status_callback": f"{customer.url}/status"})
    customer.replies["/voice"] = response(say("Good morning"))
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.is_hung_up()
    [told] = customer.waits_for("/status")
    assert (told.form["CallStatus"], told.form["Direction"]) == ("completed", "inbound")
    assert told.form["CallbackSource"] == "call-progress-events"


def test_a_key_stops_the_prompt_and_goes_to_the_action(lab: Any, customer: Any) -> None:
    long = "This prompt is far longer than anybody listens to. " * 40
    customer.replies["/voice"] = response(f"<Gather numDigits='1' action='/turn?a=1'>{say(long)}</Gather>")
    customer.replies["/turn"] = lambda asked: response(say(f"You pressed {asked.form['Digits']}"))
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("This prompt")
    rosa.press("2")
    rosa.hears("You pressed 2")
    assert "silenced" in [event["event"] for event in rosa.events]
    assert customer.of("/turn")[0].url.endswith("/turn?a=1")


def test_silence_falls_through_to_the_next_verb(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response("<Gather action='/turn'/>", say("Are you there?"))
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.silence()
    rosa.hears("Are you there?")
    assert not customer.of("/turn")


def test_silence_passes_by_the_clock_for_a_person(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response("<Gather action='/turn' timeout='3'/>", say("Are you there?"))
    rosa = lab.handset(by_the_clock=True)
    rosa.call(LINE)
    rosa.hears("Are you there?")


def test_silence_goes_to_the_action_where_asked(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response("<Gather action='/turn' actionOnEmptyResult='true'/>")
    customer.replies["/turn"] = lambda asked: response(say(f"nothing: {asked.form['Digits']!r}"))
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.silence()
    rosa.hears("nothing: ''")


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits", "finished_on"),
    [
        ("", "120#", "120", "#"),
        ("numDigits='2'", "123", "12", ""),
        ("finishOnKey='*'", "1#2*", "1#2", "*"),
        ("finishOnKey='' numDigits='3'", "1#*", "1#*", ""),
    ],
)
def test_keys_end_as_the_gather_asks(
    lab: Any, customer: Any, attributes: str, pressed: str, digits: str, finished_on: str
) -> None:
    customer.replies["/voice"] = response(f"<Gather action='/turn' {attributes}/>")
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.press(pressed)
    [asked] = customer.waits_for("/turn")
    assert (asked.form["Digits"], asked.form["FinishedOnKey"]) == (digits, finished_on)


def test_keys_that_nobody_gathers_are_lost(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response(say("wait " * 100), "<Gather action='/turn' numDigits='1'/>")
    customer.replies["/turn"] = response()
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("wait")
    rosa.press("7", at_once=True)
    rosa.press("8")
    assert customer.waits_for("/turn")[0].form["Digits"] == "8"


def test_a_redirect_and_a_hang_up(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response("<Redirect method='GET'>/next?x=1&amp;y=2</Redirect>", say("never"))
    customer.replies["/next"] = response(say("here"), "<Hangup/>", say("never"))
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("here")
    rosa.is_hung_up()
    assert "never" not in rosa.transcript()
    [asked] = customer.of("/next")
    assert asked.method == "GET"
    assert (asked.form["x"], asked.form["y"], asked.form["CallStatus"]) == ("1", "2", "in-progress")


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_rejected_call_is_never_answered(lab: Any, customer: Any, reason: str, status: str) -> None:
    customer.replies["/voice"] = response(f"<Reject reason='{reason}'/>")
    rosa = lab.handset()
    rosa.call(LINE)
    assert rosa.is_hung_up()["status"] == status
    assert "connected" not in [event["event"] for event in rosa.events]
    tones = [event["tone"] for event in rosa.events if event["event"] == "tone"]
    assert tones == ["busy" if reason == "busy" else "not in service"]


def test_who_rings_and_hangs_up_hears_nothing_and_the_customer_knows_of_both(lab: Any, customer: Any) -> None:
    lab.opens(number={"status_callback": f"{customer.url}/status"})
    customer.replies["/voice"] = response(say("Welcome"))
    rosa = lab.handset()
    rosa.flashes(LINE)
    assert [event["event"] for event in rosa.events if "call" in event] == ["dialing", "ended"]
    [asked] = customer.of("/voice")
    [told] = customer.waits_for("/status")
    assert told.form["CallSid"] == asked.form["CallSid"]
    assert (told.form["CallStatus"], told.form["CallDuration"]) == ("no-answer", "0")
    assert lab.twilio.calls(asked.form["CallSid"]).fetch().direction == "inbound"
    rosa.call(LINE)
    rosa.hears("Welcome")


def test_who_rings_once_may_be_turned_away_and_be_called_back(lab: Any, customer: Any) -> None:
    customer.replies["/voice"] = response("<Reject reason='busy'/>")
    rosa = lab.handset()
    rosa.flashes(LINE)
    rosa.hears_the_busy_tone()
    assert rosa.is_hung_up()["status"] == "busy"
    lab.twilio.calls.create(to=rosa.number, from_=LINE, twiml=response(say("You called us")))
    rosa.answers()
    rosa.hears("You called us")


def test_a_played_file_is_heard(lab: Any, customer: Any, speech: Path) -> None:
    customer.replies["/voice"] = response("<Play loop='2'>/sound.wav</Play>", say("done"))
    customer.replies["/sound.wav"] = lambda asked: Response(speech.read_bytes(), content_type="audio/wav")
    rosa = lab.handset()
    rosa.call(LINE)
    rosa.hears("done")
    played = [event for event in rosa.events if event["event"] == "playing"]
    assert [event["seconds"] for event in played] == [4.0, 4.0]
    audio = lab.twilio.http_client.session.get(lab.url + played[0]["audio"]).content
    assert audio == speech.read_bytes()


class TestRecording:
    """`<Record>`, and the recording as the carrier keeps it."""

    def test_a_message_is_recorded_fetched_and_deleted(self, lab: Any, customer: Any, speech: Path) -> None:
        customer.replies["/voice"] = response("<Record action='/done' recordingStatusCallback='/ready'/>")
        customer.replies["/done"] = response(say("Thank you"))
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.says(speech)
        rosa.hears("Thank you")
        [done] = customer.of("/done")
        [ready] = customer.waits_for("/ready")
        sid = done.form["RecordingSid"]
        assert ready.form["RecordingSid"] == sid
        assert (done.form["RecordingDuration"], ready.form["RecordingStatus"]) == ("2", "completed")
        recording = lab.twilio.recordings(sid).fetch()
        assert (recording.status, recording.duration, recording.call_sid) == ("completed", "2", rosa.call_sid)
        get = lab.twilio.http_client.session.get
        url = done.form["RecordingUrl"]
        assert get(url).status_code == 401
        audio = get(url, auth=(lab.twilio.username, lab.twilio.password))
        assert audio.content[:4] == b"RIFF"
        assert 30000 < len(audio.content) < 36000  # two seconds and what trimming leaves around them
        assert recording.delete()
        assert get(url + ".wav", auth=(lab.twilio.username, lab.twilio.password)).status_code == 404

    def test_a_key_ends_it(self, lab: Any, customer: Any, speech: Path) -> None:
        customer.replies["/voice"] = response("<Record action='/done' finishOnKey='#' trim='do-not-trim'/>")
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.says(speech, then="#")
        [done] = customer.waits_for("/done")
        assert done.form["Digits"] == "#"
        assert int(done.form["RecordingDuration"]) >= 4

    def test_nothing_said_falls_through(self, lab: Any, customer: Any) -> None:
        customer.replies["/voice"] = response("<Record action='/done'/>", say("I heard nothing"))
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.silence()
        rosa.hears("I heard nothing")
        assert not customer.of("/done")

    def test_hanging_up_keeps_what_was_said(self, lab: Any, customer: Any, speech: Path) -> None:
        customer.replies["/voice"] = response("<Record action='/done'/>")
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.says(speech, then="")
        rosa.hangs_up()
        [done] = customer.waits_for("/done")
        assert (done.form["Digits"], done.form["RecordingDuration"]) == ("hangup", "2")

    def test_it_has_a_longest_time(self, lab: Any, customer: Any, speech: Path) -> None:
        customer.replies["/voice"] = response("<Record action='/done' maxLength='60' trim='do-not-trim'/>")
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.says(speech, then="")
        [done] = customer.waits_for("/done")
        assert (done.form["Digits"], done.form["RecordingDuration"]) == ("", "60")


class TestDial:
    """`<Dial>`: another leg, whispered to before it is bridged."""

    def test_the_first_who_answers_talks(self, lab: Any, customer: Any, speech: Path) -> None:
        numbers = f"<Number>{NURSE}</Number><Number>{NURSE_2}</Number>"
        customer.replies["/voice"] = response(f"<Dial action='/after' timeout='20'>{numbers}</Dial>")
        customer.replies["/after"] = lambda asked: response(say(f"dial {asked.form['DialCallStatus']}"))
        rosa, nurse, other = lab.handset(), lab.handset(NURSE), lab.handset(NURSE_2)
        rosa.call(LINE)
        other.rings()
        nurse.answers()
        assert other.is_hung_up()["status"] == "canceled"
        rosa.says(speech, then="")
        lab.until(lambda: "hearing" in [event["event"] for event in nurse.events], "the nurse hears Rosa")
        nurse.hangs_up()
        rosa.hears("dial completed")
        [after] = customer.of("/after")
        assert after.form["DialBridged"] == "true"
        assert lab.twilio.calls(after.form["DialCallSid"]).fetch().parent_call_sid == rosa.call_sid

    def test_a_leg_presses_a_key_before_it_is_bridged(self, lab: Any, customer: Any) -> None:
        number = f"<Number url='/whisper'>{NURSE}</Number>"
        customer.replies["/voice"] = response(f"<Dial action='/after'>{number}</Dial>")
        customer.replies["/whisper"] = response(
            f"<Gather numDigits='1' action='/accept'>{say('Press 1 to take the call')}</Gather><Hangup/>"
        )
        customer.replies["/accept"] = response()
        rosa, nurse = lab.handset(), lab.handset(NURSE)
        rosa.call(LINE)
        nurse.answers()
        nurse.hears("Press 1")
        assert "bridged" not in [event["event"] for event in rosa.events]
        nurse.press("1")
        lab.until(lambda: "bridged" in [event["event"] for event in rosa.events], "the bridge")
        rosa.hangs_up()
        nurse.is_hung_up()
        [after] = customer.waits_for("/after")
        assert (after.form["DialCallStatus"], after.form["DialBridged"]) == ("completed", "true")

    def test_a_voicemail_never_joins(self, lab: Any, customer: Any) -> None:
        lab.set_number(NURSE, kind="machine", greeting_seconds=1)
        number = f"<Number url='/whisper'>{NURSE}</Number>"
        customer.replies["/voice"] = response(f"<Dial action='/after'>{number}</Dial>")
        customer.replies["/whisper"] = response(
            f"<Gather numDigits='1'>{say('Press 1 to take the call')}</Gather><Hangup/>"
        )
        customer.replies["/after"] = lambda asked: response(say(f"dial {asked.form['DialCallStatus']}"))
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.hears("dial no-answer")
        assert customer.of("/after")[0].form["DialBridged"] == "false"

    def test_it_is_recorded_until_the_star(self, lab: Any, customer: Any, speech: Path) -> None:
        dial = f"<Dial action='/after' record='record-from-answer' hangupOnStar='true'>{NURSE}</Dial>"
        customer.replies["/voice"] = response(dial)
        rosa, nurse = lab.handset(), lab.handset(NURSE)
        rosa.call(LINE)
        nurse.answers()
        nurse.says(speech, then="")
        rosa.press("1*")
        nurse.is_hung_up()
        [after] = customer.waits_for("/after")
        assert after.form["DialCallStatus"] == "completed"
        assert int(after.form["RecordingDuration"]) >= 4
        [recording] = lab.twilio.recordings.list(call_sid=rosa.call_sid)
        assert (recording.sid, recording.source) == (after.form["RecordingSid"], "DialVerb")

    @pytest.mark.parametrize("kind", ["busy", "no-answer", "failed"])
    def test_nobody_is_reached(self, lab: Any, customer: Any, kind: str) -> None:
        lab.set_number(NURSE, kind=kind)
        customer.replies["/voice"] = response(f"<Dial action='/after'>{NURSE}</Dial>")
        customer.replies["/after"] = lambda asked: response(say(f"dial {asked.form['DialCallStatus']}"))
        rosa = lab.handset()
        rosa.call(LINE)
        rosa.hears(f"dial {kind}")
