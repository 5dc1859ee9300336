"""Prompts spoken on the phone, by the real espeak-ng."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy
import pytest

from phonelab import speaking
from phonelab.speaker_line import COMMAND, SpeakerLine, SpeakingError
from phonelab.speaking import CACHE_BYTES, Speaker
from phonelab.voices import VOICES, voice_for

GREETINGS = {
    "en": "Press 1, please.",
    "es": "Oprima 1, por favor.",
    "pt": "Aperte 1, por favor.",
    "fr": "Appuyez sur 1.",
    "ht": "Peze 1, tanpri.",
    "zh": "请按1。",
    "yue": "請按1。",
    "vi": "Xin nhấn 1.",
    "ar": "اضغط 1 من فضلك.",
    "ru": "Нажмите 1.",
    "ko": "1번을 누르세요.",
    "hi": "1 दबाएं।",
    "am": "1 ይጫኑ።",
}


def with_speaker(
    folder: Path,
    told: Callable[[Speaker], Awaitable[None]],
    *,
    command: tuple[str, ...] = COMMAND,
    deadline: float = 20.0,
    cache_bytes: int = CACHE_BYTES,
) -> None:
    """Run `told` with a speaker that is closed afterwards."""

    async def run() -> None:
        line = SpeakerLine(deadline=deadline, command=command)
        speaker = Speaker(folder, line=line, cache_bytes=cache_bytes)
        try:
            await told(speaker)
        finally:
            await speaker.close()

    asyncio.run(run())


def heard(path: Path) -> tuple[float, int]:
    """Seconds of speech and its loudest sample, from a WAV that a phone can play."""
    with wave.open(str(path), "rb") as wav:
        assert (wav.getframerate(), wav.getsampwidth(), wav.getnchannels()) == (8000, 2, 1)
        samples = numpy.frombuffer(wav.readframes(wav.getnframes()), dtype=numpy.int16)
    return len(samples) / 8000, int(numpy.abs(samples.astype(int)).max())


def test_every_language_of_the_table_is_spoken(tmp_path: Path) -> None:
    assert {voice_for(language) for language in GREETINGS} == set(VOICES.values())

    async def told(speaker: Speaker) -> None:
        for language, text in GREETINGS.items():
            seconds, loudest = heard(await speaker.speak(text, language))
            assert 0.4 < seconds < 4, language
            assert loudest > 3000, language

    with_speaker(tmp_path, told)


def test_a_number_is_spoken_in_the_language_of_the_prompt(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        files = [await speaker.speak("11", language) for language in ("en-US", "es-MX", "fr", "ru")]
        assert len({file.read_bytes() for file in files}) == 4

    with_speaker(tmp_path, told)


def test_punctuation_makes_a_pause(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        run_together, _ = heard(await speaker.speak("Press 1 then wait", "en"))
        apart, _ = heard(await speaker.speak("Press 1. Then, wait.", "en"))
        assert apart > run_together + 0.2

    with_speaker(tmp_path, told)


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("es-MX", "roa/es-419"),
        ("ES_us", "roa/es-419"),
        ("zh-TW", "sit/cmn"),
        ("cmn-CN", "sit/cmn"),
        ("zh-HK", "sit/yue"),
        ("pt-BR", "roa/pt-br"),
    ],
)
def test_a_tag_finds_the_voice_of_its_language(language: str, voice: str) -> None:
    assert voice_for(language) == voice
    assert voice_for(language, "Polly.Lupe") == voice


def test_a_language_without_a_voice_is_spoken_in_english_and_said_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert voice_for("km-KH") == "gmw/en-us"
    assert "km-KH" in caplog.text


def test_the_first_prompt_is_whole_however_long(tmp_path: Path) -> None:
    """pyttsx3's first run returns after 10 ms, spoken or not."""
    sentence = "Your appointment is on Monday at ten. "

    async def told(speaker: Speaker) -> None:
        hundred, _ = heard(await speaker.speak(sentence * 100, "en"))
        once, _ = heard(await speaker.speak(sentence, "en"))
        assert hundred > 60 * once

    with_speaker(tmp_path, told)


def test_prompts_one_after_another_from_a_fresh_process_are_never_cut_short(tmp_path: Path) -> None:
    """pyttsx3 leaves a cancellation from its first run to a later one, which then ends early in silence."""

    async def told(speaker: Speaker) -> None:
        lengths = [
            heard(await speaker.speak(f"Para español, oprima {digit}.", "es"))[0] for digit in range(5)
        ]
        assert min(lengths) > 2.0

    for fresh in range(4):
        with_speaker(tmp_path / str(fresh), told)


