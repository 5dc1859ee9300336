"""What a text or a call is expected to cost, from prices.yaml or an installation's own file. Money is micro-dollars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from care.rules.gate import country_of

OURS = Path(__file__).with_suffix(".yaml")
MICRO = 1_000_000
"""Of these make a dollar."""
KINDS = ("text_segment", "carrier_fee", "call_minute")
NOTES = ("source", "as_of", "verified")
MOST_DOLLARS = 1_000_000


class BadPrices(ValueError):
    """A file of prices can't be used; the message says in a sentence what to mend in it."""


class BadAmount(ValueError):
    """What was given is no amount of dollars; the message says how to write one."""


@dataclass(frozen=True)
class Prices:
    """`of` has micro-dollars by country and by what is paid for (KINDS); neither needs to be whole."""

    of: Mapping[str, Mapping[str, int]]
    as_of: date

    def text(self, number: str, segments: int) -> int:
        """Of so many segments to a number."""
        country = country_of(number)
        return segments * (self._one(country, "text_segment") + self._one(country, "carrier_fee"))

    def call(self, number: str, minutes: int) -> int:
        """Of a call to a number, in started minutes."""
        return minutes * self._one(country_of(number), "call_minute")

    def dearest(self, kind: str) -> tuple[str, int]:
        """The country with the highest price of a kind, and that price."""
        price, country = max((prices[kind], country) for country, prices in self.of.items() if kind in prices)
        return country, price

    def unknown(self, country: str) -> list[str]:
        """Those of KINDS that are not known of a country, and counted as the dearest."""
        return [kind for kind in KINDS if kind not in self.of.get(country, {})]

    def _one(self, country: str | None, kind: str) -> int:
        known = self.of.get(country or "", {}).get(kind)
        return self.dearest(kind)[1] if known is None else known


def started_minutes(seconds: int | None) -> int:
    """What an answered call is charged for: each minute that was begun, and one at least."""
    return max(1, -(-(seconds or 0) // 60))


@cache
def our_prices() -> Prices:
    return read(OURS)


def read(path: Path) -> Prices:
    """The prices of a file. Raises BadPrices."""
    try:
        written = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise BadPrices(f"{path} can't be read: {error.strerror}.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadPrices(f"{path} is not YAML: {_where(error)}.") from error
    countries = written.get("countries") if isinstance(written, dict) else None
    if not isinstance(countries, dict) or not countries:
        raise BadPrices(f"{path} has no `countries:`, each with its prices; docs/costs.md shows one.")
    as_of = written.get("as_of")
    if not isinstance(as_of, date):
        raise BadPrices(f"{path} does not say of which day its prices are: `as_of: 2026-11-25`.")
    prices = Prices({code: _country(path, code, body) for code, body in countries.items()}, as_of)
    for kind in KINDS:
        if not any(kind in of_country for of_country in prices.of.values()):
            raise BadPrices(f"{path} has no {kind} of any country.")
    return prices


def _country(path: Path, code: Any, body: Any) -> Mapping[str, int]:
    if not (isinstance(code, str) and re.fullmatch(r"[A-Z]{2}", code)):
        hint = " Write NO in quotes: YAML takes it for a no." if code is False else ""
        raise BadPrices(f"{path}: a country is written as two capitals, such as US, not {code!r}.{hint}")
    if not isinstance(body, dict) or not str(body.get("source") or "").strip():
        raise BadPrices(f"{path}: {code} has no `source:`, which says where its prices are from.")
    if unknown := sorted(str(name) for name in set(body) - {*KINDS, *NOTES}):
        raise BadPrices(f"{path}: {code} has {unknown[0]}, which is no price; there are {', '.join(KINDS)}.")
    return {kind: _price(path, code, kind, body[kind]) for kind in KINDS if kind in body}


def _price(path: Path, code: str, kind: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_DOLLARS * MICRO:
        raise BadPrices(
            f"{path}: {code} {kind} must be a whole number of millionths of a dollar"
            f" (8300 for $0.0083), not {value!r}."
        )
    return value


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"look at line {mark.line + 1}" if mark else "it holds what is no text"


def in_dollars(micro: int) -> str:
    """$1,234.50; below a dollar with what is after the cents, $0.0128."""
    amount = Decimal(micro) / MICRO
    places = Decimal("0.01") if abs(amount) >= 1 or micro % 10_000 == 0 else Decimal("0.0001")
    rounded = amount.quantize(places, ROUND_HALF_UP)
    return f"-${-rounded:,}" if rounded < 0 else f"${abs(rounded):,}"


def from_dollars(words: str) -> int:
    """Micro-dollars of an amount as somebody writes it: 250, $1,250.50. Raises BadAmount."""
    plain = words.strip().removeprefix("$").strip()
    if not re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d{1,2})?|\d{1,9}(\.\d{1,2})?", plain, re.ASCII):
        raise BadAmount("Write an amount of dollars, such as 250 or 250.50.")
    amount = Decimal(plain.replace(",", ""))
    if amount > MOST_DOLLARS:
        raise BadAmount(f"Write an amount of at most {MOST_DOLLARS:,} dollars.")
    return int(amount * MICRO)
