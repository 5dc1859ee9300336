"""Why people come, and what that asks of a visit: from visit_reasons.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

VISIT_KINDS = ("audio", "video", "in_person")


@dataclass(frozen=True)
class Reason:
    """`visit_kinds`: the ways in which it can be done, the likeliest first."""

    name: str
    minutes: int
    visit_kinds: tuple[str, ...]


@cache
def reasons() -> Mapping[str, Reason]:
    """By name, in the order in which they are asked."""
    written: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return {
        name: Reason(name, int(body["minutes"]), tuple(body["visit_kinds"]))
        for name, body in written["reasons"].items()
    }
