"""Listening to a spoken message."""

from __future__ import annotations

import pytest

from care.sounds import sound_of, store
from conversation.house import House

from . import a_day
from .people import Clock, Nurse, Patient

SOUND = "/clinic/messages/1/sound"


@pytest.fixture(autouse=True)
def message(rosa: Patient, house: House, clock: Clock) -> None:
    rosa.text("hola")
    a_day.messages(house, clock)


def test_it_is_the_sound_that_was_stored(nurse: Nurse) -> None:
    response = nurse.open(SOUND)
    assert response.data == a_day.tone(2)
    assert response.mimetype == "audio/wav"
    assert response.headers["Content-Disposition"] == "inline; filename=message-1.wav"
    assert response.headers["Cache-Control"] == "no-store"


def test_players_ask_for_parts(nurse: Nurse) -> None:
    response = nurse.client.get(SOUND, headers={"Range": "bytes=100-199"})
    assert response.status_code == 206
    assert response.data == a_day.tone(2)[100:200]
    assert response.headers["Content-Range"] == f"bytes 100-199/{len(a_day.tone(2))}"


def test_only_for_those_who_are_signed_in(stranger: Nurse) -> None:
    assert stranger.open(SOUND).status_code == 401


def test_on_disk_it_is_sealed(house: House) -> None:
    kept = sorted(house.settings.recordings_dir.iterdir())
    assert kept
    assert all(b"RIFF" not in path.read_bytes() for path in kept)


def test_a_written_message_has_none_and_a_lost_one_is_missing(nurse: Nurse) -> None:
    assert nurse.open("/clinic/messages/3/sound").status_code == 404
    assert nurse.open("/clinic/messages/5/sound").status_code == 404


def test_a_sound_replaces_the_one_before(house: House) -> None:
    store(house.settings.recordings_dir, 1, b"again")
    assert sound_of(house.settings.recordings_dir, 1) == b"again"
    assert not [path for path in house.settings.recordings_dir.iterdir() if path.suffix != ".sealed"]
