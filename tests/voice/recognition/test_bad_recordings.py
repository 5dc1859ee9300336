"""A recording without speech never reaches a model, which would invent words: a person is told why."""

import time
from pathlib import Path

import numpy as np
import pytest

from tests.voice.recognition.sounds import hum, keys_pressed, sentence, silence, telephone, wav, white_noise
from voice.recognition import hear, transcribe

RANDOM_SAMPLES = np.random.default_rng(3).uniform(-1, 1, 24_000).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "recording", "reason"),
    [
        ("a caller who says nothing", telephone(silence(5), 8_000), "silence"),
        ("a hiss on the line", telephone(white_noise(5, 0.002), 8_000), "silence"),
        ("a quiet line with an offset", wav(silence(5) + np.float32(0.3)), "silence"),
        ("white noise", telephone(white_noise(5), 8_000), "noise"),
        ("very loud noise", telephone(white_noise(5, 0.5), 8_000), "noise"),
        ("hum", telephone(hum(5), 8_000), "noise"),
        ("a dial tone", telephone(hum(5, 440), 8_000), "noise"),
        ("keys pressed", telephone(keys_pressed(5), 8_000), "noise"),
        ("random bytes under a good header", wav(RANDOM_SAMPLES), "noise"),
        ("a recording of no seconds", wav(silence(0)), "too short"),
        ("one sample", wav(silence(1 / 8_000)), "too short"),
        ("a click", wav(white_noise(0.05)), "too short"),
        ("half a header", wav(silence(1))[:20], "unreadable"),
        ("random bytes", RANDOM_SAMPLES.tobytes(), "unreadable"),
        ("nothing", b"", "unreadable"),
    ],
)
def test_is_doubted_for_its_reason_before_any_model_is_asked(
    name: str, recording: bytes, reason: str, tmp_path: Path
) -> None:
    for transcript in (
        transcribe(recording, "en", models=tmp_path),
        hear(recording, "ko", ["네", "아니요"], models=tmp_path),
    ):
        assert (transcript.text, transcript.confidence, transcript.doubtful) == ("", 0.0, reason), name
        assert transcript.recogniser == ""
    assert not list(tmp_path.iterdir())  # the model was not even prepared


def test_ten_minutes_of_silence_or_noise_are_known_for_it_in_seconds(tmp_path: Path) -> None:
    for recording, reason in ((silence(600), "silence"), (white_noise(600), "noise")):
        start = time.process_time()
        transcript = transcribe(wav(recording), "es", models=tmp_path)
        assert (transcript.doubtful, transcript.seconds) == (reason, 600.0)
        assert time.process_time() - start < 15  # 0.1 s and 2 s on the machine of 2026-11


def test_speech_is_not_taken_for_noise_however_quiet_or_noisy(tmp_path: Path) -> None:
    samples, rate, _ = sentence("en")
    noise = np.random.default_rng(5).standard_normal(len(samples)).astype(np.float32) * samples.std() * 0.3
    for changed in (samples, samples * 0.02, samples * 10, samples + noise):
        # Haitian Creole has no model: its answer says that the audio itself passed.
        transcript = hear(telephone(changed, rate), "ht", ["wi", "non"], models=tmp_path)
        assert transcript.doubtful == "no model"
