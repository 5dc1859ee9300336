"""What the carrier's error codes mean to us: refusals.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, cast

import yaml

About = Literal["number", "text", "account"]


class Meaning(StrEnum):
    """Why a text or a call was refused or failed. refusals.yaml says which are permanent."""

    INVALID_NUMBER = "invalid number"
    OPTED_OUT = "opted out"
    NOT_A_MOBILE = "not a mobile"
    LANDLINE = "landline"
    UNKNOWN_HANDSET = "unknown handset"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    FILTERED = "filtered"
    BAD_TEXT = "bad text"
    UNREGISTERED_SENDER = "unregistered sender"
    BAD_SENDER = "bad sender"
    NOT_ALLOWED = "not allowed"
    AUTHENTICATION = "authentication"
    SUSPENDED = "suspended"
    RATE_LIMITED = "rate limited"
    NOT_FOUND = "not found"
    CARRIER_FAULT = "carrier fault"
    UNKNOWN = "unknown"

    @property
    def permanent(self) -> bool:
        """Whether sending the same again to the same number will fail again."""
        return _TRAITS[self].permanent

    @property
    def about(self) -> About:
        """What has to change first: the number, the text, or our own account."""
        return _TRAITS[self].about


@dataclass(frozen=True)
class _Traits:
    permanent: bool
    about: About


_TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text("utf-8"))
_TRAITS = {
    Meaning(name): _Traits(bool(row["permanent"]), cast(About, row["about"]))
    for name, row in _TABLE["meanings"].items()
}
_CODES = {int(code): Meaning(name) for code, name in _TABLE["codes"].items()}


def meaning(code: int | None) -> Meaning:
    """What an error code means; UNKNOWN (which is not permanent) for one that is not in the table."""
    return _CODES.get(code or 0, Meaning.UNKNOWN)
