"""Prompts as sound: each part found in its folder or made, a sentence joined of them for a call.

What is always the same, and the usual values, are kept as files in `CARELINE_HOME/prompts`; they are no one's. Any
other value may be a patient's: it is kept in memory alone. A person's recording of a part, placed in
`CARELINE_HOME/recorded_prompts/<language>`, wins over the synthetic voice.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import threading
import time
import wave
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from languages import Language, Languages
from languages.spoken_parts import Cutter, Part
from secret_keys import make_private
from voice.prompts.speaker import Speaker, SpeakingError

HERTZ, BYTES = 8_000, 2
SPEAKER = "1"
"""To be raised when the same words come to sound otherwise: pace, loudness, how ends are cut."""
MOST_IN_MEMORY = 500
"""Parts, of about 12 kB each."""
PATIENCE = 5.0
"""Seconds that a call may wait for a sentence of which something must still be made."""


class Prompts:
    """The prompts of one installation, for the threads of one process."""

    def __init__(self, home: Path, languages: Languages, speaker: Speaker | None = None) -> None:
        self.languages = languages
        self.folder = home / "prompts"
        self.recorded = home / "recorded_prompts"
        self.speaker = speaker or Speaker()
        self._cutters: dict[str, Cutter] = {}
        self._ahead: dict[str, frozenset[str]] = {}
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._under_way: dict[str, Future[bytes]] = {}
        self._lock = threading.Lock()
        self._maker: ThreadPoolExecutor | None = None

    def tags(self) -> list[str]:
        """The languages whose prompts are made here."""
        return [tag for tag, language in self.languages.items() if language.is_prepared]

    def cutter(self, tag: str) -> Cutter:
        if tag not in self._cutters:
            self._cutters[tag] = Cutter(self.languages, tag)
        return self._cutters[tag]

    def begin(self, text: str, tag: str) -> None:
        """Have what is missing of a sentence made, and don't wait: a call will ask for it in a moment."""
        language = self.languages[tag]
        for part in self.cutter(tag).cut(text):
            there = (self.folder / name_of(part.words, language)).exists()
            if not there or self._recording_of(part.words, tag).exists():
                self._found_or_asked_for(part.words, language)

    def sound(self, text: str, tag: str) -> bytes:
        """A sentence as a WAV: 8 kHz, one channel, 16 bits. Raises SpeakingError where it can't be had in time."""
        until = time.monotonic() + PATIENCE
        parts = self.cutter(tag).cut(text)
        found = [self._found_or_asked_for(part.words, self.languages[tag]) for part in parts]
        try:
            ready = [
                one if isinstance(one, bytes) else one.result(max(0.0, until - time.monotonic()))
                for one in found
            ]
        except TooLate:
            raise SpeakingError("a part of the sentence was not made in time") from None
        return as_wav(joined(parts, ready))

    def make(self, words: str, tag: str) -> bytes:
        """One part spoken now and kept: as a file where it is the same for everybody. Raises SpeakingError."""
        language = self.languages[tag]
        assert language.local_voice
        pcm = self.speaker.speak(words, language.local_voice)
        if tag not in self._ahead:
            self._ahead[tag] = frozenset(part.words for part in self.cutter(tag).ahead())
        if words in self._ahead[tag]:
            with suppress(OSError):  # a full disk costs time on the next call, not this one
                self.keep(pcm, words, language)
                return pcm
        return self._remember(name_of(words, language), pcm)

    def keep(self, pcm: bytes, words: str, language: Language) -> None:
        """Put a part that is nobody's into the folder: whole or not at all. Raises OSError."""
        make_private(self.folder)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
            file.write(as_wav(pcm))
        Path(file.name).replace(self.folder / name_of(words, language))

    def close(self) -> None:
        """End the speaking process and what is under way."""
        if self._maker is not None:
            self._maker.shutdown(cancel_futures=True)
        self.speaker.close()

    def _found_or_asked_for(self, words: str, language: Language) -> bytes | Future[bytes]:
        person = self._recording_of(words, language.tag)
        with suppress(OSError):
            return self._persons(person, f"{person}@{person.stat().st_mtime_ns}")
        name = name_of(words, language)
        pcm = _pcm_of(self.folder / name)
        return pcm if pcm is not None else self._remembered_or_asked_for(name, words, language)

    def _recording_of(self, words: str, tag: str) -> Path:
        return self.recorded / tag / f"{id_of(words)}.wav"

    def _persons(self, path: Path, key: str) -> bytes | Future[bytes]:
        with self._lock:
            if key in self._memory:
                return self._memory[key]
            return self._under_way.get(key) or self._ask(
                key, lambda: self._remember(key, self.speaker.take_over(path))
            )

    def _remembered_or_asked_for(self, name: str, words: str, language: Language) -> bytes | Future[bytes]:
        with self._lock:
            if name in self._memory:
                self._memory.move_to_end(name)
                return self._memory[name]
            return self._under_way.get(name) or self._ask(name, lambda: self.make(words, language.tag))

    def _ask(self, name: str, make: Callable[[], bytes]) -> Future[bytes]:
        if self._maker is None:
            self._maker = ThreadPoolExecutor(1, "speaking")
        future = self._under_way[name] = self._maker.submit(make)
        future.add_done_callback(lambda _: self._under_way.pop(name, None))
        return future

    def _remember(self, name: str, pcm: bytes) -> bytes:
        with self._lock:
            self._memory[name] = pcm
            while len(self._memory) > MOST_IN_MEMORY:
                self._memory.popitem(last=False)
        return pcm


def name_of(words: str, language: Language) -> str:
    """The file of a part: by voice, words and what speaks them."""
    what = json.dumps([language.local_voice, words, _version()])
    return f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.wav"


def id_of(words: str) -> str:
    """Of a part whoever speaks it: a person's recording is called that, and `.wav`."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def joined(parts: Sequence[Part], sounds: Iterable[bytes]) -> bytes:
    """The parts one after the other, each followed by its pause: their ends are silent, so nothing clicks."""
    pairs = zip(parts, sounds, strict=True)
    return b"".join(pcm + bytes(BYTES * round(part.pause * HERTZ)) for part, pcm in pairs)


def as_wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(BYTES)
        sound.setframerate(HERTZ)
        sound.writeframes(pcm)
    return file.getvalue()


def _pcm_of(path: Path) -> bytes | None:
    """What a file of ours holds; None where there is none, or not a whole one."""
    try:
        with wave.open(os.fspath(path)) as sound:
            form = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            pcm = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error):
        return None
    whole = form == (1, BYTES, HERTZ) and len(pcm) == BYTES * sound.getnframes() > 0
    return pcm if whole else None


@cache
def _version() -> str:
    return "/".join([SPEAKER, *(version(package) for package in ("pyttsx3", "espeakng-loader"))])
