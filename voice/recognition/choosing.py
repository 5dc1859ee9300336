"""From WAV bytes to a transcript: is there a voice, who recognises it, can the result be trusted."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from voice.recognition import whisper_model
from voice.recognition.audio import Audio, read_wav
from voice.recognition.catalogue import catalogue
from voice.recognition.presence import Presence, measure, why_not_to_ask
from voice.recognition.transcript import Doubt, ModelUnavailable, Recogniser, Transcript, first_doubt
from voice.recognition.vosk import VoskRecogniser
from voice.recognition.vosk_models import installed, installed_for_answers
from voice.recognition.whisper import WhisperRecogniser

log = logging.getLogger(__name__)


def recogniser_for(language: str, models: Path, *, cpu_threads: int | None = None) -> Recogniser | None:
    """Who takes recordings in a language: Vosk if its model is installed, else faster-whisper, else None."""
    vosk = installed(language, models)
    if vosk is not None:
        return VoskRecogniser(vosk)
    if whisper_model.at_hand(models):
        return WhisperRecogniser(models, cpu_threads=cpu_threads)
    return None


def transcribe(wav: bytes, language: str, *, models: Path, cpu_threads: int | None = None) -> Transcript:
    """What is said in a recording, in the language with this BCP 47 tag.

    Never raises on bad audio or for want of a model: the transcript is then empty and says why in
    `doubtful`. Of a recording over the limit in models.toml the beginning is transcribed, and doubted.
    Takes 0.1 to 0.4 of the recording's length: not for a web request.
    """
    audio = read_wav(wav, most_seconds=catalogue().limits.longest_recording_seconds)

    def ask() -> Transcript:
        recogniser = recogniser_for(language, models, cpu_threads=cpu_threads)
        return (
            recogniser.transcribe(audio, language)
            if recogniser
            else _nothing(audio, language, Doubt.NO_MODEL)
        )

    return _asked(ask, audio, language)


def hear(
    wav: bytes, language: str, phrases: Sequence[str], *, models: Path, several: bool = False
) -> Transcript:
    """Which of a question's answers is said: Vosk held to a grammar of `phrases`.

    With `several`, any sequence of them (such as digits). Takes 15 ms a second of audio once the model is
    loaded. Never raises on bad audio or for want of a model.
    """
    audio = read_wav(wav, most_seconds=catalogue().limits.longest_answer_seconds)

    def ask() -> Transcript:
        vosk = installed_for_answers(language, models)
        if vosk is None:
            return _nothing(audio, language, Doubt.NO_MODEL)
        return VoskRecogniser(vosk).hear(audio, language, phrases, several=several)

    return _asked(ask, audio, language)


def _asked(ask: Callable[[], Transcript], audio: Audio, language: str) -> Transcript:
    limits = catalogue().limits
    presence = measure(audio, limits)
    doubt = why_not_to_ask(audio, presence, limits)
    if doubt is not None:
        return _nothing(audio, language, doubt)
    try:
        return _with_doubts_of_the_audio(ask(), audio, presence)
    except ModelUnavailable as error:
        log.error("no speech model for %s: %s", language, error)
        return _nothing(audio, language, Doubt.NO_MODEL)


def _with_doubts_of_the_audio(transcript: Transcript, audio: Audio, presence: Presence) -> Transcript:
    doubt = first_doubt(
        Doubt.TOO_LONG if audio.cut else None,
        Doubt.CLIPPED if presence.clipped > catalogue().limits.most_clipped else None,
        Doubt(transcript.doubtful) if transcript.doubtful else None,
    )
    return replace(transcript, doubtful=doubt)


def _nothing(audio: Audio, language: str, doubt: Doubt) -> Transcript:
    return Transcript("", language, 0.0, "", audio.seconds, doubt)
