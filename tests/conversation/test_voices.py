"""Languages that the carrier has no voice for: written by text, never read aloud in another language's voice."""

from __future__ import annotations

MARIE, KIM = "+16175550104", "+16175550105"


def test_who_writes_haitian_creole_is_asked_for_her_language_when_she_calls(day):
    marie = day.phone(MARIE)
    marie.texts("bonjou", "1")  # Haitian Creole by text, and remembered
    heard = marie.call().said
    assert "For English, press 1." in heard
    assert not any("kreyòl" in words for words in heard)


def test_who_writes_korean_is_spoken_to_in_korean(day):
    kim = day.phone(KIM)
    kim.texts("안녕하세요", "1")
    assert any("911" in words and "전화" in words for words in kim.call().said)