def test_the_same_prompt_is_spoken_once_and_kept(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        files = await asyncio.gather(*(speaker.speak("Thank you.", "en") for _ in range(20)))
        assert len(set(files)) == 1
        made = files[0].stat().st_ino
        assert (await speaker.speak("Thank  you.\n", "en")).stat().st_ino == made
        assert [file.name for file in tmp_path.iterdir()] == [files[0].name]

    with_speaker(tmp_path, told)


def test_one_caller_who_hangs_up_does_not_silence_another(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        impatient = asyncio.create_task(speaker.speak("Please hold.", "en"))
        patient = asyncio.create_task(speaker.speak("Please hold.", "en"))
        await asyncio.sleep(0)  # both have asked
        impatient.cancel()
        assert heard(await patient)[0] > 0.4

    with_speaker(tmp_path, told)


def test_the_folder_stays_within_bounds_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        first = await speaker.speak("one", "en")
        second = await speaker.speak("two", "en")
        os.utime(first, (1, 1))
        os.utime(second, (2, 2))
        await speaker.speak("one", "en")
        third = await speaker.speak("six", "en")
        assert {*tmp_path.iterdir()} == {first, third}

    with_speaker(tmp_path, told, cache_bytes=28_000)


@pytest.mark.parametrize("text", ["", "  \n", "\x07\x00"])
def test_nothing_to_say_is_an_error(tmp_path: Path, text: str) -> None:
    async def told(speaker: Speaker) -> None:
        with pytest.raises(SpeakingError, match="empty"):
            await speaker.speak(text, "en")

    with_speaker(tmp_path, told)


def test_a_voice_that_espeak_lacks_is_an_error_not_another_voice(tmp_path: Path) -> None:
    async def told() -> None:
        line = SpeakerLine(deadline=20)
        try:
            with pytest.raises(SpeakingError, match="no voice 'xx/none'"):
                await line.speak("hello", "xx/none", tmp_path / "hello")
        finally:
            await line.close()

    asyncio.run(told())


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")

    async def told(speaker: Speaker) -> None:
        with pytest.raises(SpeakingError, match="could not be stored"):
            await speaker.speak("hello", "en")

    with_speaker(tmp_path / "taken", told)


NOTES_ITS_PID = (
    "import os, runpy, sys; print(os.getpid(), file=open(sys.argv[1], 'a'));"
    "runpy.run_module('phonelab.speaker_process', run_name='__main__')"
)


def test_a_process_that_was_killed_is_started_again(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    async def told(speaker: Speaker) -> None:
        await speaker.speak("before", "en")
        os.kill(int(pids.read_text()), signal.SIGKILL)
        assert heard(await speaker.speak("after", "en"))[0] > 0.2
        assert len(pids.read_text().split()) == 2

    with_speaker(tmp_path / "kept", told, command=(sys.executable, "-c", NOTES_ITS_PID, str(pids)))


def test_a_process_that_dies_on_the_prompt_is_an_error(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        with pytest.raises(SpeakingError, match="died twice"):
            await speaker.speak("hello", "en")

    with_speaker(tmp_path, told, command=(sys.executable, "-c", "input()"))


HANGS_ONCE = (
    "import os, runpy, sys, time\n"
    "if not os.path.exists(sys.argv[1]):\n"
    "    open(sys.argv[1], 'w').close(); time.sleep(600)\n"
    "runpy.run_module('phonelab.speaker_process', run_name='__main__')"
)


def test_a_process_that_hangs_is_an_error_and_the_next_prompt_is_spoken(tmp_path: Path) -> None:
    async def told(speaker: Speaker) -> None:
        with pytest.raises(SpeakingError, match="not spoken within 3 s"):
            await speaker.speak("hello", "en")
        assert heard(await speaker.speak("hello", "en"))[0] > 0.2

    command = (sys.executable, "-c", HANGS_ONCE, str(tmp_path / "hung"))
    with_speaker(tmp_path / "kept", told, command=command, deadline=3.0)


def test_the_module_speaks_into_the_configured_folder_in_any_event_loop(tmp_path: Path) -> None:
    async def told(text: str) -> Path:
        path = await speaking.speak(text, "en")
        await speaking.close()
        return path

    speaking.configure(tmp_path / "prompts")
    for text in ("first loop", "second loop"):
        assert asyncio.run(told(text)).parent == tmp_path / "prompts"
