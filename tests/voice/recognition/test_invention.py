"""Text that can't have been said is doubted."""

import pytest

from voice.recognition.catalogue import catalogue
from voice.recognition.invention import repeats, why_doubt_the_words


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("", 1),
        ("My blood pressure was high this morning.", 1),
        ("No, no, no, I did not.", 3),
        ("Thank you. Thank you. Thank you. Thank you.", 4),
        ("謝謝你謝謝你謝謝你謝謝你謝謝你", 5),
        ("and the apostle of the apostle of the apostle of the apostle of the middle", 4),
    ],
)
def test_counts_words_that_come_one_after_the_other(text: str, times: int) -> None:
    assert repeats(text) == times


@pytest.mark.parametrize(
    ("text", "voice_seconds", "compression", "doubt"),
    [
        ("I have had a headache since yesterday.", 2.5, 1.1, None),
        ("yes we can " * 5, 5.0, 1.5, "repetition"),
        ("a loop too long to be seen in the text", 2.0, 3.0, "repetition"),
        ("So this is the first video of the video.", 0.5, 1.0, "more text than speech"),
        ("Thank you.", 20.0, 1.0, "less text than speech"),
    ],
)
def test_text_is_held_against_the_voice_it_came_from(
    text: str, voice_seconds: float, compression: float, doubt: str | None
) -> None:
    assert why_doubt_the_words(text, voice_seconds, compression, catalogue().limits) == doubt
