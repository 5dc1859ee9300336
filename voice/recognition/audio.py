"""Reads WAV bytes, whatever a carrier or a person made them, into samples that recognisers take.

The libraries are imported where they are used: the web process imports this room for its commands and
never hears anything, and they would take 30 MB of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy.typing import NDArray

# A rate outside this is a damaged header: telephony has 8,000 Hz, studios 192,000.
_RATES = range(4_000, 192_001)


@dataclass(frozen=True, eq=False)
class Audio:
    """One channel of sound."""

    samples: NDArray[np.float32]  # shape (n,), -1 to 1, at `rate`; no more than was asked for
    rate: int  # Hz
    seconds: float  # of the whole recording, also of what was cut off
    readable: bool = True

    @property
    def cut(self) -> bool:
        """Whether `samples` is only the beginning of the recording."""
        return self.seconds > len(self.samples) / self.rate + 0.001

    def at(self, rate: int) -> NDArray[np.float32]:
        """The samples, resampled: float32, shape (n,)."""
        if rate == self.rate or not len(self.samples):
            return self.samples
        import soxr

        resampled: NDArray[np.float32] = soxr.resample(self.samples, self.rate, rate)
        return resampled

    def pcm16(self, rate: int) -> bytes:
        """The samples, resampled, as 16-bit little-endian PCM."""
        import numpy as np

        return (np.clip(self.at(rate), -1, 1) * 32767).astype("<i2").tobytes()


@cache
def unreadable() -> Audio:
    """What is no recording at all: no samples, no seconds."""
    import numpy as np

    return Audio(np.zeros(0, np.float32), 8_000, 0.0, readable=False)


def read_wav(wav: bytes, *, most_seconds: float) -> Audio:
    """The first `most_seconds` of a WAV file; `unreadable()` where it isn't one. Never raises on bad bytes.

    Takes PCM of 8 to 32 bits, mu-law and A-law, any usual rate; channels are averaged. A file whose header
    promises more than there is gives what there is. Compressed formats in a WAV are refused: nothing sends
    them, and their decoders are the larger target for hostile bytes.
    """
    import av

    try:
        with av.open(io.BytesIO(wav), mode="r", format="wav") as container:
            stream = container.streams.audio[0]
            if stream.rate not in _RATES or not stream.codec_context.name.startswith("pcm_"):
                return unreadable()
            return _gathered(_mono(container, stream), stream.rate, most_seconds)
    except (av.FFmpegError, IndexError, ValueError, OSError):
        return unreadable()


def _mono(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> Iterator[NDArray[np.float32]]:
    import av
    import numpy as np

    as_floats = av.AudioResampler(format="fltp")
    for frame in container.decode(stream):
        for converted in as_floats.resample(frame):
            channels = np.asarray(converted.to_ndarray(), np.float32)  # shape (channels, n)
            # Averaged here: the library's own downmix adds channels up, which clips a sound on both.
            yield channels.mean(axis=0)


def _gathered(pieces: Iterator[NDArray[np.float32]], rate: int, most_seconds: float) -> Audio:
    import numpy as np

    kept, total, most = [np.zeros(0, np.float32)], 0, int(most_seconds * rate)
    for piece in pieces:
        kept.append(piece[: max(0, most - total)])
        total += len(piece)
    samples = np.nan_to_num(np.concatenate(kept), posinf=1.0, neginf=-1.0)
    return Audio(samples, rate, total / rate)
