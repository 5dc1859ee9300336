"""What a text and a call are expected to cost, and a table of prices that somebody wrote by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from care.rules.prices import (
    KINDS,
    OURS,
    BadAmount,
    BadPrices,
    Prices,
    from_dollars,
    in_dollars,
    our_prices,
    read,
    started_minutes,
)

ROSA, TORONTO, SAN_JUAN, LONDON = "+16175550101", "+14165550101", "+17875550101", "+447700900123"
PRICES = Prices(
    {
        "US": {"text_segment": 8_000, "carrier_fee": 4_000, "call_minute": 14_000},
        "CA": {"text_segment": 9_000, "carrier_fee": 5_000, "call_minute": 20_000},
        "PR": {"text_segment": 42_000},
    },
    date(2026, 11, 25),
)
GOOD = """
as_of: 2026-11-25
countries:
  US: {text_segment: 7000, carrier_fee: 0, call_minute: 12000, source: our contract}
"""


@pytest.mark.parametrize(
    ("number", "segments", "price"),
    [
        (ROSA, 0, 0),
        (ROSA, 1, 12_000),
        (ROSA, 3, 36_000),
        (TORONTO, 2, 28_000),
        # Of Puerto Rico no fee is known: the dearest, Canada's, is taken.
        (SAN_JUAN, 1, 47_000),
        # Of a country that stands nowhere each price is the dearest: Puerto Rico's and Canada's.
        (LONDON, 2, 94_000),
        ("nobody", 1, 47_000),
    ],
)
def test_a_text_costs_its_segments_and_the_fee_for_each(number: str, segments: int, price: int) -> None:
    assert PRICES.text(number, segments) == price


@pytest.mark.parametrize(
    ("number", "seconds", "price"),
    [
        (ROSA, None, 14_000),
        (ROSA, 0, 14_000),
        (ROSA, 1, 14_000),
        (ROSA, 60, 14_000),
        (ROSA, 61, 28_000),
        (ROSA, 80, 28_000),
        (ROSA, 3600, 840_000),
        (TORONTO, 61, 40_000),
        (SAN_JUAN, 61, 40_000),
        (LONDON, 59, 20_000),
    ],
)
def test_a_call_costs_each_minute_that_was_begun(number: str, seconds: int | None, price: int) -> None:
    """1 minute and 20 seconds are 2 minutes: the carrier's help, article 223132307."""
    assert PRICES.call(number, started_minutes(seconds)) == price


def test_what_is_not_known_is_said() -> None:
    assert PRICES.unknown("US") == []
    assert PRICES.unknown("PR") == ["carrier_fee", "call_minute"]
    assert PRICES.unknown("GB") == list(KINDS)
    assert [PRICES.dearest(kind)[0] for kind in KINDS] == ["PR", "CA", "CA"]


def test_our_own_table_says_where_each_price_is_from_and_who_has_not_checked_it() -> None:
    assert our_prices().unknown("US") == []
    written = yaml.safe_load(OURS.read_text("utf-8"))
    assert set(written["reviewed"]) == {"by", "on"}
    for body in written["countries"].values():
        assert body["source"]
        assert isinstance(body["as_of"], date)
        assert body["verified"] in (True, False)


def test_a_file_of_an_installation(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(GOOD, "utf-8")
    prices = read(file)
    assert prices.text(ROSA, 2) == 14_000
    assert prices.text(TORONTO, 2) == 14_000, "it stands alone: ours is not mixed in"
    assert prices.as_of == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("was", "instead", "sentence"),
    [
        (GOOD, "[", "is not YAML: look at line 1"),
        (GOOD, "", "has no `countries:`"),
        ("US: {", "USA: {", "two capitals, such as US, not 'USA'"),
        ("US: {", "NO: {", "Write NO in quotes"),
        ("as_of: 2026-11-25", "as_of: lately", "of which day its prices are"),
        ("7000", "0.007", r"US text_segment must be a whole number of millionths .* not 0.007"),
        ("7000", "-7000", "US text_segment must be a whole number"),
        ("7000", "yes", "US text_segment must be a whole number"),
        ("7000", "seven", "not 'seven'"),
        ("text_segment: 7000, ", "", "has no text_segment of any country"),
        ("call_minute", "call_minutes", "US has call_minutes, which is no price"),
        ("source: our contract", "source: ''", "US has no `source:`"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_a_sentence(
    tmp_path: Path, was: str, instead: str, sentence: str
) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(GOOD.replace(was, instead), "utf-8")
    with pytest.raises(BadPrices, match=sentence):
        read(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadPrices, match="can't be read"):
        read(tmp_path / "prices.yaml")


@pytest.mark.parametrize(
    ("micro", "shown"),
    [
        (0, "$0.00"),
        (12_800, "$0.0128"),
        (10_000, "$0.01"),
        (20, "$0.0000"),
        (999_999, "$1.0000"),
        (1_005_000, "$1.01"),
        (1_234_567_890_000, "$1,234,567.89"),
        (-12_800, "-$0.0128"),
    ],
)
def test_an_amount_as_it_is_read(micro: int, shown: str) -> None:
    assert in_dollars(micro) == shown


@pytest.mark.parametrize(
    ("words", "micro"),
    [
        ("250", 250_000_000),
        (" $1,250.5 ", 1_250_500_000),
        ("0", 0),
        ("0.01", 10_000),
        ("1000000", 1_000_000_000_000),
    ],
)
def test_an_amount_as_it_is_written(words: str, micro: int) -> None:
    assert from_dollars(words) == micro


@pytest.mark.parametrize(
    "words", ["", "-5", "1e3", "12.345", "1,25", "250 euros", "٢٥٠", "1000000.01", "NaN", "9" * 50]
)
def test_no_amount(words: str) -> None:
    with pytest.raises(BadAmount, match="Write an amount"):
        from_dollars(words)
