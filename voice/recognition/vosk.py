"""Vosk: recordings in languages whose model is installed, and answers held to the grammar of a question."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voice.recognition.audio import Audio
from voice.recognition.catalogue import catalogue
from voice.recognition.one_per_process import one_per_process
from voice.recognition.transcript import Doubt, ModelUnavailable, Transcript, first_doubt
from voice.recognition.vosk_models import InstalledVosk

_RATE = 8_000  # Hz: the telephone's; the models resample by themselves, and better than a guess before them
_PIECE = _RATE  # bytes: half a second, so that Vosk can close an utterance at a pause
_UNKNOWN = ("[unk]", "<unk>")


@dataclass(frozen=True)
class _Word:
    text: str
    confidence: float  # 0 to 1


class VoskRecogniser:
    """One installed Vosk model. Cheap to make: the model is loaded at its first use and shared."""

    def __init__(self, model: InstalledVosk) -> None:
        self._model = model
        self.name = f"vosk:{model.name}"

    def transcribe(self, audio: Audio, language: str) -> Transcript:
        """What is said, freely. Confidence is the mean of the words'. Raises ModelUnavailable."""
        limits = catalogue().limits
        words = [word for word in self._words(audio, self._loaded()) if word.text not in _UNKNOWN]
        confidence, worst = _mean(words), _least(words)
        low = confidence < limits.vosk_confidence or worst < limits.vosk_worst_word
        doubt = (Doubt.LOW_CONFIDENCE if low else None) if words else Doubt.NOTHING_UNDERSTOOD
        return self._transcript(words, audio, language, confidence, doubt)

    def hear(
        self, audio: Audio, language: str, phrases: Sequence[str], *, several: bool = False
    ) -> Transcript:
        """Which of `phrases` is said, possibly more than once; with `several`, any sequence of them.

        Confidence is the least of the words'. Stray speech is forced into the grammar, often with full
        confidence, and shows as a mixture of answers: that is NOT_AN_ANSWER, its text kept. A single stray
        word can pass for an answer, so read answers back. Phrases with words that the model doesn't know
        can't be heard and are left out. Raises ModelUnavailable.
        """
        model = self._loaded()
        known = [phrase for phrase in map(_plain, phrases) if _knows(model, phrase)]
        if not known:
            return self._transcript([], audio, language, 0.0, Doubt.NOTHING_UNDERSTOOD)
        grammar = known + [word for word in _UNKNOWN if model.vosk_model_find_word(word) >= 0]
        heard = self._words(audio, model, grammar)
        words = [word for word in heard if word.text not in _UNKNOWN]
        strayed = len(words) < len(heard) or not (several or _is_one_of(words, known))
        low = _least(words) < catalogue().limits.answer_worst_word
        doubt = first_doubt(
            Doubt.NOT_AN_ANSWER if strayed else None,
            Doubt.LOW_CONFIDENCE if low else None,
            None if words else Doubt.NOTHING_UNDERSTOOD,
        )
        return self._transcript(words, audio, language, _least(words), doubt)

    def _loaded(self) -> Any:
        return one_per_process(self._model.path, lambda _: _load(self._model))

    def _words(self, audio: Audio, model: Any, grammar: list[str] | None = None) -> list[_Word]:
        from vosk import KaldiRecognizer

        # Vosk takes `\u` escapes for letters and then recognises nothing: so ensure_ascii=False.
        held = [json.dumps(grammar, ensure_ascii=False)] if grammar else []
        recogniser = KaldiRecognizer(model, _RATE, *held)
        recogniser.SetWords(True)
        pcm, results = audio.pcm16(_RATE), []
        for start in range(0, len(pcm), _PIECE):
            if recogniser.AcceptWaveform(pcm[start : start + _PIECE]):
                results.append(recogniser.Result())
        results.append(recogniser.FinalResult())
        words = [word for result in results for word in json.loads(result).get("result", [])]
        return [_Word(word["word"], min(1.0, word["conf"])) for word in words]

    def _transcript(
        self, words: list[_Word], audio: Audio, language: str, confidence: float, doubt: Doubt | None
    ) -> Transcript:
        text = " ".join(word.text for word in words)
        return Transcript(text, language, round(confidence, 3), self.name, audio.seconds, doubt)


def _load(model: InstalledVosk) -> Any:
    import vosk

    vosk.SetLogLevel(-1)
    try:
        # By path only: asked by language, the library downloads in silence and may end the process.
        return vosk.Model(str(model.path))
    except Exception as error:  # the library raises nothing more precise
        raise ModelUnavailable(
            f"{model.path} is not a whole Vosk model: delete it and fetch it again"
        ) from error


def _plain(phrase: str) -> str:
    return " ".join(unicodedata.normalize("NFC", phrase).lower().split())


def _knows(model: Any, phrase: str) -> bool:
    return bool(phrase) and all(model.vosk_model_find_word(word) >= 0 for word in phrase.split())


def _is_one_of(words: list[_Word], phrases: list[str]) -> bool:
    said = [word.text for word in words]
    return any(
        said == phrase.split() * (len(said) // len(phrase.split()))
        for phrase in phrases
        if len(said) >= len(phrase.split())
    )


def _mean(words: list[_Word]) -> float:
    return sum(word.confidence for word in words) / len(words) if words else 0.0


def _least(words: list[_Word]) -> float:
    return min((word.confidence for word in words), default=0.0)
