"""A spoken message after the call: fetched by its id, kept encrypted, deleted at the carrier, put into words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from care import sounds
from care.deleting import delete_patient
from carriers import Gone, Meaning, NotYet, Refused, TooLarge, Unavailable
from records.alerts import Alert
from records.conversations import Conversation
from records.messages import Message
from records.outbox import OutboxRow
from records.patients import PatientNumber
from records.sealing import hashed
from records.tasks import Task
from tests.conversation.clinic_day import DESK, NUMBERS, Day
from tests.conversation.sounds import noise, spoken
from voice import recordings
from voice.recognition import Doubt, Transcript, transcribe

SOUND = spoken(seconds=2)
RECORDING = "RE0123456789abcdef0123456789abcdef"


def heard(
    text: str = "May I take aspirin?", doubtful: str | None = None
) -> Callable[[bytes, str], Transcript]:
    """A recogniser that understands this, whatever it is given."""

    def listen(wav: bytes, language: str) -> Transcript:
        assert wav[:4] == b"RIFF"
        return Transcript(text, language, 0.9, "test", 2.0, doubtful)

    return listen


@pytest.fixture
def left(day: Day) -> Day:
    """James has left a spoken message; the carrier has it."""
    day.company.recordings[RECORDING] = SOUND
    call = day.phone("james").call().keys("2")
    assert call.waits == "Record"
    call.record(RECORDING, 2).over()
    return day


def work(day: Day, listen: Callable[[bytes, str], Transcript] | None = None) -> None:
    """Everything that is due, and what that makes due."""
    while recordings.work_due(day.house, listen or heard()):
        pass


def files(day: Day) -> list[Path]:
    return sorted(day.house.settings.recordings_dir.iterdir())


def pieces(day: Day) -> dict[str, str]:
    return {row.channel: row.status for row in day.rows(OutboxRow, OutboxRow.kind == "recording")}


def again(day: Day, channel: str) -> None:
    """The worker died before it could say that this was done."""
    day.set(OutboxRow, OutboxRow.channel == channel, status="due", due_at=day.clock())


# As it goes


def test_nothing_is_fetched_in_a_web_request(left):
    assert pieces(left) == {"fetch": "due"}
    assert files(left) == []
    assert left.reasons(Task) == ["message"], "a person sees that there is one, whatever becomes of it"


def test_a_message_is_kept_encrypted_and_put_into_words_and_deleted_at_the_carrier(left):
    work(left)
    message = left.the(Message)
    assert (message.state, message.text, message.confidence) == ("ready", "May I take aspirin?", 0.9)
    assert message.erased_at_carrier
    assert left.company.deleted == [RECORDING]
    (file,) = files(left)
    assert SOUND[44:144] not in file.read_bytes()
    assert RECORDING not in file.name
    assert sounds.sound_of(left.house.settings.recordings_dir, message.id) == SOUND
    assert left.reasons(Task) == ["message"]
    assert pieces(left) == dict.fromkeys(("fetch", "transcribe", "delete"), "delivered")


def test_it_is_deleted_only_after_it_was_kept(left, caplog):
    shutil.rmtree(left.house.settings.recordings_dir)
    work(left)
    assert left.company.deleted == []
    assert pieces(left) == {"fetch": "due"}
    assert [record.message for record in caplog.records] == ["recording of outbox row 1: FileNotFoundError"]
    left.house.settings.recordings_dir.mkdir()
    left.clock.forward(seconds=61)
    work(left)
    assert left.company.deleted == [RECORDING]
    assert left.the(Message).state == "ready"


def test_the_deletion_is_tried_again(left):
    left.company.deleting_fails = [Unavailable("away")] * 3
    work(left)
    assert left.the(Message).state == "ready", "nobody waits for the deletion"
    for _ in range(3):
        assert not left.the(Message).erased_at_carrier
        left.clock.forward(minutes=2)
        work(left)
    assert left.company.deleted == [RECORDING]
    assert left.the(Message).erased_at_carrier


def test_a_deletion_that_never_succeeds_becomes_a_task(left):
    left.company.deleting_fails = [Refused(20003, Meaning.AUTHENTICATION)] * 20
    for _ in range(12):
        work(left)
        left.clock.forward(hours=13)
    assert left.reasons(Task) == ["message", "not_delivered"]
    assert left.company.deleted == []


# Each piece of work done twice


@pytest.mark.parametrize("step", ["fetch", "transcribe", "delete"])
def test_doing_a_step_twice_is_doing_it_once(left, step):
    listen = heard("I want to kill myself", Doubt.LOW_CONFIDENCE)
    work(left, listen)
    before = left.counts(), left.the(Message), len(files(left))
    again(left, step)
    work(left, listen)
    assert (left.counts(), left.the(Message), len(files(left))) == before
    assert set(pieces(left).values()) == {"delivered"}


def test_fetching_twice_when_it_was_deleted_already_loses_nothing(left):
    work(left)
    left.company.recordings[RECORDING] = Gone("deleted")
    again(left, "fetch")
    work(left)
    assert left.the(Message).state == "ready"
    assert left.reasons(Task) == ["message"]
    assert left.the(Message).listen is None


def test_two_workers_do_it_once(left):
    first, second = heard("one"), heard("two")
    recordings.work_due(left.house, first)
    recordings.work_due(left.house, second)
    assert recordings.work_due(left.house, second) == 0
    assert left.the(Message).text == "two"


# What can't be fetched


@pytest.mark.parametrize(
    "why", [Gone("the carrier has no such recording"), TooLarge("more than 30 MB")], ids=str
)
def test_what_can_not_be_fetched_becomes_a_task(left, why):
    left.company.recordings[RECORDING] = why
    work(left)
    assert left.the(Message).state == "unfetchable"
    assert left.reasons(Task) == ["message", "message_lost"]
    assert left.company.deleted == []


def test_what_is_not_ready_yet_is_fetched_when_it_is(left):
    left.company.recordings[RECORDING] = NotYet("still being made")
    work(left)
    assert (left.the(Message).state, pieces(left)) == ("recorded", {"fetch": "due"})
    left.company.recordings[RECORDING] = SOUND
    left.clock.forward(seconds=6)
    work(left)
    assert left.the(Message).state == "ready"
    assert left.reasons(Task) == ["message"]


def test_a_carrier_that_is_away_for_half_a_day_loses_no_message(left):
    left.company.recordings[RECORDING] = Unavailable("away")
    for _ in range(8):
        work(left)
        left.clock.forward(hours=4)
    left.company.recordings[RECORDING] = SOUND
    left.clock.forward(hours=13)
    work(left)
    assert left.the(Message).state == "ready"


def test_one_that_is_never_ready_becomes_a_task(left):
    left.company.recordings[RECORDING] = NotYet("still being made")
    for _ in range(12):
        work(left)
        left.clock.forward(hours=13)
    assert "not_delivered" in left.reasons(Task)


# What was heard


@pytest.mark.parametrize(
    "words", ["I want to kill myself", "Please help, I can't breathe and my chest hurts"]
)
def test_words_of_danger_in_a_message_raise_an_alert(left, words):
    work(left, heard(words))
    alert = left.the(Alert)
    assert (alert.reason, alert.level) == ("words_of_danger", "emergency")
    left.send("alerts")
    assert [call.to for call in left.company.calls] == [DESK]


@pytest.mark.parametrize("doubt", list(Doubt), ids=str)
def test_what_is_doubtful_is_for_a_person_to_hear(left, doubt):
    work(left, heard("", doubt))
    assert (left.the(Message).listen, left.the(Message).state) == (doubt.value, "ready")
    assert left.reasons(Task) == ["message", "listen_to_message"]
    assert left.the(Task, Task.reason == "listen_to_message").same_day


@pytest.mark.parametrize(
    ("sound", "doubt"),
    [
        (noise(seconds=3), Doubt.NOISE),
        (spoken(seconds=0), Doubt.TOO_SHORT),
        (noise(seconds=3, loud=0.0), Doubt.SILENCE),
        (b"RIFF and then nothing of use", Doubt.UNREADABLE),
    ],
    ids=["noise", "nothing", "silence", "no sound file"],
)
def test_what_holds_no_speech_is_for_a_person_to_hear(left, sound, doubt, tmp_path):
    """The real recogniser, which asks no model about these."""
    left.company.recordings[RECORDING] = sound
    work(left, lambda wav, language: transcribe(wav, language, models=tmp_path))
    assert left.the(Message).listen == doubt.value
    assert left.reasons(Task) == ["message", "listen_to_message"]


def test_ten_minutes_are_kept_whole(left):
    sound = spoken(seconds=600)
    assert len(sound) > 9_600_000
    left.company.recordings[RECORDING] = sound
    work(left)
    assert sounds.sound_of(left.house.settings.recordings_dir, left.the(Message).id) == sound


def test_a_recogniser_that_breaks_holds_up_no_other_message(left):
    other = "RE-other"
    left.company.recordings[other] = spoken(seconds=1)
    left.phone("rosa").call().keys("2").record(other, 1).over()
    mine, hers = left.rows(Message)

    def listen(wav: bytes, language: str) -> Transcript:
        if wav == SOUND:
            raise MemoryError
        return heard()(wav, language)

    work(left, listen)
    assert left.the(Message, Message.id == hers.id).state == "ready"
    for _ in range(12):
        left.clock.forward(hours=13)
        work(left, listen)
    assert "not_delivered" in left.reasons(Task), "a person hears it in the end"
    assert sounds.sound_of(left.house.settings.recordings_dir, mine.id) == SOUND


# On the call itself


@pytest.mark.parametrize(
    "fields", [{"RecordingDuration": "0"}, {"RecordingDuration": ""}, {}], ids=["0", "empty", "none"]
)
def test_a_recording_of_no_seconds_is_asked_for_again_and_then_a_person_calls(day, fields):
    call = day.phone("james").call().keys("2")
    call.ask(call.action, RecordingSid=RECORDING, **fields)
    assert (call.said[0], call.waits) == ("Sorry, I did not hear your message.", "Record")
    call.ask(call.action, RecordingSid="RE2", **fields)
    assert "a person will call you back" in " ".join(call.said)
    assert day.rows(Message) == []
    assert day.reasons(Task) == ["no_message_left"]


def test_a_recording_that_comes_when_its_talk_was_set_aside_is_kept_once(day):
    call = day.phone("james").call().keys("2")
    action = call.action
    call.over()
    day.set(Conversation, state="closed")
    for _ in range(3):
        call.ask(action, RecordingSid=RECORDING, RecordingDuration="5", Digits="hangup")
    assert [message.recording for message in day.rows(Message)] == [RECORDING]
    assert pieces(day) == {"fetch": "due"}


def test_a_recording_told_twice_is_one_message(day):
    call = day.phone("james").call().keys("2")
    action = call.action
    call.record(RECORDING, 5)
    call.ask(action, RecordingSid=RECORDING, RecordingDuration="5", Digits="hangup")
    call.over()
    call.ask(action, RecordingSid=RECORDING, RecordingDuration="5", Digits="hangup")
    day.clock.forward(minutes=5)
    call.ask(action, RecordingSid=RECORDING, RecordingDuration="5", Digits="hangup")
    assert len(day.rows(Message)) == len(pieces(day)) == 1


class WhileFetching(dict[str, bytes]):
    """Sounds at the carrier; something happens while one is on its way."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__({RECORDING: SOUND})
        self.happens = happens

    def __getitem__(self, recording: str) -> bytes:
        self.happens()
        return super().__getitem__(recording)


def _delete_james(day: Day) -> None:
    with day.house.database.writing() as connection:
        james = day.rows(PatientNumber, PatientNumber.number_hash == hashed(NUMBERS["james"]))[0].patient_id
        assert delete_patient(
            day.house.database, connection, clinic_id=1, patient_id=james,
            recordings=day.house.settings.recordings_dir, by="nurse", now=day.clock(),
        )  # fmt: skip


def test_the_sound_of_who_was_deleted_while_it_was_fetched_is_not_kept(left: Day) -> None:
    left.company.recordings = WhileFetching(lambda: _delete_james(left))
    work(left)
    assert left.rows(Message) == []
    assert files(left) == []
    assert left.company.deleted == [RECORDING], "nor at the carrier"


def test_the_words_of_who_was_deleted_while_they_were_listened_to_are_kept_nowhere(left: Day) -> None:
    def listen(wav: bytes, language: str) -> Transcript:
        _delete_james(left)
        return heard()(wav, language)

    work(left, listen)
    assert left.rows(Message) == []
    assert files(left) == []
