"""Sounds that handsets fetch: spoken prompts, what `<Play>` names, what the other side of a bridge said."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from .audio import AudioError, wav_seconds

Speak = Callable[[str, str, str | None], Awaitable[Path]]  # text, language tag, voice; an 8 kHz WAV file
KEPT = 400  # sounds; a spoken prompt is a path, so this is little memory
DENSE = ("cmn", "zh", "yue", "ja", "ko", "th")  # scripts of which a second holds fewer characters


class Sounds:
    """Sounds by id, the oldest dropped."""

    def __init__(self) -> None:
        self._sounds: OrderedDict[str, Path | tuple[bytes, str]] = OrderedDict()

    def keep(self, sound: Path | bytes, content_type: str = "audio/wav") -> tuple[str, str]:
        """Keep one. Returns its id and the address that handsets fetch."""
        sid = uuid.uuid4().hex
        self._sounds[sid] = sound if isinstance(sound, Path) else (sound, content_type)
        while len(self._sounds) > KEPT:
            self._sounds.popitem(last=False)
        return sid, f"/handset/audio/{sid}.wav"

    def get(self, sid: str) -> tuple[bytes, str] | None:
        """The bytes and their content type; None if dropped."""
        sound = self._sounds.get(sid)
        if isinstance(sound, Path):
            return (sound.read_bytes(), "audio/wav") if sound.exists() else None
        return sound


def seconds_to_say(text: str, language: str) -> float:
    """How long a voice takes for a text, about: 14 characters a second, 5 where a character is a syllable."""
    return max(0.5, len(text) / (5.0 if language.lower().startswith(DENSE) else 14.0))


def seconds_of(data: bytes) -> float:
    """How long a sound plays. What is no WAV (an MP3) is taken as 64 kbit/s."""
    try:
        return wav_seconds(data)
    except AudioError:
        return len(data) / 8000
