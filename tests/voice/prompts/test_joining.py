"""Parts spoken by the real voice and joined: one loudness, no clicks, as a telephone plays it."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import numpy as np
import pytest

from languages import load
from languages.spoken_parts import Cutter
from voice.prompts.finishing import HERTZ, LOUDNESS, finished
from voice.prompts.speaker import Speaker
from voice.prompts.store import as_wav, joined

READ_BACK = "Mwen konprann 128 sou 82. Se sa?"
PHONE = "Mwen gen 6 1 7, 5 5 5, 0 1 0 4. Eske se sa?"


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    made = Speaker()
    yield made
    made.close()


def spoken(speaker: Speaker, sentence: str):
    """The parts of a sentence and their samples."""
    parts = Cutter(load(), "ht").cut(sentence)
    return parts, [speaker.speak(part.words, "roa/ht") for part in parts]


def samples_of(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(int)


@pytest.mark.parametrize("sentence", [READ_BACK, PHONE])
def test_no_step_at_a_joint_is_greater_than_a_usual_one_inside_the_parts(speaker, sentence):
    parts, sounds = spoken(speaker, sentence)
    usual = np.median([np.abs(np.diff(samples_of(sound))).mean() for sound in sounds])
    whole = samples_of(joined(parts, sounds))
    place, joints = 0, []
    for part, sound in zip(parts, sounds, strict=True):
        joints += [place, place + len(sound) // 2]
        place += len(sound) // 2 + round(part.pause * HERTZ)
    assert len(whole) == place
    steps = np.abs(np.diff(np.concatenate([[0], whole, [0]])))
    assert max(steps[joint] for joint in joints) <= usual
    assert max(steps[max(0, joint - 8) : joint + 8].max() for joint in joints) <= usual


def test_the_parts_are_equally_loud_and_none_is_too_loud(speaker):
    _, sounds = spoken(speaker, PHONE)
    for sound in map(samples_of, sounds):
        voiced = sound[np.abs(sound) > 0.02 * np.abs(sound).max()] / 32767
        assert LOUDNESS * 0.7 < np.sqrt(np.mean(voiced**2)) < LOUDNESS * 1.1
        assert np.abs(sound).max() < 32767


def test_no_part_keeps_silence_around_it(speaker):
    sound = samples_of(speaker.speak("san ventuit,", "roa/ht")) / np.float32(32768)
    silent = np.zeros(HERTZ)
    quiet = finished(np.concatenate([silent, sound, silent]).astype(np.float32))
    assert abs(len(quiet) - len(sound)) < 0.05 * HERTZ


def test_a_sentence_is_8_khz_audio_of_one_channel(speaker):
    with wave.open(io.BytesIO(as_wav(joined(*spoken(speaker, READ_BACK))))) as heard:
        assert (heard.getframerate(), heard.getnchannels(), heard.getsampwidth()) == (8000, 1, 2)
        assert 2.5 < heard.getnframes() / 8000 < 6


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(8000), np.full(8000, 1e-5)])
def test_what_can_not_be_heard_is_no_part(samples):
    with pytest.raises(ValueError, match="nothing"):
        finished(samples.astype(np.float32))


def test_a_hard_beginning_and_end_is_made_soft():
    tone = np.sin(np.arange(4000) * 0.5).astype(np.float32)
    soft = finished(tone)
    assert (soft[0], soft[-1]) == (0, 0)
    assert np.abs(np.diff(soft.astype(int)))[[0, 1, -2, -1]].max() < 200
