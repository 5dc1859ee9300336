"""Signs that a model made its text up, or left some out."""

import re

from voice.recognition.catalogue import Limits
from voice.recognition.transcript import Doubt

_LONGEST_UNIT = 60  # characters; longer loops show in the compression ratio


def repeats(text: str) -> int:
    """How often the same two characters or more stand one after the other, at most: "no no no" → 3.

    By characters and not by words, so that it holds in scripts without spaces.
    """
    plain = "".join(re.findall(r"\w", text.lower()))
    runs = re.finditer(rf"(?=(\w{{2,{_LONGEST_UNIT}}}?)\1)((?:\1)+)", plain)
    return max((len(run[2]) // len(run[1]) for run in runs), default=1)


def why_doubt_the_words(text: str, voice_seconds: float, compression: float, limits: Limits) -> Doubt | None:
    """Why the text can't be what was said.

    compression: the length of the text over its length when zipped, the worst of its segments.
    """
    if repeats(text) > limits.most_repeats or compression > limits.most_compression:
        return Doubt.REPETITION
    pace = len(text) / max(voice_seconds, 0.001)
    if pace > limits.most_characters_a_second:
        return Doubt.TOO_MUCH_TEXT
    if pace < limits.least_characters_a_second:
        return Doubt.TOO_LITTLE_TEXT
    return None
