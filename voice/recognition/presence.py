"""Is there a voice in it? Asked before any recogniser, because models invent text in silence and noise.

Two measures. Level: the mean square of 20 ms frames after the mean (a direct-current offset) is taken
away, the loudest frame, in dB below full scale. Voice: Silero VAD v6, a small neural network that ships
with faster-whisper, gives each 32 ms window a probability of speech; the windows above the limit are
added up to seconds. Energy alone can't tell a hum or hiss from a voice; the network does, in 2 ms a second.
"""

from dataclasses import dataclass

from voice.recognition.audio import Audio
from voice.recognition.catalogue import Limits
from voice.recognition.transcript import Doubt

_VAD_RATE = 16_000  # Hz, what Silero was trained at
_WINDOW = 512  # samples, likewise
_MINUTE = 60 * _VAD_RATE // _WINDOW * _WINDOW  # samples, whole windows
_FULL_SCALE = 0.97  # the largest mu-law value is 0.98 of 16-bit full scale


@dataclass(frozen=True)
class Presence:
    """What can be said of a recording without understanding it."""

    level_db: float  # of the loudest 20 ms, below full scale; -120 for nothing
    voice_seconds: float
    clipped: float  # share of samples at full scale, 0 to 1


def measure(audio: Audio, limits: Limits) -> Presence:
    """Level, voice and clipping of a recording."""
    import numpy as np  # imported where used, as in audio.py

    level = _level_db(audio)
    voice = 0.0 if level < limits.digital_silence_db else _voice_seconds(audio, limits.voice_probability)
    clipped = float(np.mean(np.abs(audio.samples) > _FULL_SCALE)) if len(audio.samples) else 0.0
    return Presence(level, voice, clipped)


def why_not_to_ask(audio: Audio, presence: Presence, limits: Limits) -> Doubt | None:
    """Why no recogniser should be asked about this recording; None where there is a voice."""
    if not audio.readable:
        return Doubt.UNREADABLE
    if audio.seconds < limits.shortest_seconds:
        return Doubt.TOO_SHORT
    if presence.voice_seconds >= limits.least_voice_seconds:
        return None
    return Doubt.SILENCE if presence.level_db < limits.quiet_db else Doubt.NOISE


def _level_db(audio: Audio) -> float:
    import numpy as np

    length = audio.rate // 50
    count = len(audio.samples) // length
    if not count:
        return -120.0
    frames = audio.samples[: count * length].astype(np.float64)
    frames = (frames - frames.mean()).reshape(count, length)
    return float(10 * np.log10(np.max(np.mean(frames**2, axis=1)) + 1e-12))


def _voice_seconds(audio: Audio, probability: float) -> float:
    import numpy as np
    from faster_whisper.vad import get_vad_model

    # Half a second of silence on both sides: the network needs a run-up, and short answers have none.
    padded = np.pad(audio.at(_VAD_RATE), _VAD_RATE // 2)
    padded = np.pad(padded, (0, -len(padded) % _WINDOW))
    # Minute by minute: the network's memory grows with the length it is given.
    minutes = [padded[start : start + _MINUTE] for start in range(0, len(padded), _MINUTE)]
    voiced = sum(int(np.count_nonzero(get_vad_model()(minute) > probability)) for minute in minutes)
    return voiced * _WINDOW / _VAD_RATE
