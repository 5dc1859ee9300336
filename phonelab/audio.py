"""Telephone audio: 8 kHz mono mu-law (ITU-T G.711), and WAV in and out."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
import soxr

RATE = 8000
FRAME = 160  # samples, bytes of mu-law: 20 ms
SILENCE = 0xFF  # mu-law zero
VOICED = 300.0  # RMS of a 20 ms frame of 16-bit samples that counts as speech: about -41 dBFS
_BIAS, _CLIP = 0x84, 32635
Samples = np.ndarray[Any, np.dtype[np.int16]]


class AudioError(ValueError):
    """Bytes that are no WAV file that a phone could carry."""


def encode(samples: Samples) -> bytes:
    """16-bit samples to mu-law bytes."""
    wide = samples.astype(np.int32)
    sign = np.where(wide < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(wide), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def _table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS << ((code >> 4) & 7)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_DECODED = _table()


def decode(ulaw: bytes) -> Samples:
    """Mu-law bytes to 16-bit samples."""
    return _DECODED[np.frombuffer(ulaw, np.uint8)]


def read_wav(data: bytes) -> Samples:
    """8 kHz mono samples of a WAV file of any rate, width and number of channels. Raises AudioError."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise AudioError(f"not a WAV file that can be read: {error}") from error
    raw = raw[: len(raw) - len(raw) % (width * channels)]
    if width == 1:
        values = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    elif width == 2:
        values = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
    elif width == 3:
        parts = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32)
        values = ((parts[:, 0] << 8 | parts[:, 1] << 16 | parts[:, 2] << 24) / 2**31).astype(np.float32)
    elif width == 4:
        values = (np.frombuffer(raw, "<i4") / 2**31).astype(np.float32)
    else:
        raise AudioError(f"a WAV file of {width} bytes a sample is not read")
    mono = values.reshape(-1, channels).mean(axis=1)
    if rate != RATE and len(mono):
        mono = soxr.resample(mono, rate, RATE)
    samples: Samples = (np.clip(mono, -1, 1) * 32767).astype(np.int16)
    return samples


def write_wav(samples: Samples) -> bytes:
    """A WAV file, 8 kHz, 16 bits, mono."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def wav_seconds(data: bytes) -> float:
    """How long a WAV file lasts. Raises AudioError."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise AudioError(f"not a WAV file that can be read: {error}") from error


def voiced_frames(samples: Samples) -> list[bool]:
    """For each 20 ms: is somebody speaking? Judged by loudness alone."""
    count = len(samples) // FRAME
    if not count:
        return []
    frames = samples[: count * FRAME].astype(np.float64).reshape(count, FRAME)
    return [bool(level >= VOICED) for level in np.sqrt((frames**2).mean(axis=1))]


def trim_silence(samples: Samples) -> Samples:
    """Without the silence at both ends; empty where nobody speaks."""
    voiced = voiced_frames(samples)
    if True not in voiced:
        return samples[:0]
    first = voiced.index(True)
    last = len(voiced) - voiced[::-1].index(True)
    return samples[max(0, first - 5) * FRAME : (last + 5) * FRAME]


class Track:
    """What one person said on a call, laid on the call's time line (carrier seconds)."""

    def __init__(self) -> None:
        self._pieces: list[tuple[float, bytes]] = []
        self.end = 0.0  # when what was laid so far ends
        self.voiced_until = 0.0  # when the last speech in it ends

    def lay(self, samples: Samples, at: float) -> float:
        """Lay speech at a time, or after what is being said. Returns when it ends."""
        start = max(at, self.end)
        self._pieces.append((start, encode(samples)))
        self.end = start + len(samples) / RATE
        voiced = voiced_frames(samples)
        if True in voiced:
            last = len(voiced) - voiced[::-1].index(True)
            self.voiced_until = start + last * FRAME / RATE
        return self.end

    def between(self, start: float, end: float) -> bytes:
        """Mu-law of that stretch, silence where nothing was said."""
        length = max(0, round((end - start) * RATE))
        out = bytearray([SILENCE]) * length
        for at, ulaw in reversed(self._pieces):
            if at + len(ulaw) / RATE <= start:
                break  # pieces follow each other: those before end earlier
            offset = round((at - start) * RATE)
            skipped = max(0, -offset)
            piece = ulaw[skipped : skipped + max(0, length - max(0, offset))]
            if piece:
                begin = max(0, offset)
                out[begin : begin + len(piece)] = piece
        return bytes(out)
