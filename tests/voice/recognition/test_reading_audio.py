"""Whatever a carrier or a person calls a WAV file becomes samples, or is called unreadable."""

import io
import os
import struct
import wave

import numpy as np
import pytest

from tests.voice.recognition.sounds import telephone, wav
from voice.recognition.audio import read_wav

TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000)).astype(np.float32)


def pcm(width: int, channels: int, rate: int, frames: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(frames)
    return file.getvalue()


def changed(original: bytes, place: int, value: bytes) -> bytes:
    return original[:place] + value + original[place + len(value) :]


EIGHT_BIT = pcm(1, 1, 8_000, (TONE * 127 + 128).astype(np.uint8).tobytes())
STEREO = pcm(2, 2, 8_000, (np.repeat(TONE, 2) * 32767).astype("<i2").tobytes())


@pytest.mark.parametrize(
    ("name", "file"),
    [("16 bit", wav(TONE)), ("8 bit", EIGHT_BIT), ("mu-law", telephone(TONE, 8_000)), ("stereo", STEREO)],
)
def test_the_same_tone_is_read_from_every_format(name: str, file: bytes) -> None:
    audio = read_wav(file, most_seconds=10)
    assert audio.readable, name
    assert (audio.rate, audio.seconds) == (8_000, 1.0)
    assert np.max(np.abs(audio.samples - TONE)) < 0.02


def test_any_rate_is_resampled_to_what_a_recogniser_takes() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)).astype(np.float32)
    audio = read_wav(wav(tone, 44_100), most_seconds=10)
    assert np.max(np.abs(audio.at(8_000)[100:-100] - TONE[100:-100])) < 0.01
    assert len(audio.pcm16(16_000)) == 2 * 16_000


def test_only_the_beginning_of_a_long_recording_is_kept_and_its_length_told() -> None:
    audio = read_wav(wav(np.tile(TONE, 5)), most_seconds=2)
    assert (len(audio.samples), audio.seconds, audio.cut) == (16_000, 5.0, True)
    assert not read_wav(wav(np.tile(TONE, 2)), most_seconds=2).cut


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", b"\0\0\0\0"])
def test_a_header_written_before_the_length_was_known_gives_all_there_is(size: bytes) -> None:
    assert read_wav(changed(wav(TONE), 40, size), most_seconds=10).seconds == 1.0


def test_a_file_that_breaks_off_gives_what_there_is() -> None:
    assert read_wav(wav(TONE)[:8_044], most_seconds=10).seconds == 0.5


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("nothing", b""),
        ("half a header", wav(TONE)[:30]),
        ("random bytes", os.urandom(20_000)),
        ("a web page", b"<html>not found</html>" * 100),
        ("an MP3", b"ID3\x03" + os.urandom(5_000)),
        ("no channel", changed(wav(TONE), 22, struct.pack("<H", 0))),
        ("65,535 channels", changed(wav(TONE), 22, struct.pack("<H", 65_535))),
        ("no rate", changed(wav(TONE), 24, struct.pack("<I", 0))),
        ("1 Hz", changed(wav(TONE), 24, struct.pack("<I", 1))),
        ("2 GHz", changed(wav(TONE), 24, struct.pack("<I", 1 << 31))),
        ("a compressed format in a WAV", telephone(TONE, 8_000, "adpcm_ms")),
        ("a wrong format in a WAV", changed(wav(TONE), 20, struct.pack("<H", 0x55))),
    ],
)
def test_what_is_no_sound_is_unreadable_and_no_error(name: str, file: bytes) -> None:
    audio = read_wav(file, most_seconds=10)
    assert (audio.readable, audio.seconds) == (False, 0.0), name


def test_a_header_without_sound_is_an_empty_recording() -> None:
    audio = read_wav(wav(np.zeros(0, np.float32)), most_seconds=10)
    assert (audio.readable, audio.seconds, len(audio.at(16_000))) == (True, 0.0, 0)
