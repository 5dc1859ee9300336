"""What day figures can mean: every triple of year, month and day, in the orders that people write them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from languages.numbers import Number

Order = Literal["mdy", "dmy", "ymd", "either"]
Triple = tuple[int, int, int]
"""Year, month, day as said; not yet known to be a day."""


def of_figures(numbers: tuple[Number, ...], order: Order) -> Iterator[Triple]:
    """The triples that figures can mean, the language's own order first."""
    if len(numbers) == 1 and len(numbers[0].digits) == 8:
        digits = numbers[0].digits
        year_first = int(digits[:4]), int(digits[4:6]), int(digits[6:])
        if order == "ymd":
            yield year_first
        yield from _ordered(_pieces(digits, 2, 4), order)
        yield year_first
    elif order == "ymd" and len(numbers) == 1 and len(numbers[0].digits) == 6:
        yield from _year_first(_pieces(numbers[0].digits, 2, 4))
    elif len(numbers) >= 3 and _is_long_year(numbers[0]) and len(numbers) == 3:
        yield int(numbers[0].value), int(numbers[1].value), int(numbers[2].value)
    elif len(numbers) >= 3:
        if order == "ymd" and len(numbers) == 3:
            yield from _year_first(numbers)
        yield from _ordered(numbers, order)


def _ordered(numbers: tuple[Number, ...], order: Order) -> Iterator[Triple]:
    first, second = int(numbers[0].value), int(numbers[1].value)
    for year in years(numbers[2:]):
        month_first, day_first = (year, first, second), (year, second, first)
        yield from (day_first, month_first) if order == "dmy" else (month_first, day_first)


def _year_first(numbers: tuple[Number, ...]) -> Iterator[Triple]:
    for year in years(numbers[:1]):
        yield year, int(numbers[1].value), int(numbers[2].value)


def with_month(numbers: tuple[Number, ...], month: int, order: Order) -> Iterator[Triple]:
    """The triples that the figures beside a month's name can mean."""
    if len(numbers) == 2 and _is_long_year(numbers[0]):
        yield int(numbers[0].value), month, int(numbers[1].value)
    elif len(numbers) == 2 and order == "ymd" and not _is_long_year(numbers[1]):
        for year in years(numbers[:1]):
            yield year, month, int(numbers[1].value)
    elif len(numbers) >= 2:
        for year in years(numbers[1:]):
            yield year, month, int(numbers[0].value)


def years(numbers: tuple[Number, ...]) -> Iterator[int]:
    """What may be the year: 1994; 94; "nineteen | ninety four"; "twenty | oh | three"."""
    values = [int(number.value) for number in numbers]
    if len(values) == 1 and _is_long_year(numbers[0]):
        yield values[0]
    elif len(values) == 1 and (
        len(numbers[0].digits) == 2 or (not numbers[0].digits and 10 <= values[0] <= 99)
    ):
        yield 1900 + values[0]
        yield 2000 + values[0]
    elif len(values) == 2 and values[0] in (19, 20) and 10 <= values[1] <= 99:
        yield values[0] * 100 + values[1]
    elif len(values) == 3 and values[0] in (19, 20) and values[1] == 0 and 0 <= values[2] <= 9:
        yield values[0] * 100 + values[2]


def _is_long_year(number: Number) -> bool:
    return 1000 <= number.value <= 9999 and number.value % 1 == 0


def _pieces(digits: str, first: int, second: int) -> tuple[Number, ...]:
    return piece(digits[:first]), piece(digits[first:second]), piece(digits[second:])


def piece(digits: str) -> Number:
    """A number of a date from its figures."""
    return Number(_value(digits), 0, 0, digits)


def _value(digits: str) -> Decimal:
    return Decimal(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else Decimal(-1)


def day_and_month(numbers: tuple[Number, ...], order: Order) -> Iterator[tuple[int, int]]:
    """Month and day, as two figures can mean them, the language's own order first ("3/4")."""
    first, second = int(numbers[0].value), int(numbers[1].value)
    yield from ((second, first), (first, second)) if order == "dmy" else ((first, second), (second, first))
