"""The process that speaks: one part at a time, by espeak-ng through pyttsx3.

It is a process of its own because espeak-ng crashes when threads share it, can be initialised once only,
and can hang; whoever waits for it by a pipe survives all three. What is spoken may be a patient's: it never
touches the disk.

Standard input: one JSON object a line, `{"words": str, "voice": str}` with an espeak-ng voice id, or
`{"recording": str}`, the path of a WAV that a person spoke. Standard output: one JSON object a line,
`{"pcm": str}` (base64; 8 kHz, one channel, 16 bits, without silence around it) or `{"error": str}`.
It ends when its standard input ends.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import queue
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

import espeakng_loader
import numpy as np

from voice.prompts.finishing import HERTZ, finished
from voice.recognition.audio import Audio, read_wav

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Set before pyttsx3 is imported: it looks for the library by its plain name, and finds this one loaded.
os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)

import pyttsx3  # noqa: E402

WORDS_PER_MINUTE = 150  # slower than talk: a synthetic voice on a telephone is work to listen to
LONGEST = 120.0  # seconds of a person's recording
TRIES = 3


def main() -> None:
    """Answer requests until standard input ends."""
    # pyttsx3 prints to standard output, which is our line to whoever asks: keep a copy, point it elsewhere.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    mouth = Mouth()
    for line in sys.stdin:
        print(json.dumps(_answer(mouth, json.loads(line))), file=replies, flush=True)


def _answer(mouth: Mouth, request: dict[str, str]) -> dict[str, Any]:
    try:
        spoken = recorded(request["recording"]) if "recording" in request else mouth.spoken(**request)
        return {"pcm": base64.b64encode(finished(spoken.at(HERTZ)).tobytes()).decode()}
    except Exception as error:  # whatever went wrong, somebody waits for one line
        return {"error": f"{type(error).__name__}: {error}"}


def recorded(path: str) -> Audio:
    """What a person spoke. Raises ValueError where it is no WAV, and OSError."""
    audio = read_wav(Path(path).read_bytes(), most_seconds=LONGEST)
    if not audio.readable:
        raise ValueError("this is no WAV file")
    return audio


class Mouth:
    """A pyttsx3 engine of which we know when, and whether, it has said all."""

    def __init__(self) -> None:
        self.engine = pyttsx3.init("espeak")
        self.engine.setProperty("rate", WORDS_PER_MINUTE)
        self._ends: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.engine.connect("finished-utterance", lambda name, completed: self._ends.put(completed))

    def spoken(self, words: str, voice: str) -> Audio:
        """All of `words`. Raises LookupError for a voice that espeak-ng has not, RuntimeError, ValueError."""
        self.engine.setProperty("voice", voice)
        memory = os.memfd_create("spoken")
        try:
            self._say(words, f"/proc/self/fd/{memory}")
            # Read after the run: the setting is queued, and an unknown voice silently keeps the one before.
            spoken_by = self.engine.getProperty("voice")
            if spoken_by != voice:
                raise LookupError(f"espeak-ng has no voice {voice!r} (it would use {spoken_by!r})")
            return _read(memory)
        finally:
            os.close(memory)

    def _say(self, words: str, path: str) -> None:
        """pyttsx3's first run cancels itself if espeak-ng is still taking its settings, or leaves that
        cancellation to a later run, which is then cut short without an error: such a run is done again."""
        for _ in range(TRIES):
            while not self._ends.empty():
                self._ends.get()
            self.engine.save_to_file(words, path)
            self.engine.runAndWait()
            if self._was_completed():
                return
        raise RuntimeError(f"the speech was cut short {TRIES} times")

    def _was_completed(self) -> bool:
        # The first run also returns before the speech is done; a cancelled one tells both of its ends.
        ends = [self._ends.get()]
        while not self._ends.empty():
            ends.append(self._ends.get())
        return all(ends)


def _read(memory: int) -> Audio:
    with os.fdopen(os.dup(memory), "rb") as file:
        file.seek(0)
        with wave.open(file) as spoken:
            frames, hertz = spoken.readframes(spoken.getnframes()), spoken.getframerate()
    samples: NDArray[np.float32] = np.divide(np.frombuffer(frames, np.int16), 32768, dtype=np.float32)
    return Audio(samples, hertz, len(samples) / hertz)


if __name__ == "__main__":
    main()
