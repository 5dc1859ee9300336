"""Sounds to recognise: people's recordings where at hand, a synthetic voice, noises; over the telephone."""

import io
import json
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "speech"


def wav(samples: Samples, rate: int = 8_000) -> bytes:
    """16-bit PCM, mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def telephone(samples: Samples, rate: int, codec: str = "pcm_mulaw") -> bytes:
    """What a telephone line leaves of it: 8,000 Hz, 8-bit mu-law (or coded otherwise)."""
    narrow = soxr.resample(samples, rate, 8_000) if rate != 8_000 else samples
    pcm = (np.clip(narrow, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream(codec, rate=8_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = 8_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def samples_of(path: Path) -> tuple[Samples, int]:
    """A 16-bit mono WAV file's samples and rate."""
    with wave.open(str(path), "rb") as reader:
        pcm = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
        return (pcm / 32768).astype(np.float32), reader.getframerate()


def sentence(language: str) -> tuple[Samples, int, str]:
    """A person's recorded sentence, its rate, and what is said."""
    folder = _recordings("sentences")
    said = json.loads((folder / "transcripts.json").read_text("utf-8"))[language]
    return (*samples_of(folder / f"{language}.wav"), said)


def digits() -> list[tuple[int, Samples, int]]:
    """Each English digit, by three people in turn: the digit, samples, rate."""
    people = ("jackson", "nicolas", "theo")
    folder = _recordings("digits")
    return [(digit, *samples_of(folder / f"{digit}_{people[digit % 3]}_0.wav")) for digit in range(10)]


def _recordings(kind: str) -> Path:
    if not (RECORDINGS / kind).is_dir():
        pytest.skip(f"recorded speech is not at hand: {RECORDINGS / kind} is absent")
    return RECORDINGS / kind


_SPEAK = """
import ctypes, json, os, sys
import espeakng_loader
os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
import pyttsx3
voice, prompts = json.load(sys.stdin)
engine = pyttsx3.init("espeak")
for prompt in prompts:
    for name, value in (("voice", voice), ("rate", prompt["rate"]), ("pitch", prompt["pitch"])):
        engine.setProperty(name, value)
    for _ in range(5):
        engine.save_to_file(prompt["text"], prompt["path"])
        engine.runAndWait()
        if os.path.getsize(prompt["path"]) > 1000:
            break
    else:
        sys.exit("the synthesiser stays silent")
    assert engine.getProperty("voice") == voice
"""


def spoken(voice: str, texts: list[str], folder: Path) -> list[tuple[str, bytes]]:
    """Each text by a synthetic voice at five speeds and three pitches, over the telephone."""
    prompts = [
        {"text": text, "rate": rate, "pitch": pitch, "path": str(folder / f"{number}-{rate}-{pitch}.wav")}
        for number, text in enumerate(texts)
        for rate in (90, 120, 150, 180, 220)
        for pitch in (20, 50, 80)
    ]
    # The synthesiser is a process of its own: it can be initialised once, and its threads may crash. One
    # file in some hundreds comes out empty: hence its further tries.
    subprocess.run(
        [sys.executable, "-c", _SPEAK],
        input=json.dumps([voice, prompts]).encode(),
        check=True,
        capture_output=True,
        timeout=60,
    )
    return [(str(prompt["text"]), telephone(*samples_of(Path(str(prompt["path"]))))) for prompt in prompts]


def silence(seconds: float) -> Samples:
    """Digital silence at 8,000 Hz."""
    return np.zeros(round(seconds * 8_000), np.float32)


def white_noise(seconds: float, level: float = 0.1) -> Samples:
    """White noise at 8,000 Hz; level is its root mean square."""
    return (np.random.default_rng(7).standard_normal(round(seconds * 8_000)) * level).astype(np.float32)


def hum(seconds: float, hertz: float = 60.0) -> Samples:
    """A loud hum with overtones, as of a bad mains adapter, at 8,000 Hz."""
    time = np.arange(round(seconds * 8_000)) / 8_000
    return (0.3 * np.sign(np.sin(2 * np.pi * hertz * time))).astype(np.float32)


def keys_pressed(seconds: float) -> Samples:
    """The tones of the key 1, a tenth of a second in every half, at 8,000 Hz."""
    time = np.arange(round(seconds * 8_000)) / 8_000
    tone = np.sin(2 * np.pi * 697 * time) + np.sin(2 * np.pi * 1209 * time)
    return (0.3 * tone * (time % 0.5 < 0.1)).astype(np.float32)
