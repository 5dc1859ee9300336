"""An installation's own prices, and what is said where they can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import furnish
from settings import Settings, SettingsError

GOOD = "as_of: 2026-11-25\ncountries: {US: {text_segment: 1, carrier_fee: 2, call_minute: 3, source: ours}}\n"


def start(home: Path, prices: str) -> int:
    file = home / "prices.yaml"
    file.write_text(prices, "utf-8")
    house = furnish(Settings.from_environ({"CARELINE_HOME": str(home), "CARELINE_PRICES": str(file)}))
    house.database.close()
    return house.prices.text("+16175550101", 10)


def test_they_are_used(tmp_path: Path) -> None:
    assert start(tmp_path, GOOD) == 30


def test_what_is_wrong_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CARELINE_PRICES: .*US text_segment must be a whole number"):
        start(tmp_path, GOOD.replace("text_segment: 1,", "text_segment: 0.0083,"))
