"""The kinds of message and the promise of each, from kinds.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from care.rules.consent import topics


@dataclass(frozen=True)
class MessageKind:
    name: str
    queue: str
    priority: int
    promise: str
    to: str
    topic: str | None
    clinical: bool
    """What is not waits where the clinic's budget of the month is spent."""
    quiet_hours: bool
    urgent: bool
    again: tuple[timedelta, ...]
    expires: timedelta | None
    most_a_day: int | None
    most_a_week: int | None

    def next_try(self, attempts: int) -> timedelta | None:
        """How long to wait after `attempts` tries; None where a person must look now.

        What must arrive is tried for ever, at the last interval.
        """
        if attempts <= len(self.again):
            return self.again[max(attempts, 1) - 1]
        return self.again[-1] if self.promise == "at_least_once" else None


@cache
def kinds() -> Mapping[str, MessageKind]:
    written: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return {name: _kind(name, body) for name, body in written.items()}


def _kind(name: str, body: Mapping[str, Any]) -> MessageKind:
    caps = body.get("caps", {})
    return MessageKind(
        name,
        body["queue"],
        body["priority"],
        body["promise"],
        body["to"],
        topic := body.get("topic"),
        topic is None or topics()[topic]["clinical"],
        body["quiet_hours"],
        body.get("urgent", False),
        tuple(timedelta(minutes=minutes) for minutes in body["again"]),
        timedelta(hours=body["expires"]) if "expires" in body else None,
        caps.get("day"),
        caps.get("week"),
    )
