"""What a first text is about, where it says so by itself: a reading sent without being asked."""

from __future__ import annotations

from typing import Any

from dialogue.answers import kinds
from dialogue.said import Said, Understood
from languages import Language


def reading_in(words: str | None, language: Language) -> Any:
    """The blood pressure that a text holds, or None where it holds none or could mean two."""
    if not words:
        return None
    result = kinds()["blood_pressure"].read(Said(text=words), language, {})
    return result.value if isinstance(result, Understood) else None
