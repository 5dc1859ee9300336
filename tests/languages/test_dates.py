"""Dates whose bounds are not a birth's; the readings of birth dates stand with the answer kinds."""

from __future__ import annotations

from datetime import date

import pytest

from languages import load
from languages.dates import Trouble, Unread, read_date, read_keys

FIRST, LAST = date(2026, 11, 21), date(2027, 2, 28)


@pytest.mark.parametrize(
    ("tag", "text", "meant"),
    [
        ("en", "december 1 2026", date(2026, 12, 1)),
        ("en", "12/1/26", date(2026, 12, 1)),
        ("es", "1/12/2026", date(2026, 12, 1)),
        ("es", "1 de diciembre del 26", date(2026, 12, 1)),
        ("en", "11/20/2026", Trouble.TOO_EARLY),
        ("en", "3/1/2027", Trouble.TOO_LATE),
        ("en", "2/30/2027", Trouble.NO_SUCH_DAY),
        ("en", "may i come in december", Trouble.NOT_A_DATE),
        ("es", "2/1/2027", Trouble.DAY_OR_MONTH),
        ("en", "x" * 200, Trouble.NOT_A_DATE),
    ],
)
def test_a_date_to_come_is_read_within_its_bounds(tag: str, text: str, meant: date | Trouble) -> None:
    found = read_date(text, load()[tag], FIRST, LAST)
    assert (found.trouble if isinstance(found, Unread) else found) == meant


def test_a_doubtful_date_gives_the_days_that_it_may_be() -> None:
    found = read_date("2/1/2027", load()["es"], FIRST, LAST)
    assert isinstance(found, Unread)
    assert found.days == (date(2027, 1, 2), date(2027, 2, 1))


def test_keys_are_month_first_whatever_the_language() -> None:
    assert read_keys("12012026", FIRST, LAST) == date(2026, 12, 1)
    assert read_keys("1*2*2027", FIRST, LAST) == date(2027, 1, 2)
