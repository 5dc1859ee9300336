"""The process that speaks: one prompt at a time, by espeak-ng through pyttsx3.

It is a process of its own because espeak-ng crashes when threads share it, can be initialised once only,
and can hang; a parent that only awaits lines on a pipe survives all three.

Standard input: one JSON object a line, `{"text": str, "voice": str, "path": str}`; `voice` is an espeak-ng
voice id, `path` is where the WAV goes. Standard output: one JSON object a line, `{"frames": int}` or
`{"error": str}`. It ends when its standard input ends.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import sys
import wave
from pathlib import Path
from typing import Any

import espeakng_loader
import numpy
import soxr

# Set before pyttsx3 is imported: it looks for the library by its plain name, and finds this one loaded.
os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)

import pyttsx3  # noqa: E402

WORDS_PER_MINUTE = 160  # a little slower than talk: espeak-ng at its usual 175 is hard to follow by phone
PHONE_HERTZ = 8_000


def main() -> None:
    """Answer requests until standard input ends."""
    # pyttsx3 prints to standard output, which is our line to the parent: keep a copy, point it elsewhere.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    mouth = Mouth()
    for line in sys.stdin:
        print(json.dumps(_answer(mouth, json.loads(line))), file=replies, flush=True)


def _answer(mouth: Mouth, request: dict[str, str]) -> dict[str, Any]:
    try:
        return {"frames": _speak(mouth, request["text"], request["voice"], Path(request["path"]))}
    except Exception as error:  # whatever went wrong, the parent is waiting for one line
        return {"error": f"{type(error).__name__}: {error}"}


class Mouth:
    """A pyttsx3 engine of which we know when, and whether, it has said all."""

    def __init__(self) -> None:
        self.engine = pyttsx3.init("espeak")
        self.engine.setProperty("rate", WORDS_PER_MINUTE)
        self._ends: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.engine.connect("finished-utterance", lambda name, completed: self._ends.put(completed))

    def say(self, text: str, voice: str, path: Path) -> None:
        """Speak all of `text` into `path`, at 22,050 Hz.

        pyttsx3's first run cancels itself if espeak-ng is still taking its settings, or leaves that
        cancellation to a later run, which is then cut short without an error: such a run is done again.
        """
        self.engine.setProperty("voice", voice)
        for _ in range(3):
            while not self._ends.empty():
                self._ends.get()
            self.engine.save_to_file(text, str(path))
            self.engine.runAndWait()
            if self._was_completed():
                return
        raise RuntimeError("the speech was cut short three times")

    def _was_completed(self) -> bool:
        # The first run also returns before the speech is done; a cancelled one tells both of its ends.
        ends = [self._ends.get()]
        while not self._ends.empty():
            ends.append(self._ends.get())
        return all(ends)


def _speak(mouth: Mouth, text: str, voice: str, path: Path) -> int:
    raw = path.with_suffix(".raw.wav")
    try:
        mouth.say(text, voice, raw)
        # Read after the run: the setting is queued, and an unknown voice silently keeps the one before.
        spoken_by = mouth.engine.getProperty("voice")
        if spoken_by != voice:
            raise LookupError(f"espeak-ng has no voice {voice!r} (it would use {spoken_by!r})")
        with wave.open(str(raw), "rb") as spoken:
            samples = numpy.frombuffer(spoken.readframes(spoken.getnframes()), dtype=numpy.int16)
            hertz = spoken.getframerate()
    finally:
        raw.unlink(missing_ok=True)
    if not samples.size:
        raise ValueError("there is nothing in the text that can be spoken")
    return _write_phone_wav(path, soxr.resample(samples, hertz, PHONE_HERTZ))


def _write_phone_wav(path: Path, samples: Any) -> int:
    with wave.open(str(path), "wb") as heard:
        heard.setnchannels(1)
        heard.setsampwidth(2)
        heard.setframerate(PHONE_HERTZ)
        heard.writeframes(samples.astype(numpy.int16).tobytes())
    return len(samples)


if __name__ == "__main__":
    main()
