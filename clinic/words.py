"""What codes in the records mean in the words of staff: words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).with_suffix(".yaml")


@cache
def words() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(WORDS.read_text("utf-8"))
    return written


def in_words(table: str, code: str | None) -> str:
    """The words for a code; a code that the table lacks is shown as it is, so nothing is hidden."""
    known: Mapping[str, str] = words()[table]
    return known.get(code or "") or (code or "").replace("_", " ")


def confidence_in_words(confidence: float) -> str:
    return next(str(row["words"]) for row in words()["confidence"] if confidence >= row["from"])
