"""Our carrier and our webhooks against a whole telephone company, with people on the phone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

import sms.webhooks
import voice.webhooks
from carriers import CallState, Gone, Meaning, NotYet, OutcomeUnknown, Refused, TextState, Unavailable
from carriers.twilio import TwilioCarrier
from conversation.events import AnsweredBy, DialStatus, Event, Kind
from dialogue.reply import Ask, Dial, Record, Reply, Say
from phonelab.audio import write_wav
from phonelab.handset_client import Handset
from phonelab.serving import serve_in_thread
from phonelab.settings import NumberSetting, Settings
from tests.carriers.carrier_side import ACCOUNT, LINE, ON_CALL, ROSA, TOKEN, HouseSettings, TakingDown

DEADLINE = 20.0  # seconds
ENGLISH = "en"
NOBODY = "+16175550199"


def say(words: str) -> tuple[Say, ...]:
    return (Say(words, ENGLISH),)


@dataclass
class Clinic(TakingDown):
    """A house whose replies the test writes as a function of the event."""

    base: str = ""
    reply_to: Callable[[Event], Reply] = lambda event: Reply()
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take_turn(self, event: Event) -> Reply:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()
        return self.reply_to(event)

    def note_status(self, *status: Any) -> None:
        with self.changed:
            self.statuses.append(status)
            self.changed.notify_all()

    def note_joined(self, conversation: str, turn: int) -> None:
        with self.changed:
            super().note_joined(conversation, turn)
            self.changed.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        end = monotonic() + DEADLINE
        with self.changed:
            while not condition():
                assert self.changed.wait(end - monotonic()), (self.events, self.statuses, self.turned_away)

    def event(self, kind: Kind) -> Event:
        """The first of a kind, once it has come."""
        self.until(lambda: any(event.kind is kind for event in self.events))
        return next(event for event in self.events if event.kind is kind)

    def state(self, state: TextState | CallState) -> tuple[Any, ...]:
        self.until(lambda: any(status[2] is state for status in self.statuses))
        return next(status for status in self.statuses if status[2] is state)


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    clinic = Clinic()
    app = Flask("careline")
    app.extensions["careline"] = clinic
    app.register_blueprint(voice.webhooks.blueprint)
    app.register_blueprint(sms.webhooks.blueprint)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    number = NumberSetting(
        LINE, f"{url}/voice/answer", f"{url}/sms/receive", status_callback=f"{url}/voice/status"
    )
    company = Settings(
        account_sid=ACCOUNT, auth_tokens=(TOKEN,), port=0, numbers=(number,), speed=20,
        calls_per_second=50, messages_per_second=50,
    )  # fmt: skip
    try:
        with serve_in_thread(company) as base:
            clinic.settings = HouseSettings(url)
            clinic.carrier = TwilioCarrier(base, ACCOUNT, (TOKEN,), timeout=10)
            clinic.base = base
            yield clinic
            assert requests.get(f"{base}/lab/errors", timeout=5).json() == {"errors": []}
            assert clinic.turned_away == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def rosa(clinic: Any) -> Iterator[Handset]:
    with Handset(clinic.base, ROSA, deadline=DEADLINE) as handset:
        yield handset


@pytest.fixture
def nurse(clinic: Any) -> Iterator[Handset]:
    with Handset(clinic.base, ON_CALL, deadline=DEADLINE) as handset:
        yield handset


def set_lab(clinic: Any, **settings: Any) -> None:
    requests.post(f"{clinic.base}/lab/settings", json=settings, timeout=5).raise_for_status()


def test_a_call_with_keys_silence_and_a_message_that_is_fetched_and_deleted(clinic, rosa, tmp_path):
    def reply_to(event: Event) -> Reply:
        match event.kind, event.turn:
            case Kind.STARTED, _:
                return Reply(say("For English, press 1."), Ask(digits=1), "talk-1", 1)
            case Kind.SAID, 1:
                return Reply(say("What is your birth date?"), Ask(digits=8), "talk-1", 2)
            case Kind.SILENT, 2:
                return Reply(say("Leave a message."), Record(longest=30, silence=3), "talk-1", 3)
            case Kind.RECORDED, 3:
                return Reply(say("Thank you."))
            case _:
                return Reply()

    clinic.reply_to = reply_to
    rosa.call(LINE)
    rosa.hears("press 1")
    rosa.press("1")
    rosa.hears("birth date")
    rosa.silence()
    rosa.hears("Leave a message")
    rosa.says(spoken(tmp_path), then="#")
    rosa.hears("Thank you")
    rosa.is_hung_up()

    recorded, over = clinic.event(Kind.RECORDED), clinic.event(Kind.HUNG_UP)
    assert [event.kind for event in clinic.events] == [
        Kind.STARTED, Kind.SAID, Kind.SILENT, Kind.RECORDED, Kind.HUNG_UP,
    ]  # fmt: skip
    assert {(event.line, event.number, event.call) for event in clinic.events} == {(LINE, ROSA, over.call)}
    assert clinic.events[1].keys == "1"
    assert recorded.keys == "#"
    assert recorded.seconds >= 2

    sound = fetched(clinic, recorded.recording)
    assert sound[:4] == b"RIFF"
    assert len(sound) > 2 * 8000
    clinic.carrier.delete_recording(recorded.recording)
    clinic.carrier.delete_recording(recorded.recording)
    with pytest.raises(Gone):
        clinic.carrier.fetch_recording(recorded.recording)


def test_saying_nothing_into_a_recording_is_silence(clinic, rosa):
    def reply_to(event: Event) -> Reply:
        if event.kind is Kind.STARTED:
            return Reply(say("Leave a message."), Record(silence=3), "talk-1", 1)
        return Reply(say("Nothing was said."))

    clinic.reply_to = reply_to
    rosa.call(LINE)
    rosa.hears("Leave a message")
    rosa.silence()
    rosa.hears("Nothing was said")
    assert clinic.events[1].kind in (Kind.SILENT, Kind.RECORDED)
    assert (clinic.events[1].conversation, clinic.events[1].turn) == ("talk-1", 1)


def bridging(event: Event) -> Reply:
    if event.kind is Kind.STARTED:
        return Reply(say("Connecting you."), Dial(ON_CALL, say("whisper"), timeout=10), "talk-1", 1)
    if event.kind is Kind.DIAL_ENDED:
        return Reply(say(f"The call was {event.dial_status}."))
    return Reply()


def test_a_bridge_joins_when_a_key_is_pressed(clinic, rosa, nurse):
    clinic.reply_to = bridging
    clinic.bridges["talk-1", 1] = say("An urgent call. Press any key.")
    rosa.call(LINE)
    rosa.hears("Connecting")
    nurse.answers()
    nurse.hears("An urgent call")
    nurse.press("5")
    rosa.press("9")  # both can only press once they are joined
    nurse.hangs_up()
    assert clinic.pressed == {("talk-1", 1)}
    rosa.hears("The call was joined")
    assert clinic.event(Kind.DIAL_ENDED).dial_status is DialStatus.JOINED


def test_a_bridge_does_not_join_who_answers_and_presses_nothing(clinic, rosa, nurse):
    clinic.reply_to = bridging
    clinic.bridges["talk-1", 1] = say("An urgent call. Press any key.")
    rosa.call(LINE)
    nurse.answers()
    nurse.hears("An urgent call")
    nurse.silence()
    rosa.hears("The call was no answer")
    assert not clinic.pressed


def test_a_bridge_that_is_rejected_was_busy(clinic, rosa, nurse):
    clinic.reply_to = bridging
    rosa.call(LINE)
    nurse.rejects()
    rosa.hears("The call was")
    assert clinic.event(Kind.DIAL_ENDED).dial_status in (DialStatus.BUSY, DialStatus.NO_ANSWER)


def test_a_call_that_we_place_is_answered_found_and_ended(clinic, rosa):
    clinic.reply_to = lambda event: Reply(say("This is the clinic. Press 1."), Ask(digits=1), "talk-1", 1)
    before = datetime.now(UTC)
    base = clinic.settings.public_url
    placed = clinic.carrier.place_call(
        ROSA, LINE, f"{base}/voice/answer?token=tok-1", f"{base}/voice/status?outbox=7", True
    )
    rosa.answers()
    rosa.hears("This is the clinic")
    answered = clinic.event(Kind.ANSWERED)
    assert answered.answered_by is AnsweredBy.HUMAN
    assert (answered.conversation, answered.call) == ("tok-1", placed)
    assert (answered.line, answered.number) == (LINE, ROSA)
    (found,) = clinic.carrier.find_calls(ROSA, LINE, before)
    assert (found.id, found.status.state) == (placed, CallState.ANSWERED)
    assert clinic.carrier.find_calls(ROSA, LINE, before + timedelta(hours=1)) == []
    assert clinic.carrier.find_calls(NOBODY, LINE, before) == []

    clinic.carrier.end_call(placed)
    rosa.is_hung_up()
    clinic.carrier.end_call(placed)
    noted = clinic.state(CallState.COMPLETED)
    assert noted[:2] == ("call", placed)
    assert noted[3] == "7"
    assert clinic.event(Kind.HUNG_UP).call == placed
    assert clinic.carrier.call_status(placed).state is CallState.COMPLETED


def test_texts_both_ways(clinic, rosa):
    clinic.reply_to = lambda event: Reply((Say("¿Español? Sí o no. " * 15, "es"),), Ask(), "talk-1", 1)
    before = datetime.now(UTC)
    callback = f"{clinic.settings.public_url}/sms/status?outbox=41"
    sent = clinic.carrier.send_text(ROSA, LINE, "Recordatorio: mañana a las 9.", callback)
    rosa.reads("Recordatorio: mañana a las 9.")
    assert clinic.state(TextState.DELIVERED)[:6] == ("text", sent, TextState.DELIVERED, "41", None, None)
    (found,) = clinic.carrier.find_texts(ROSA, LINE, before)
    assert (found.id, found.body) == (sent, "Recordatorio: mañana a las 9.")
    assert found.status.state is TextState.DELIVERED
    assert clinic.carrier.text_status(sent).state is TextState.DELIVERED

    rosa.texts(LINE, "hola 👋🏽")
    rosa.reads("¿Español?")
    rosa.reads("¿Español?")
    event = clinic.event(Kind.SAID)
    assert (event.text, event.number, event.line) == ("hola 👋🏽", ROSA, LINE)


def test_a_text_whose_answer_is_lost_is_found(clinic, rosa):
    set_lab(clinic, rest_lose_response=1.0)
    before = datetime.now(UTC)
    callback = f"{clinic.settings.public_url}/sms/status?outbox=42"
    with pytest.raises(OutcomeUnknown):
        clinic.carrier.send_text(ROSA, LINE, "Lost or not?", callback)
    set_lab(clinic, rest_lose_response=0.0)
    (found,) = clinic.carrier.find_texts(ROSA, LINE, before)
    assert found.body == "Lost or not?"
    assert clinic.state(TextState.SENT)[1] == found.id
    rosa.reads("Lost or not")


def test_what_the_company_refuses(clinic):
    behave(clinic, NOBODY, kind="invalid")
    callback = f"{clinic.settings.public_url}/sms/status?outbox=43"
    with pytest.raises(Refused) as caught:
        clinic.carrier.send_text(NOBODY, LINE, "hello", callback)
    assert caught.value.meaning is Meaning.INVALID_NUMBER
    stranger = TwilioCarrier(clinic.base, ACCOUNT, ("another's token",), timeout=10)
    with pytest.raises(Refused) as caught:
        stranger.send_text(ROSA, LINE, "hello", callback)
    assert caught.value.meaning is Meaning.AUTHENTICATION
    set_lab(clinic, rest_refuse_429=1.0)
    with pytest.raises(Unavailable):
        clinic.carrier.send_text(ROSA, LINE, "hello", callback)


def test_a_landline_takes_no_texts(clinic):
    behave(clinic, NOBODY, kind="landline")
    callback = f"{clinic.settings.public_url}/sms/status?outbox=44"
    sent = clinic.carrier.send_text(NOBODY, LINE, "hello", callback)
    noted = clinic.state(TextState.UNDELIVERED)
    assert noted[1:6] == (sent, TextState.UNDELIVERED, "44", None, 30006)
    assert clinic.carrier.text_status(sent).code == 30006


def behave(clinic: Any, number: str, **behaviour: Any) -> None:
    answer = requests.post(f"{clinic.base}/lab/numbers/{number}", json=behaviour, timeout=5)
    answer.raise_for_status()


def spoken(folder: Path) -> Path:
    """Two seconds as loud as speech, with a little silence around them."""
    tone = (np.sin(np.arange(16000) * 0.5) * 8000).astype(np.int16)
    quiet = np.zeros(4000, np.int16)
    file = folder / "message.wav"
    file.write_bytes(write_wav(np.concatenate([quiet, tone, quiet])))
    return file


def fetched(clinic: Clinic, recording: str) -> bytes:
    """The recording, once it is ready: asked for again as the worker does."""
    end = monotonic() + DEADLINE
    while monotonic() < end:
        try:
            return clinic.carrier.fetch_recording(recording)
        except NotYet:
            threading.Event().wait(0.02)
    raise AssertionError("the recording was never ready")
