"""What makes parts join without clicks: no silence around them, one loudness, and ends that fade to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERTZ = 8_000
SILENT = 0.02
"""Of the loudest sample: what stays below it at either end is silence."""
BEFORE, AFTER = 0.010, 0.030
"""Seconds that are kept around what is loud: a soft consonant begins and ends there."""
FADE_IN, FADE_OUT = 0.005, 0.015
"""Seconds, each shorter than what is kept around."""
LOUDNESS, PEAK = 0.10, 0.90
"""Root mean square of what is not silence (-20 dB of full scale, as telephone speech), and the most of any sample."""


def finished(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """8 kHz samples (-1 to 1) ready to be joined: shape (n,), the first and the last are 0.

    Raises ValueError where there is nothing to hear.
    """
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    if peak < 1 / 1024:
        raise ValueError("there is nothing in it that can be heard")
    loud = np.flatnonzero(np.abs(samples) > SILENT * peak)
    first = max(0, loud[0] - round(BEFORE * HERTZ))
    kept = np.array(samples[first : loud[-1] + round(AFTER * HERTZ)], np.float32)
    voiced = kept[np.abs(kept) > SILENT * peak]
    kept *= min(LOUDNESS / float(np.sqrt(np.mean(np.square(voiced)))), PEAK / peak)
    rise, fall = (min(round(seconds * HERTZ), len(kept) // 2) for seconds in (FADE_IN, FADE_OUT))
    kept[:rise] *= _rising(rise)
    kept[len(kept) - fall :] *= _rising(fall)[::-1]
    whole: NDArray[np.int16] = np.round(kept * 32767).astype("<i2")
    return whole


def _rising(count: int) -> NDArray[np.float32]:
    """From 0 to nearly 1, as half a cosine."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(count, dtype=np.float32) / max(1, count))).astype(np.float32)
