"""What may be sent to many, and when a second person has to agree to it: from bulk.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class What:
    """One thing that can be sent to many: the kind of its messages, and the flow by channel, the best first."""

    kind: str
    flows: Mapping[str, str]


def whats() -> Mapping[str, What]:
    return {name: What(body["kind"], body["flows"]) for name, body in _table()["what"].items()}


def batch() -> int:
    """People gone through in one commit."""
    return int(_table()["batch"])


def needs_second_person(people: int) -> bool:
    return people > int(_table()["second_person_above"])


def why_not_by(login: str, made_by: str, people: int) -> str | None:
    """Why this person may not agree to it; None where they may."""
    if needs_second_person(people) and login.casefold() == made_by.casefold():
        return "Somebody else than whoever prepared it has to agree."
    return None


@cache
def _table() -> Mapping[str, Any]:
    written: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return written
