"""The speaking process: what it can't speak it says, and its death or silence holds nobody up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from voice.prompts.speaker import Speaker, SpeakingError
from voice.prompts.store import as_wav

HANGS = (sys.executable, "-c", "import time; time.sleep(60)")
DIES = (sys.executable, "-c", "")


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    made = Speaker()
    yield made
    made.close()


@pytest.mark.parametrize("voice", ["roa/xx", "", "../../etc/passwd", "Haitian"])
def test_an_unknown_voice_is_a_clear_error_not_another_voice(speaker, voice):
    speaker.speak("bonjou,", "roa/ht")
    with pytest.raises(SpeakingError, match=f"espeak-ng has no voice '{voice}'"):
        speaker.speak("bonjou,", voice)
    assert speaker.speak("bonjou,", "roa/ht")


@pytest.mark.parametrize("words", ["", "   ", "...", "👍"])
def test_what_can_not_be_spoken_is_an_error(speaker, words):
    with pytest.raises(SpeakingError):
        speaker.speak(words, "roa/ht")
    assert speaker.speak("bonjou,", "roa/ht")


def test_words_are_spoken_whole_whatever_was_spoken_before(speaker):
    """espeak-ng does not give the same samples twice, but the same words take the same time."""
    first = len(speaker.speak("san ventuit,", "roa/ht"))
    for before in ("a,", "yon lòt bagay ki pi long,", "Se sa?"):
        speaker.speak(before, "roa/ht")
        assert len(speaker.speak("san ventuit,", "roa/ht")) == pytest.approx(first, rel=0.05)


def test_several_threads_get_each_its_own(speaker):
    numbers = ["de,", "katreven diznèf,", "yon lòt bagay ki pi long,"] * 5
    alone = [len(speaker.speak(words, "roa/ht")) for words in numbers[:3]]
    with ThreadPoolExecutor(8) as threads:
        spoken = list(threads.map(lambda words: len(speaker.speak(words, "roa/ht")), numbers))
    assert spoken == pytest.approx(alone * 5, rel=0.05)


def test_a_process_that_has_died_is_started_again():
    speaker = Speaker()
    first = speaker.speak("bonjou,", "roa/ht")
    (process,) = speaker._running  # no way in from outside
    process.kill()
    process.wait()
    assert len(speaker.speak("bonjou,", "roa/ht")) == pytest.approx(len(first), rel=0.05)
    speaker.close()


def test_a_process_that_hangs_is_ended():
    with pytest.raises(SpeakingError, match=r"within 0\.2 s"):
        Speaker(HANGS, deadline=0.2).speak("bonjou,", "roa/ht")


@pytest.mark.parametrize("command", [DIES, ("/no/such/program",)])
def test_a_process_that_does_not_come_up(command):
    with pytest.raises(SpeakingError, match=r"died twice|did not start"):
        Speaker(command).speak("bonjou,", "roa/ht")


def test_a_persons_recording_takes_the_same_form(speaker, tmp_path: Path):
    file = tmp_path / "recording.wav"
    file.write_bytes(as_wav(bytes(16000) + speaker.speak("bonjou,", "roa/ht") + bytes(16000)))
    taken = speaker.take_over(file)
    assert 0 < len(taken) < file.stat().st_size - 30000, "the silence around it is gone"
    file.write_bytes(b"RIFF, but no more")
    with pytest.raises(SpeakingError, match="no WAV"):
        speaker.take_over(file)
