"""What recognition answers with, and what a recogniser is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from voice.recognition.audio import Audio


class Doubt(StrEnum):
    """Why a person must listen. Where several hold, the one that comes first here is given."""

    UNREADABLE = "unreadable"  # not a WAV file of plain samples
    TOO_SHORT = "too short"
    SILENCE = "silence"
    NOISE = "noise"  # sound, but no voice in it
    NO_MODEL = "no model"  # for this language, or it could not be prepared
    NOTHING_UNDERSTOOD = "nothing understood"  # a voice, but no words
    TOO_LONG = "too long"  # only the beginning was transcribed
    CLIPPED = "clipped"  # the sound is distorted
    REPETITION = "repetition"  # the model went round in circles
    TOO_MUCH_TEXT = "more text than speech"  # words that can't all have been said
    TOO_LITTLE_TEXT = "less text than speech"  # words are missing
    NOT_AN_ANSWER = "not one of the answers"  # several answers, or other words
    LOW_CONFIDENCE = "low confidence"
    UNMEASURED = "language not measured"  # how well the model hears this language is unknown


@dataclass(frozen=True)
class Transcript:
    """What was understood of a recording. No rule may clear a patient on it alone."""

    text: str  # "" when nothing was understood
    language: str  # the BCP 47 tag asked for, such as "es"
    confidence: float  # 0 to 1; comparable only between transcripts of one recogniser
    recogniser: str  # "vosk:vosk-model-small-es-0.42", "faster-whisper:base"; "" when no model was asked
    seconds: float  # of audio, the whole recording
    doubtful: str | None  # a Doubt: why a person must listen; None: trustworthy


class Recogniser(Protocol):
    """Turns audio in which a voice was found into text."""

    @property
    def name(self) -> str:
        """As it stands in Transcript.recogniser."""
        ...

    def transcribe(self, audio: Audio, language: str) -> Transcript:
        """What is said in `audio`. Raises ModelUnavailable where the model can't be loaded."""
        ...


class ModelUnavailable(Exception):
    """A model is absent, damaged or could not be prepared; the message says what to do."""


def first_doubt(*doubts: Doubt | None) -> Doubt | None:
    """The weightiest of the doubts that hold, by their order in Doubt."""
    order = list(Doubt)
    return min((doubt for doubt in doubts if doubt is not None), key=order.index, default=None)
