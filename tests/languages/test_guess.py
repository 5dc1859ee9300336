"""The language of a first text."""

from __future__ import annotations

import pytest

from languages import load
from languages.guess import guess


@pytest.mark.parametrize(
    ("text", "tag", "sure"),
    [
        ("hola", "es", True),
        ("Hola!!", "es", True),
        ("hi", "en", True),
        ("me duele la cabeza desde ayer", "es", True),
        ("I have a headache", "en", True),
        ("necesito ayuda", "es", True),
        ("headaches everywhere again today", "en", True),
        ("hello quiero una cita para mi bebé", "es", False),
        ("ok", "en", False),
        ("120/80", "en", False),
        ("bp 118/76 pulse 80", "en", False),
        ("", "en", False),
        ("bonjou", "ht", True),
        ("Sak pase?", "ht", True),
        ("alo", "ht", False),
        ("Aló", "es", False),
        ("mwen bezwen yon randevou", "ht", True),
        ("m gen tet fe mal depi maten", "ht", True),
        ("Hi, mwen bezwen pale ak yon moun", "ht", False),
        ("안녕하세요", "ko", True),
        ("ㅇㅇ", "ko", True),
        ("머리가 아파요 BP 120/80", "ko", True),
        ("مرحبا", "en", False),
        ("😀", "en", False),
    ],
)
def test_a_first_text_tells_its_language_or_that_it_does_not(text: str, tag: str, sure: bool) -> None:
    assert guess(text, load()) == (tag, sure)
