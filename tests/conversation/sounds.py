"""WAV files as a carrier gives them: 8 kHz, 16 bits, one channel."""

from __future__ import annotations

import io
import math
import random
import struct
import wave

RATE = 8000


def spoken(seconds: int) -> bytes:
    """A tone: something to keep and to compare, and nothing that anyone could understand."""
    second = [int(8000 * math.sin(2 * math.pi * 220 * place / RATE)) for place in range(RATE)]
    return _wav(struct.pack(f"<{RATE}h", *second) * seconds)


def noise(seconds: int, loud: float = 0.2) -> bytes:
    """White noise, the same every time; silence with `loud` 0."""
    chance = random.Random(7)
    samples = [int(32767 * loud * chance.uniform(-1, 1)) for _ in range(RATE * seconds)]
    return _wav(struct.pack(f"<{len(samples)}h", *samples))


def _wav(frames: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(frames)
    return file.getvalue()
