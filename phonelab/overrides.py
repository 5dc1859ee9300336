"""Connection overrides: what the fragment of a webhook's URL asks of the carrier (`#rc=2&rp=all`).

Twilio's "webhook connection overrides". The fragment is neither sent nor signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

KINDS = frozenset(
    {"ct", "rt", "4xx", "5xx"}
)  # connection failed, no answer in time, and the two status classes


@dataclass(frozen=True)
class Overrides:
    """`retries` more attempts after a failure of a kind in `retry_on`; the total is over all attempts."""

    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 15.0


class OverrideError(ValueError):
    """A fragment that the carrier would not take; the message names the part."""


def split(url: str, limit: float = 15.0) -> tuple[str, Overrides]:
    """The URL as sent and signed, and what its fragment asks for. Raises OverrideError."""
    bare, _, fragment = url.partition("#")
    asked = dict(parse_qsl(fragment, keep_blank_values=True))
    unknown = set(asked) - {"rc", "rp", "ct", "rt", "tt", "e", "sni"}
    if unknown:
        raise OverrideError(f"the fragment asks for {sorted(unknown)[0]!r}, which is no connection override")
    kinds = frozenset(asked.get("rp", "ct").split(","))
    if "all" in kinds:
        kinds = KINDS
    if not kinds <= KINDS:
        raise OverrideError(f"rp={asked['rp']}: one or more of 4xx, 5xx, ct, rt, all")
    return bare, Overrides(
        retries=int(_number(asked, "rc", 1, 0, 5)),
        retry_on=kinds,
        connect_seconds=_number(asked, "ct", 5000, 100, 10000) / 1000,
        read_seconds=min(limit, _number(asked, "rt", 15000, 100, 15000) / 1000),
        total_seconds=min(limit, _number(asked, "tt", 15000, 100, 15000) / 1000),
    )


def _number(asked: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    value = asked.get(name, str(default))
    if not value.isdigit() or not low <= int(value) <= high:
        raise OverrideError(f"{name}={value}: a whole number from {low} to {high}")
    return int(value)
