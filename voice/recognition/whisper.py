"""faster-whisper: recordings in languages that have no Vosk model installed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice.recognition.audio import Audio
from voice.recognition.catalogue import catalogue
from voice.recognition.invention import why_doubt_the_words
from voice.recognition.one_per_process import one_per_process
from voice.recognition.presence import measure
from voice.recognition.transcript import Doubt, ModelUnavailable, Transcript, first_doubt
from voice.recognition.whisper_model import prepare

_RATE = 16_000  # Hz, what the model was trained at


@dataclass(frozen=True)
class _Sureness:
    mean: float  # 0 to 1, weighed by the length of the segments
    worst: float  # of one segment
    compression: float  # the highest of one segment


class WhisperRecogniser:
    """The whisper model under `models`. Cheap to make: the model is prepared and loaded at its first use.

    cpu_threads: how many cores one transcription takes; None: as models.toml says. The first recogniser of
    a process that is used decides for all of them, since they share the model.
    """

    def __init__(self, models: Path, *, cpu_threads: int | None = None) -> None:
        entry = catalogue().whisper
        self.name = f"faster-whisper:{entry.name}"
        self._models = models
        self._cpu_threads = entry.cpu_threads if cpu_threads is None else cpu_threads

    def transcribe(self, audio: Audio, language: str) -> Transcript:
        """What is said. The language is pinned: detection fails on short answers. Raises ModelUnavailable."""
        model = one_per_process(prepare(self._models), self._load)
        key = catalogue().key(language)
        if not _speaks(model, key):
            return Transcript("", language, 0.0, self.name, audio.seconds, Doubt.NO_MODEL)
        segments = _segments(model, audio, key)
        text = " ".join(segment.text.strip() for segment in segments).strip()
        sure = _sureness(segments)
        doubt = _doubt(text, sure, audio, key)
        return Transcript(text, language, round(sure.mean, 3), self.name, audio.seconds, doubt)

    def _load(self, path: Path) -> Any:
        from faster_whisper import WhisperModel

        try:
            return WhisperModel(
                str(path),
                device="cpu",
                compute_type=catalogue().whisper.compute,
                cpu_threads=self._cpu_threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelUnavailable(f"{path} can't be loaded: {error}") from error


def _speaks(model: Any, key: str) -> bool:
    # The library lists Cantonese for every model; only the tokens of this one tell.
    return model.hf_tokenizer.token_to_id(f"<|{key}|>") is not None


def _segments(model: Any, audio: Audio, key: str) -> list[Any]:
    found, _ = model.transcribe(
        audio.at(_RATE),
        language=key,
        beam_size=catalogue().whisper.beam,
        # One try. The library's further tries at higher temperatures are slow (up to twice the length of
        # the audio), differ from run to run, and make fluent nonsense of what should be doubted.
        temperature=0.0,
        # What went before pulls the model into loops.
        condition_on_previous_text=False,
        vad_filter=True,
        vad_parameters={"threshold": catalogue().limits.voice_probability},
    )
    return list(found)


def _sureness(segments: Sequence[Any]) -> _Sureness:
    if not segments:
        return _Sureness(0.0, 0.0, 0.0)
    sure = [math.exp(min(0.0, part.avg_logprob)) * (1 - part.no_speech_prob) for part in segments]
    lengths = [max(0.1, part.end - part.start) for part in segments]
    mean = sum(one * length for one, length in zip(sure, lengths, strict=True)) / sum(lengths)
    return _Sureness(mean, min(sure), max(part.compression_ratio for part in segments))


def _doubt(text: str, sure: _Sureness, audio: Audio, key: str) -> Doubt | None:
    limits, measured = catalogue().limits, catalogue().whisper.measured
    if not text:
        return Doubt.NOTHING_UNDERSTOOD
    low = sure.mean < limits.whisper_confidence or sure.worst < limits.whisper_worst_segment
    return first_doubt(
        why_doubt_the_words(text, measure(audio, limits).voice_seconds, sure.compression, limits),
        Doubt.LOW_CONFIDENCE if low else None,
        None if key in measured else Doubt.UNMEASURED,
    )
